package market

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Receipt is what both parties sign at a lease's end. One that only one of them
// signed is that one's word, and weighs nothing.
type Receipt struct {
	Network     NetworkID
	Lease       LeaseID
	Usage       Usage      // what was delivered
	EndState    AllocState // how it ended; one of the ended states
	Reason      string     // for people, at most 512 bytes
	CostUnits   *big.Int   // what it cost, in the token's base units
	Ended       time.Time  // whole milliseconds
	ProviderSig []byte     // 65 bytes, by the lease's ProviderSigner over SigningBytes
	RenterSig   []byte     // 65 bytes, by the lease's RenterSigner over SigningBytes
}

// SigningBytes returns what both sign: the network id, "etal receipt 1", the
// lease, delivered ms, egress bytes, the end in Unix ms (8 bytes big-endian
// each), and behind two length bytes each the end state, the reason and the
// cost in base units. The receipt must be valid.
func (r Receipt) SigningBytes() []byte {
	b := append(r.Network[:len(r.Network):len(r.Network)], "etal receipt 1"...)
	b = append(b, r.Lease[:]...)
	for _, v := range []int64{r.Usage.DeliveredMS, r.Usage.EgressBytes, marketpb.Milli(r.Ended)} {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	var cost []byte
	if r.CostUnits != nil {
		cost = r.CostUnits.Bytes()
	}
	for _, part := range [][]byte{[]byte(r.EndState), []byte(r.Reason), cost} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(part)))
		b = append(b, part...)
	}
	return b
}

// Validate checks the form of the receipt and that it names an end. It checks
// no signature.
func (r Receipt) Validate() error {
	m, err := r.Proto()
	if err != nil {
		return err
	}
	if err := m.Validate(); err != nil {
		return err
	}
	return r.sense()
}

func (r Receipt) sense() error {
	if r.Network == (NetworkID{}) || r.Lease == (LeaseID{}) {
		return fmt.Errorf("%w receipt: no network or no lease", ErrInvalid)
	}
	if !r.EndState.Ended() {
		return fmt.Errorf("%w receipt: %.20q is not an end", ErrInvalid, r.EndState)
	}
	return nil
}

// Cosigned reports whether both signatures are there. It does not check them.
func (r Receipt) Cosigned() bool { return len(r.ProviderSig) > 0 && len(r.RenterSig) > 0 }

// SameTerms reports whether r and o say the same, whoever signed them.
func (r Receipt) SameTerms(o Receipt) bool {
	return string(r.SigningBytes()) == string(o.SigningBytes())
}

// Proto returns the receipt as a message. It refuses a cost that is negative or
// does not fit.
func (r Receipt) Proto() (*marketpb.Receipt, error) {
	cost, err := marketpb.UnitsBytes(r.CostUnits)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	return &marketpb.Receipt{
		Network: r.Network[:], Lease: r.Lease[:], DeliveredMs: r.Usage.DeliveredMS, EgressBytes: r.Usage.EgressBytes,
		EndState: string(r.EndState), Reason: r.Reason, CostUnits: cost, EndedMs: marketpb.Milli(r.Ended),
		ProviderSig: r.ProviderSig, RenterSig: r.RenterSig,
	}, nil
}

// ReceiptFromProto checks the form of a message and converts it.
func ReceiptFromProto(m *marketpb.Receipt) (Receipt, error) {
	if err := m.Validate(); err != nil {
		return Receipt{}, err
	}
	cost, err := marketpb.Units(m.CostUnits)
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	r := Receipt{
		Network: NetworkID(m.Network), Lease: LeaseID(m.Lease),
		Usage:    Usage{DeliveredMS: m.DeliveredMs, EgressBytes: m.EgressBytes},
		EndState: AllocState(m.EndState), Reason: m.Reason, CostUnits: cost, Ended: marketpb.FromMilli(m.EndedMs),
		ProviderSig: m.ProviderSig, RenterSig: m.RenterSig,
	}
	return r, r.sense()
}
