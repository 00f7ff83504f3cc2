package voucher

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
)

// Open is the renter's permission to open a channel: anybody may submit it to the contract's openFor, pays the gas, and is
// repaid out of the renter's balance with at most FeeCap. It works once, because a channel's id can be opened only once.
type Open struct {
	// Terms are those of the channel.
	Terms Terms
	// Amount is what is moved from the renter's balance into the channel, in base units; not zero.
	Amount *big.Int
	// FeeCap is the most that the submitter may take, in base units; zero is allowed.
	FeeCap *big.Int
	// Deadline is the last second, in Unix time, at which it can be submitted.
	Deadline uint64
}

var openType = typeHash("Open(Terms terms,uint256 amount,uint256 feeCap,uint256 deadline)" + termsTypeText)

// Validate reports ErrTerms or ErrAmount for an Open that the contract would refuse.
func (o Open) Validate() error {
	if err := o.Terms.Validate(); err != nil {
		return err
	}
	if err := checkAmount("amount", o.Amount); err != nil {
		return err
	}
	if o.Amount.Sign() == 0 {
		return fmt.Errorf("amount: %w", ErrAmount)
	}
	return checkAmount("fee cap", o.FeeCap)
}

// Digest is what the renter signs.
func (o Open) Digest(d Domain) [32]byte {
	var w words
	w.bytes32(openType)
	w.bytes32(o.Terms.structHash())
	w.amount(o.Amount)
	w.amount(o.FeeCap)
	w.uint64(o.Deadline)
	return d.digest(w.hash())
}

// Sign validates the Open and signs it with the renter's key.
func (o Open) Sign(d Domain, key *ecdsa.PrivateKey) ([]byte, error) {
	if err := o.check(d); err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return Sign(o.Digest(d), key)
}

// Verify validates the Open and reports ErrSignature unless sig is the renter's.
func (o Open) Verify(d Domain, sig []byte) error {
	if err := o.check(d); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if err := verify(o.Digest(d), o.Terms.Renter, sig); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return nil
}

func (o Open) check(d Domain) error {
	if err := d.Validate(); err != nil {
		return err
	}
	return o.Validate()
}

// StartClose is the permission to begin closing a channel for a renter who cannot pay for gas: anybody may submit it to
// the contract's startCloseFor. The renter's key or the channel's signer signs it.
type StartClose struct {
	// Channel is the channel's id.
	Channel [32]byte
	// Deadline is the last second, in Unix time, at which it can be submitted.
	Deadline uint64
}

var startCloseType = typeHash("StartClose(bytes32 channel,uint256 deadline)")

// Digest is what is signed.
func (s StartClose) Digest(d Domain) [32]byte {
	var w words
	w.bytes32(startCloseType)
	w.bytes32(s.Channel)
	w.uint64(s.Deadline)
	return d.digest(w.hash())
}

// Sign signs it with the key of the channel's renter or signer.
func (s StartClose) Sign(d Domain, key *ecdsa.PrivateKey) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, fmt.Errorf("start close: %w", err)
	}
	return Sign(s.Digest(d), key)
}

// Verify reports ErrSignature unless sig is signer's.
func (s StartClose) Verify(d Domain, signer common.Address, sig []byte) error {
	if err := d.Validate(); err != nil {
		return fmt.Errorf("start close: %w", err)
	}
	if err := verify(s.Digest(d), signer, sig); err != nil {
		return fmt.Errorf("start close: %w", err)
	}
	return nil
}
