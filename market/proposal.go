package market

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Proposal is a renter's signed wish to lease at a price that a provider
// offered. It commits nobody: it asks the provider to hold capacity for a few
// seconds.
type Proposal struct {
	Network   NetworkID
	Bind      Bind // of the renter
	Nonce     [16]byte
	Resources Resources
	Price     Price
	Term      time.Duration // whole seconds
	Tier      Tier
	Channel   ChannelID // that would pay; zero where it is still to be opened
	Issued    time.Time // whole milliseconds
	Sig       []byte    // 65 bytes, by Bind.Signer over SigningBytes
}

// SigningBytes returns what the renter's signer signs: the network id, "etal
// proposal 1", nonce, account, signer, channel, term (s), issued (ms),
// quantities (8 bytes big-endian each), and behind one length byte each the
// peer, the tier, the GPU model and the five prices.
func (p Proposal) SigningBytes() []byte {
	b := append(p.Network[:len(p.Network):len(p.Network)], "etal proposal 1"...)
	for _, part := range [][]byte{p.Nonce[:], p.Bind.Account[:], p.Bind.Signer[:], p.Channel[:]} {
		b = append(b, part...)
	}
	for _, v := range []int64{
		int64(p.Term / time.Second), marketpb.Milli(p.Issued),
		p.Resources.MilliCPU, p.Resources.Memory, p.Resources.Disk, p.Resources.GPUs,
	} {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	for _, part := range [][]byte{
		[]byte(p.Bind.Peer), []byte(p.Tier), []byte(p.Resources.GPU),
		p.Price.Core.Bytes(), p.Price.Memory.Bytes(), p.Price.Disk.Bytes(), p.Price.GPU.Bytes(), p.Price.Egress.Bytes(),
	} {
		b = append(b, byte(len(part)))
		b = append(b, part...)
	}
	return b
}

// Validate checks the form and the sense of the proposal, and that at now its
// bind holds and it was issued within MaxClockSkew. It checks no signature.
func (p Proposal) Validate(now time.Time) error {
	if err := p.sense(); err != nil {
		return err
	}
	if err := p.Bind.Validate(now); err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	if age := now.Sub(p.Issued); age > MaxClockSkew || age < -MaxClockSkew {
		return fmt.Errorf("proposal: %w: issued %s from now", ErrExpired, -age.Round(time.Second))
	}
	return p.Proto().Validate()
}

func (p Proposal) sense() error {
	switch {
	case p.Network == (NetworkID{}):
		return fmt.Errorf("%w proposal: no network", ErrInvalid)
	case !p.Tier.Known():
		return fmt.Errorf("%w proposal: unknown tier %.20q", ErrInvalid, p.Tier)
	case p.Term < time.Second || p.Term > MaxDuration || p.Term%time.Second != 0:
		return fmt.Errorf("%w proposal: the term must be whole seconds, at least one", ErrInvalid)
	}
	if err := p.Resources.Validate(); err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	if err := p.Price.Validate(); err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	return p.Bind.sense()
}

// Proto returns the proposal as a message.
func (p Proposal) Proto() *marketpb.Proposal {
	m := &marketpb.Proposal{
		Network: p.Network[:], Bind: p.Bind.Proto(), Nonce: p.Nonce[:], Resources: p.Resources.Proto(), Price: p.Price.Proto(),
		TermS: int64(p.Term / time.Second), Tier: string(p.Tier), IssuedMs: marketpb.Milli(p.Issued), Sig: p.Sig,
	}
	if p.Channel != (ChannelID{}) {
		m.Channel = p.Channel[:]
	}
	return m
}

// ProposalFromProto checks the form and the sense of a message and converts it.
// It checks neither time nor signature.
func ProposalFromProto(m *marketpb.Proposal) (Proposal, error) {
	if err := m.Validate(); err != nil {
		return Proposal{}, err
	}
	bind, err := BindFromProto(m.Bind)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal: %w", err)
	}
	r, err := ResourcesFromProto(m.Resources)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal: %w", err)
	}
	price, err := PriceFromProto(m.Price)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal: %w", err)
	}
	p := Proposal{
		Network: NetworkID(m.Network), Bind: bind, Nonce: [16]byte(m.Nonce), Resources: r, Price: price,
		Term: time.Duration(m.TermS) * time.Second, Tier: Tier(m.Tier), Issued: marketpb.FromMilli(m.IssuedMs), Sig: m.Sig,
	}
	if len(m.Channel) != 0 {
		if p.Channel = ChannelID(m.Channel); p.Channel == (ChannelID{}) {
			return Proposal{}, fmt.Errorf("%w proposal: the channel of zeros is none", ErrInvalid)
		}
	}
	return p, p.sense()
}
