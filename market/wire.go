package market

import (
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Proto returns r as a message.
func (r Resources) Proto() *marketpb.Resources {
	return &marketpb.Resources{MilliCpu: r.MilliCPU, Memory: r.Memory, Disk: r.Disk, Gpus: r.GPUs, Gpu: r.GPU}
}

// ResourcesFromProto checks and converts a message. Quantities may be 0.
func ResourcesFromProto(m *marketpb.Resources) (Resources, error) {
	if err := m.Validate(); err != nil {
		return Resources{}, err
	}
	return Resources{MilliCPU: m.MilliCpu, Memory: m.Memory, Disk: m.Disk, GPUs: m.Gpus, GPU: m.Gpu}, nil
}

// Proto returns p as a message.
func (p Price) Proto() *marketpb.Price {
	return &marketpb.Price{
		Core: p.Core.Bytes(), Memory: p.Memory.Bytes(), Disk: p.Disk.Bytes(), Gpu: p.GPU.Bytes(), Egress: p.Egress.Bytes(),
	}
}

// PriceFromProto checks and converts a message.
func PriceFromProto(m *marketpb.Price) (Price, error) {
	if err := m.Validate(); err != nil {
		return Price{}, err
	}
	var p Price
	for _, part := range []struct {
		to   *Amount
		from []byte
	}{{&p.Core, m.Core}, {&p.Memory, m.Memory}, {&p.Disk, m.Disk}, {&p.GPU, m.Gpu}, {&p.Egress, m.Egress}} {
		a, err := AmountFromBytes(part.from)
		if err != nil {
			return Price{}, err
		}
		*part.to = a
	}
	return p, p.Validate()
}

// Proto returns b as a message.
func (b Bind) Proto() *marketpb.Bind {
	return &marketpb.Bind{
		Account: b.Account[:], Signer: b.Signer[:], Peer: []byte(b.Peer), ValidUntilS: marketpb.Seconds(b.ValidUntil),
		AccountSig: b.AccountSig, PeerSig: b.PeerSig,
	}
}

// BindFromProto checks the form of a message and converts it. It checks neither
// signature nor time: see Validate and CheckPeer.
func BindFromProto(m *marketpb.Bind) (Bind, error) {
	if err := m.Validate(); err != nil {
		return Bind{}, err
	}
	b := Bind{
		Account: Account(m.Account), Signer: Account(m.Signer), Peer: peer.ID(m.Peer),
		ValidUntil: marketpb.FromSeconds(m.ValidUntilS), AccountSig: m.AccountSig, PeerSig: m.PeerSig,
	}
	return b, b.sense()
}

func duration(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// MaxDuration bounds every duration of the trade: ten years.
const MaxDuration = MaxDeliveredMS * time.Millisecond
