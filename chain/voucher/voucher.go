package voucher

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
)

// Voucher is a signed total. Its payee may take up to Cumulative out of the channel.
type Voucher struct {
	// Channel is the id of the channel: Terms.ID.
	Channel [32]byte
	// Cumulative is the total since the channel was opened, in base units.
	Cumulative *big.Int
	// Parts say which leases it pays, in ascending order of lease; they sum to Cumulative.
	Parts []Part
}

var voucherType = typeHash("Voucher(bytes32 channel,uint256 cumulative,bytes32 parts)")

// New makes the voucher of a channel whose parts are these, in any order. It copies them and their amounts. It reports
// ErrParts or ErrAmount when they do not make a valid voucher.
func New(channel [32]byte, parts []Part) (Voucher, error) {
	if len(parts) > MaxParts {
		return Voucher{}, fmt.Errorf("%w: %d of at most %d", ErrParts, len(parts), MaxParts)
	}
	own := make([]Part, len(parts))
	for i, p := range parts {
		if err := checkAmount("part", p.Cumulative); err != nil {
			return Voucher{}, err
		}
		own[i] = Part{Lease: p.Lease, Cumulative: new(big.Int).Set(p.Cumulative)}
	}
	slices.SortFunc(own, compareParts)
	sum, err := sumParts(own)
	if err != nil {
		return Voucher{}, err
	}
	v := Voucher{Channel: channel, Cumulative: sum, Parts: own}
	return v, v.Validate()
}

// Validate reports ErrAmount or ErrParts unless the amounts are in range, there are at most MaxParts parts, in strictly
// ascending order of lease, and they sum to Cumulative. A voucher of zero is valid.
func (v Voucher) Validate() error {
	if err := checkAmount("voucher", v.Cumulative); err != nil {
		return err
	}
	sum, err := sumParts(v.Parts)
	if err != nil {
		return err
	}
	if sum.Cmp(v.Cumulative) != 0 {
		return fmt.Errorf("%w: they sum to %s, the voucher says %s", ErrParts, sum, v.Cumulative)
	}
	return nil
}

// Digest is what the channel's signer signs.
func (v Voucher) Digest(d Domain) [32]byte {
	return digestVoucher(d, v.Channel, v.Cumulative, PartsHash(v.Parts))
}

func digestVoucher(d Domain, channel [32]byte, cumulative *big.Int, parts [32]byte) [32]byte {
	var w words
	w.bytes32(voucherType)
	w.bytes32(channel)
	w.amount(cumulative)
	w.bytes32(parts)
	return d.digest(w.hash())
}

// Sign validates the voucher and signs it with the key of the channel's signer. Whether that key may spend so much is
// for the caller to decide before.
func (v Voucher) Sign(d Domain, key *ecdsa.PrivateKey) ([]byte, error) {
	if err := v.check(d); err != nil {
		return nil, fmt.Errorf("voucher: %w", err)
	}
	return Sign(v.Digest(d), key)
}

// Verify validates the voucher and reports ErrSignature unless sig is signer's.
func (v Voucher) Verify(d Domain, signer common.Address, sig []byte) error {
	if err := v.check(d); err != nil {
		return fmt.Errorf("voucher: %w", err)
	}
	if err := verify(v.Digest(d), signer, sig); err != nil {
		return fmt.Errorf("voucher: %w", err)
	}
	return nil
}

func (v Voucher) check(d Domain) error {
	if err := d.Validate(); err != nil {
		return err
	}
	return v.Validate()
}

// Part returns what the voucher says of a lease: zero for one that it does not pay. The result is a copy.
func (v Voucher) Part(lease [32]byte) *big.Int {
	if p, ok := Find(v.Parts, lease); ok && p.Cumulative != nil {
		return new(big.Int).Set(p.Cumulative)
	}
	return new(big.Int)
}

// Follows reports nil when next may take prev's place: both are valid and of one channel, and no part of prev is missing
// in next or larger than there. The same voucher again follows itself. The zero Voucher as prev means that there is none
// yet. It reports ErrChannel, ErrShrinks, or what Validate reports.
func Follows(prev, next Voucher) error {
	if err := next.Validate(); err != nil {
		return err
	}
	if prev.Cumulative == nil && len(prev.Parts) == 0 {
		return nil
	}
	if err := prev.Validate(); err != nil {
		return fmt.Errorf("earlier voucher: %w", err)
	}
	if prev.Channel != next.Channel {
		return ErrChannel
	}
	for _, p := range prev.Parts {
		q, ok := Find(next.Parts, p.Lease)
		if !ok {
			return fmt.Errorf("%w: lease %x is missing", ErrShrinks, p.Lease[:4])
		}
		if q.Cumulative.Cmp(p.Cumulative) < 0 {
			return fmt.Errorf("%w: lease %x from %s to %s", ErrShrinks, p.Lease[:4], p.Cumulative, q.Cumulative)
		}
	}
	return nil
}
