package market

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// NetworkID names one etal network. Everything signed begins with it, and the
// objects of another network are refused.
type NetworkID [32]byte

// NewNetworkID derives the id from the chain id, the channels contract, the
// token and the DHT prefix. Each part is length-prefixed, so no two different
// networks share their input.
func NewNetworkID(chainID uint64, contract, token Account, dhtPrefix string) NetworkID {
	h := sha256.New()
	put := func(b []byte) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], chainID)
	put([]byte("etal network 1"))
	put(id[:])
	put(contract[:])
	put(token[:])
	put([]byte(dhtPrefix))
	return NetworkID(h.Sum(nil))
}

// String returns the id in hex.
func (n NetworkID) String() string { return hex.EncodeToString(n[:]) }

// MarshalText writes the id in hex.
func (n NetworkID) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (n *NetworkID) UnmarshalText(b []byte) error { return unhex32((*[32]byte)(n), "", b) }

// Account is an address on the chain: a renter's or a provider's.
type Account [20]byte

// String returns the address as 0x and 40 lower-case hex digits.
func (a Account) String() string { return "0x" + hex.EncodeToString(a[:]) }

// IsZero reports whether a is the zero address, which nobody owns.
func (a Account) IsZero() bool { return a == Account{} }

// MarshalText writes the address as String does.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes; the case of the digits is not
// checked.
func (a *Account) UnmarshalText(b []byte) error {
	v, err := ParseAccount(string(b))
	if err == nil {
		*a = v
	}
	return err
}

// ParseAccount reads an address: 0x and 40 hex digits.
func ParseAccount(s string) (Account, error) {
	var a Account
	if len(s) != 42 || s[0] != '0' || (s[1] != 'x' && s[1] != 'X') {
		return a, fmt.Errorf("%w: address %q is not 0x and 40 hex digits", ErrInvalid, s)
	}
	if _, err := hex.Decode(a[:], []byte(s[2:])); err != nil {
		return a, fmt.Errorf("%w: address %q: %w", ErrInvalid, s, err)
	}
	return a, nil
}
