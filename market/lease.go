package market

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// LeaseID names a lease: the EIP-712 digest that both parties signed.
type LeaseID [32]byte

// String returns the id in hex.
func (id LeaseID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText writes the id in hex.
func (id LeaseID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (id *LeaseID) UnmarshalText(b []byte) error { return unhex32((*[32]byte)(id), "", b) }

// ChannelID names a channel on the chain.
type ChannelID [32]byte

// String returns the id as 0x and hex, as other Ethereum tools print it.
func (id ChannelID) String() string { return "0x" + hex.EncodeToString(id[:]) }

// MarshalText writes the id as String does.
func (id ChannelID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (id *ChannelID) UnmarshalText(b []byte) error { return unhex32((*[32]byte)(id), "0x", b) }

// unhex32 reads 64 hex digits behind a prefix. It changes id only where all is well.
func unhex32(id *[32]byte, prefix string, text []byte) error {
	digits, ok := bytes.CutPrefix(text, []byte(prefix))
	if !ok || len(digits) != 2*len(id) {
		return fmt.Errorf("%w: %.80q is not %s and 64 hex digits", ErrInvalid, text, prefix)
	}
	var v [32]byte
	if _, err := hex.Decode(v[:], digits); err != nil {
		return fmt.Errorf("%w: %.80q: %w", ErrInvalid, text, err)
	}
	*id = v
	return nil
}

// Lease is an accepted Offer. Its terms are hashed into what both sign.
type Lease struct {
	Network          NetworkID
	Renter, Provider Account
	RenterPeer       peer.ID
	ProviderPeer     peer.ID
	RenterSigner     Account
	ProviderSigner   Account
	// ResourceID and Sequence together are sold once: the sequence rises with
	// each lease of the resource id, so two leases with the same pair prove fraud.
	ResourceID uint64
	Sequence   uint64
	Resources  Resources
	Price      Price
	Tier       Tier
	Accepted   time.Time     // whole seconds
	Term       time.Duration // whole seconds, from Accepted
	Channel    ChannelID     // pays for it
	Credit     time.Duration // delivered at most before the channel is confirmed
	// UnpaidPause and UnpaidStop: at paidThrough + UnpaidPause of delivered time
	// the allocation is paused, and after UnpaidStop of being paused stopped.
	UnpaidPause, UnpaidStop time.Duration
}

// Expires returns the end of the lease's term.
func (l Lease) Expires() time.Time { return l.Accepted.Add(l.Term) }

// MaxCost returns what the lease costs if it delivers its whole term.
func (l Lease) MaxCost() (Amount, error) {
	return Usage{DeliveredMS: l.Term.Milliseconds()}.Cost(l.Price, l.Resources)
}

// LeaseState is the life of a lease as one party sees it.
type LeaseState string

const (
	// LeaseHeld keeps capacity for a proposal for a few seconds. Nothing is owed.
	LeaseHeld LeaseState = "held"
	// LeaseOpening is committed; its channel is not confirmed yet. The provider
	// risks at most the lease's credit.
	LeaseOpening LeaseState = "opening"
	// LeaseActive is committed and its channel is confirmed. Delivered time is owed.
	LeaseActive LeaseState = "active"
	// LeaseEnded delivers nothing any more; what was delivered may not be paid yet.
	LeaseEnded LeaseState = "ended"
	// LeaseSettled is ended and its last voucher is redeemed and confirmed, or
	// nothing was owed. It moves no money any more.
	LeaseSettled LeaseState = "settled"
	// LeaseReleased was held and never committed. Nothing was ever owed.
	LeaseReleased LeaseState = "released"
)
