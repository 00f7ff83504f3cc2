package voucher

import (
	"crypto/ecdsa"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
)

// Lease is what a renter and a provider agreed, in the form that both accounts sign and a contract can read.
type Lease struct {
	// Network is the network's id.
	Network [32]byte
	// Renter is the account that pays.
	Renter common.Address
	// Provider is the account that delivers.
	Provider common.Address
	// ResourceID is the provider's number for what is leased; with Sequence it is sold once.
	ResourceID uint64
	// Sequence rises with each lease of the resource.
	Sequence uint64
	// Channel is the id of the channel that pays.
	Channel [32]byte
	// Accepted is when the provider accepted, in Unix seconds.
	Accepted uint64
	// Term is how long the lease may last, in seconds; not zero.
	Term uint64
	// Terms is the hash of everything else that was agreed: resources, prices, limits.
	Terms [32]byte
}

var leaseType = typeHash("Lease(bytes32 network,address renter,address provider,uint64 resourceId,uint64 sequence," +
	"bytes32 channel,uint64 accepted,uint64 term,bytes32 terms)")

// Validate reports ErrLease for a lease that lacks a party, a channel, its time or its terms.
func (l Lease) Validate() error {
	switch {
	case l.Network == [32]byte{}:
		return fmt.Errorf("%w: no network", ErrLease)
	case l.Renter == common.Address{}:
		return fmt.Errorf("%w: no renter", ErrLease)
	case l.Provider == common.Address{}:
		return fmt.Errorf("%w: no provider", ErrLease)
	case l.Channel == [32]byte{}:
		return fmt.Errorf("%w: no channel", ErrLease)
	case l.Accepted == 0 || l.Term == 0:
		return fmt.Errorf("%w: no time", ErrLease)
	case l.Accepted+l.Term < l.Accepted:
		return fmt.Errorf("%w: it never ends", ErrLease)
	case l.Terms == [32]byte{}:
		return fmt.Errorf("%w: no terms", ErrLease)
	}
	return nil
}

// Digest is what both accounts sign, and the lease's id.
func (l Lease) Digest(d Domain) [32]byte {
	var w words
	w.bytes32(leaseType)
	w.bytes32(l.Network)
	w.address(l.Renter)
	w.address(l.Provider)
	w.uint64(l.ResourceID)
	w.uint64(l.Sequence)
	w.bytes32(l.Channel)
	w.uint64(l.Accepted)
	w.uint64(l.Term)
	w.bytes32(l.Terms)
	return d.digest(w.hash())
}

// Sign validates the lease and signs it with the key of one of its two accounts.
func (l Lease) Sign(d Domain, key *ecdsa.PrivateKey) ([]byte, error) {
	if err := l.check(d); err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	return Sign(l.Digest(d), key)
}

// VerifyRenter validates the lease and reports ErrSignature unless sig is the renter's.
func (l Lease) VerifyRenter(d Domain, sig []byte) error { return l.verify(d, l.Renter, sig) }

// VerifyProvider validates the lease and reports ErrSignature unless sig is the provider's.
func (l Lease) VerifyProvider(d Domain, sig []byte) error { return l.verify(d, l.Provider, sig) }

func (l Lease) verify(d Domain, who common.Address, sig []byte) error {
	if err := l.check(d); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	if err := verify(l.Digest(d), who, sig); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	return nil
}

func (l Lease) check(d Domain) error {
	if err := d.Validate(); err != nil {
		return err
	}
	return l.Validate()
}
