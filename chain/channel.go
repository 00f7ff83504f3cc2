package chain

import (
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/voucher"
)

// ChannelID names a channel: the hash of its terms, the chain and the contract.
type ChannelID [32]byte

// String returns the id as 0x and 64 hex digits.
func (id ChannelID) String() string { return common.Hash(id).Hex() }

// Phase says what can still happen to a channel's money.
type Phase string

const (
	// Open: vouchers are redeemed, more can be added.
	Open Phase = "open"
	// Closing: vouchers are redeemed until somebody finalizes, which is possible
	// from ClosesAt on; nothing can be added.
	Closing Phase = "closing"
	// Closed: what was not redeemed is back in the renter's deposited balance,
	// and vouchers are worthless.
	Closed Phase = "closed"
)

// Channel is what the contract knows of a channel as of the tip. It is a copy:
// the caller may change it.
type Channel struct {
	// ID of the channel.
	ID ChannelID
	// Terms never change.
	Terms voucher.Terms
	// Amount locked in total, in base units; after closing what it was before.
	Amount *big.Int
	// ConfirmedAmount is what of Amount has enough confirmations to be relied
	// upon: zero while the opening has not.
	ConfirmedAmount *big.Int
	// Redeemed is what the payee has taken in total, in base units.
	Redeemed *big.Int
	// Phase as of the tip. A closing that is not confirmed counts: what may close
	// is not relied upon.
	Phase Phase
	// ClosesAt is the earliest time to finalize, by the chain's clock; zero while
	// the channel is open.
	ClosesAt time.Time
	// OpenedAt is the block in which it was opened.
	OpenedAt uint64
	// Payments are the last redemptions, at most 64, oldest first.
	Payments []Payment
	// Confirmations of the opening: 1 in the tip's own block.
	Confirmations uint64
}

// Payment is one redemption of a channel, as its Redeemed event says.
type Payment struct {
	// Tx is the transaction.
	Tx common.Hash `json:"tx"`
	// Block it is in.
	Block uint64 `json:"block"`
	// Amount moved to the payee, in base units.
	Amount *big.Int `json:"amount"`
}

// Rest is what the payee could still redeem with large enough vouchers, in base
// units.
func (c Channel) Rest() *big.Int {
	if c.Phase == Closed {
		return new(big.Int)
	}
	return new(big.Int).Sub(c.Amount, c.Redeemed)
}

// Balances are what an account owns, except what is locked in its channels.
type Balances struct {
	// Deposited is the account's balance inside the contract as of the tip, in
	// base units.
	Deposited *big.Int
	// Confirmed is the lowest that Deposited has been since the blocks that have
	// enough confirmations: what can be relied upon.
	Confirmed *big.Int
	// Wallet is the account's balance of the token outside the contract, in base
	// units; nil while it has not been read. Only watched accounts' are.
	Wallet *big.Int
	// Coin is the account's balance of the chain's own coin, in wei; nil while it
	// has not been read. Only watched accounts' are.
	Coin *big.Int
}
