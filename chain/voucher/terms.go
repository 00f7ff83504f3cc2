package voucher

import (
	"bytes"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
)

const (
	// MinWindow is the shortest closing window, in seconds: one hour.
	MinWindow = 60 * 60
	// MaxWindow is the longest closing window, in seconds: thirty days.
	MaxWindow = 30 * 24 * 60 * 60
)

// Terms are what never changes about a channel. The chain stores only their hash.
type Terms struct {
	// Renter is the account whose balance pays and to which the rest returns.
	Renter common.Address
	// Payee is the only address that redeemed money can go to.
	Payee common.Address
	// Signer is the address of the key that signs vouchers.
	Signer common.Address
	// Token is the settlement token; zero means the chain's own coin.
	Token common.Address
	// Window is how many seconds after the renter begins to close the payee can still redeem.
	Window uint64
	// Salt makes channels of the same parties different and carries the purpose: NewSalt.
	Salt [32]byte
}

var termsType = typeHash(termsTypeText)

const termsTypeText = "Terms(address renter,address payee,address signer,address token,uint64 window,bytes32 salt)"

// Validate reports ErrTerms for terms that the contract refuses to open a channel with.
func (t Terms) Validate() error {
	switch zero := (common.Address{}); {
	case t.Renter == zero:
		return fmt.Errorf("%w: no renter", ErrTerms)
	case t.Payee == zero:
		return fmt.Errorf("%w: no payee", ErrTerms)
	case t.Signer == zero:
		return fmt.Errorf("%w: no signer", ErrTerms)
	case t.Window < MinWindow || t.Window > MaxWindow:
		return fmt.Errorf("%w: window of %d s is not within %d and %d", ErrTerms, t.Window, MinWindow, MaxWindow)
	}
	return nil
}

// ID is the id of the channel with these terms in a domain, as the contract's channelId computes it:
// keccak256(abi.encode(chain id, contract, terms)).
func (t Terms) ID(d Domain) [32]byte {
	var w words
	w.uint64(d.ChainID)
	w.address(d.Contract)
	t.write(&w)
	return w.hash()
}

func (t Terms) write(w *words) {
	w.address(t.Renter)
	w.address(t.Payee)
	w.address(t.Signer)
	w.address(t.Token)
	w.uint64(t.Window)
	w.bytes32(t.Salt)
}

// structHash is EIP-712's hash of the terms as a struct inside another.
func (t Terms) structHash() [32]byte {
	var w words
	w.bytes32(termsType)
	t.write(&w)
	return w.hash()
}

// MaxPurpose is the length of a purpose in bytes.
const MaxPurpose = 8

// NewSalt makes a salt that says what a channel is for, such as "compute" or "storage", and is different from all others
// because unique is random. It reports ErrTerms for a purpose that is empty, longer than MaxPurpose, or not lower-case
// letters.
func NewSalt(purpose string, unique [24]byte) ([32]byte, error) {
	var salt [32]byte
	if !validPurpose(purpose) {
		return salt, fmt.Errorf("%w: purpose %q", ErrTerms, purpose)
	}
	copy(salt[:MaxPurpose], purpose)
	copy(salt[MaxPurpose:], unique[:])
	return salt, nil
}

// Purpose reads back what NewSalt was told; it is empty for a salt that NewSalt did not make.
func Purpose(salt [32]byte) string {
	purpose := string(bytes.TrimRight(salt[:MaxPurpose], "\x00"))
	if !validPurpose(purpose) {
		return ""
	}
	return purpose
}

func validPurpose(s string) bool {
	if len(s) == 0 || len(s) > MaxPurpose {
		return false
	}
	for _, c := range []byte(s) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
