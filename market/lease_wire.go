package market

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Validate checks the form and the sense of the terms. A zero Channel is valid:
// an Accept may lack it. It checks no clock.
func (l Lease) Validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w lease: %s", ErrInvalid, fmt.Sprintf(format, args...))
	}
	switch {
	case l.Network == (NetworkID{}):
		return bad("no network")
	case l.Renter.IsZero() || l.Provider.IsZero() || l.RenterSigner.IsZero() || l.ProviderSigner.IsZero():
		return bad("the zero address owns nothing")
	case l.Sequence == 0:
		return bad("sequences begin with 1")
	case !l.Tier.Known():
		return bad("unknown tier %.20q", l.Tier)
	case l.Accepted.Unix() <= 0 || l.Accepted.Nanosecond() != 0:
		return bad("accepted must be a whole second")
	case l.Term < time.Second || l.Term > MaxDuration || l.Term%time.Second != 0:
		return bad("the term must be whole seconds, at least one")
	case l.Credit < 0 || l.Credit > MaxDuration || l.Credit%time.Millisecond != 0:
		return bad("the credit must be whole milliseconds")
	case l.UnpaidPause < 0 || l.UnpaidPause > MaxDuration || l.UnpaidPause%time.Millisecond != 0,
		l.UnpaidStop < 0 || l.UnpaidStop > MaxDuration || l.UnpaidStop%time.Millisecond != 0:
		return bad("the unpaid times must be whole milliseconds")
	}
	for _, id := range []peer.ID{l.RenterPeer, l.ProviderPeer} {
		if err := checkPeerID(id); err != nil {
			return fmt.Errorf("lease: %w", err)
		}
	}
	if err := l.Resources.Validate(); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	if err := l.Price.Validate(); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	// The form says what ranges the two sides' messages can carry.
	return l.Proto().Validate()
}

// Proto returns the terms as a message.
func (l Lease) Proto() *marketpb.LeaseTerms {
	m := &marketpb.LeaseTerms{
		Network: l.Network[:], Renter: l.Renter[:], Provider: l.Provider[:],
		RenterPeer: []byte(l.RenterPeer), ProviderPeer: []byte(l.ProviderPeer),
		RenterSigner: l.RenterSigner[:], ProviderSigner: l.ProviderSigner[:],
		ResourceId: l.ResourceID, Sequence: l.Sequence, Resources: l.Resources.Proto(), Price: l.Price.Proto(),
		Tier: string(l.Tier), AcceptedS: marketpb.Seconds(l.Accepted), TermS: int64(l.Term / time.Second),
		CreditMs: l.Credit.Milliseconds(), UnpaidPauseMs: l.UnpaidPause.Milliseconds(), UnpaidStopMs: l.UnpaidStop.Milliseconds(),
	}
	if l.Channel != (ChannelID{}) {
		m.Channel = l.Channel[:]
	}
	return m
}

// LeaseFromProto checks and converts a message.
func LeaseFromProto(m *marketpb.LeaseTerms) (Lease, error) {
	if err := m.Validate(); err != nil {
		return Lease{}, err
	}
	r, err := ResourcesFromProto(m.Resources)
	if err != nil {
		return Lease{}, fmt.Errorf("lease: %w", err)
	}
	p, err := PriceFromProto(m.Price)
	if err != nil {
		return Lease{}, fmt.Errorf("lease: %w", err)
	}
	l := Lease{
		Network: NetworkID(m.Network), Renter: Account(m.Renter), Provider: Account(m.Provider),
		RenterPeer: peer.ID(m.RenterPeer), ProviderPeer: peer.ID(m.ProviderPeer),
		RenterSigner: Account(m.RenterSigner), ProviderSigner: Account(m.ProviderSigner),
		ResourceID: m.ResourceId, Sequence: m.Sequence, Resources: r, Price: p,
		Tier: Tier(m.Tier), Accepted: marketpb.FromSeconds(m.AcceptedS), Term: time.Duration(m.TermS) * time.Second,
		Credit: duration(m.CreditMs), UnpaidPause: duration(m.UnpaidPauseMs), UnpaidStop: duration(m.UnpaidStopMs),
	}
	if len(m.Channel) != 0 {
		if l.Channel = ChannelID(m.Channel); l.Channel == (ChannelID{}) {
			return Lease{}, fmt.Errorf("%w lease: the channel of zeros is none", ErrInvalid)
		}
	}
	return l, l.Validate()
}

const leaseHeader = "etal lease 1"

// Encode returns the one encoding of the terms that is hashed and kept: the
// header "etal lease 1", then, in this order, network, renter, provider, renter
// signer, provider signer, channel (all as they are), resource id, sequence,
// milli-cores, memory, disk, GPUs, accepted (s), term (s), credit (ms), unpaid
// pause (ms), unpaid stop (ms) as 8 bytes big-endian each, then, each behind its
// length in one byte, renter peer, provider peer, tier, GPU model and the prices
// core, memory, disk, GPU, egress. The lease must be valid.
func (l Lease) Encode() []byte {
	b := []byte(leaseHeader)
	for _, part := range [][]byte{l.Network[:], l.Renter[:], l.Provider[:], l.RenterSigner[:], l.ProviderSigner[:], l.Channel[:]} {
		b = append(b, part...)
	}
	for _, v := range []uint64{
		l.ResourceID, l.Sequence,
		uint64(l.Resources.MilliCPU), uint64(l.Resources.Memory), uint64(l.Resources.Disk), uint64(l.Resources.GPUs),
		uint64(l.Accepted.Unix()), uint64(l.Term / time.Second),
		uint64(l.Credit.Milliseconds()), uint64(l.UnpaidPause.Milliseconds()), uint64(l.UnpaidStop.Milliseconds()),
	} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	for _, part := range [][]byte{
		[]byte(l.RenterPeer), []byte(l.ProviderPeer), []byte(l.Tier), []byte(l.Resources.GPU),
		l.Price.Core.Bytes(), l.Price.Memory.Bytes(), l.Price.Disk.Bytes(), l.Price.GPU.Bytes(), l.Price.Egress.Bytes(),
	} {
		b = append(b, byte(len(part))) // a valid lease has no part above 64 bytes
		b = append(b, part...)
	}
	return b
}

// TermsHash is the SHA-256 of Encode. It stands for all terms in the lease that
// both sides sign for the chain.
func (l Lease) TermsHash() [32]byte { return sha256.Sum256(l.Encode()) }

// DecodeLease reads what Encode returns, and nothing else: for what it accepts,
// Encode gives the same bytes again.
func DecodeLease(b []byte) (Lease, error) {
	c := cursor{b: b}
	if string(c.take(len(leaseHeader))) != leaseHeader {
		return Lease{}, fmt.Errorf("%w lease: not one of this version", ErrInvalid)
	}
	var l Lease
	for _, part := range [][]byte{l.Network[:], l.Renter[:], l.Provider[:], l.RenterSigner[:], l.ProviderSigner[:], l.Channel[:]} {
		copy(part, c.take(len(part)))
	}
	l.ResourceID, l.Sequence = c.uint(), c.uint()
	l.Resources.MilliCPU, l.Resources.Memory = int64(c.uint()), int64(c.uint())
	l.Resources.Disk, l.Resources.GPUs = int64(c.uint()), int64(c.uint())
	l.Accepted = marketpb.FromSeconds(c.below(1 << 40))
	l.Term = time.Duration(c.below(MaxDeliveredMS/1000+1)) * time.Second
	l.Credit = duration(c.below(MaxDeliveredMS + 1))
	l.UnpaidPause = duration(c.below(MaxDeliveredMS + 1))
	l.UnpaidStop = duration(c.below(MaxDeliveredMS + 1))
	l.RenterPeer, l.ProviderPeer = peer.ID(c.short()), peer.ID(c.short())
	l.Tier, l.Resources.GPU = Tier(c.short()), string(c.short())
	for _, to := range []*Amount{&l.Price.Core, &l.Price.Memory, &l.Price.Disk, &l.Price.GPU, &l.Price.Egress} {
		a, err := AmountFromBytes(c.short())
		if err != nil {
			return Lease{}, fmt.Errorf("lease: %w", err)
		}
		*to = a
	}
	if c.bad || len(c.b) != 0 {
		return Lease{}, fmt.Errorf("%w lease: wrong length", ErrInvalid)
	}
	return l, l.Validate()
}

// cursor reads parts off the front of b. Reading past the end sets bad and
// yields zeros.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n > len(c.b) {
		c.bad, c.b = true, nil
		return make([]byte, n)
	}
	part := c.b[:n:n]
	c.b = c.b[n:]
	return part
}

func (c *cursor) uint() uint64 { return binary.BigEndian.Uint64(c.take(8)) }

// below reads a number under limit, so that no duration made of it overflows.
func (c *cursor) below(limit int64) int64 {
	v := c.uint()
	if v >= uint64(limit) {
		c.bad = true
		return 0
	}
	return int64(v)
}

func (c *cursor) short() []byte { return c.take(int(c.take(1)[0])) }
