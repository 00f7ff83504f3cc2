package voucher

import (
	"encoding/binary"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// Domain is where a statement counts: one contract on one chain. Both fields are required.
type Domain struct {
	// ChainID is the chain's id, as eth_chainId reports it.
	ChainID uint64
	// Contract is the address of the Channels contract.
	Contract common.Address
}

// Validate reports ErrDomain for a domain that nothing can be signed in.
func (d Domain) Validate() error {
	if d.ChainID == 0 || d.Contract == (common.Address{}) {
		return ErrDomain
	}
	return nil
}

var (
	domainType  = typeHash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
	domainName  = typeHash("etal")
	domainMajor = typeHash("1")
)

// Separator is EIP-712's domain separator, the same that the contract computes.
func (d Domain) Separator() [32]byte {
	var w words
	w.bytes32(domainType)
	w.bytes32(domainName)
	w.bytes32(domainMajor)
	w.uint64(d.ChainID)
	w.address(d.Contract)
	return w.hash()
}

// digest is what is signed for a struct hash: keccak256(0x19 0x01 ‖ separator ‖ hash).
func (d Domain) digest(hash [32]byte) [32]byte {
	var b [66]byte
	sep := d.Separator()
	b[0], b[1] = 0x19, 0x01
	copy(b[2:], sep[:])
	copy(b[34:], hash[:])
	return crypto.Keccak256Hash(b[:])
}

func typeHash(s string) [32]byte { return crypto.Keccak256Hash([]byte(s)) }

// words builds the ABI encoding of a few static values without allocating: hashing by hand is several times faster
// than go-ethereum's general EIP-712 code, which the tests use as their oracle.
type words struct {
	b [10 * 32]byte
	n int
}

func (w *words) next() []byte {
	s := w.b[w.n : w.n+32]
	w.n += 32
	return s
}

func (w *words) bytes32(v [32]byte)       { copy(w.next(), v[:]) }
func (w *words) address(v common.Address) { copy(w.next()[12:], v[:]) }
func (w *words) uint64(v uint64)          { binary.BigEndian.PutUint64(w.next()[24:], v) }

// amount writes a number that has passed checkAmount; without that it would panic, so digests of unchecked values go
// through clamp.
func (w *words) amount(v *big.Int) { clamp(v).FillBytes(w.next()) }

func (w *words) hash() [32]byte { return crypto.Keccak256Hash(w.b[:w.n]) }

// MaxAmountBits is the width of an amount in the contract.
const MaxAmountBits = 96

// checkAmount reports ErrAmount for what the contract could not hold.
func checkAmount(name string, v *big.Int) error {
	if v == nil || v.Sign() < 0 || v.BitLen() > MaxAmountBits {
		return fmt.Errorf("%s: %w", name, ErrAmount)
	}
	return nil
}

// clamp makes a digest computable for any value: what is out of range hashes as zero. It never matters, for Sign and
// Verify validate first; it only keeps Digest free of panics.
func clamp(v *big.Int) *big.Int {
	if v == nil || v.Sign() < 0 || v.BitLen() > 256 {
		return new(big.Int)
	}
	return v
}
