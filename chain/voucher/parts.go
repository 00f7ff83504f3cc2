package voucher

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/crypto"
)

// MaxParts is how many leases one channel can serve in its life; for more, a new channel is opened. It bounds what a
// stranger's voucher makes us hash and keep.
const MaxParts = 256

// Part is one lease's share of a voucher.
type Part struct {
	// Lease is the lease's id: the digest of its Lease.
	Lease [32]byte
	// Cumulative is what was paid for this lease since it began, in base units.
	Cumulative *big.Int
}

// PartsHash is what a voucher's signature covers of its parts: keccak256 over lease and cumulative, 32 bytes each, of
// every part in ascending order of lease. The parts must be valid, as Voucher.Validate says.
func PartsHash(parts []Part) [32]byte {
	b := make([]byte, 64*len(parts))
	for i, p := range parts {
		copy(b[64*i:], p.Lease[:])
		clamp(p.Cumulative).FillBytes(b[64*i+32 : 64*i+64])
	}
	return crypto.Keccak256Hash(b)
}

// sumParts returns what the parts sum to. It reports ErrParts for too many, unsorted or repeated ones, and ErrAmount for
// one out of range.
func sumParts(parts []Part) (*big.Int, error) {
	if len(parts) > MaxParts {
		return nil, fmt.Errorf("%w: %d of at most %d", ErrParts, len(parts), MaxParts)
	}
	sum := new(big.Int)
	for i, p := range parts {
		if err := checkAmount("part", p.Cumulative); err != nil {
			return nil, err
		}
		if i > 0 && compareParts(parts[i-1], p) >= 0 {
			return nil, fmt.Errorf("%w: not in ascending order of lease", ErrParts)
		}
		sum.Add(sum, p.Cumulative)
	}
	return sum, nil
}

func compareParts(a, b Part) int { return bytes.Compare(a.Lease[:], b.Lease[:]) }

// Find returns the part of a lease, and whether there is one. The parts must be in order.
func Find(parts []Part, lease [32]byte) (Part, bool) {
	i, ok := slices.BinarySearchFunc(parts, Part{Lease: lease}, compareParts)
	if !ok {
		return Part{}, false
	}
	return parts[i], true
}
