package keys

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
)

// hardened is the bit that marks a hardened step of a path.
const hardened = uint32(1) << 31

// node is one private node of a BIP-32 tree.
type node struct {
	secret *big.Int
	chain  [32]byte
}

// master makes the root of the tree of a seed of 16 to 64 bytes.
func master(seed []byte) (node, error) {
	if len(seed) < 16 || len(seed) > 64 {
		return node{}, fmt.Errorf("keys: %w: %d bytes", ErrSeed, len(seed))
	}
	return split([]byte("Bitcoin seed"), seed, new(big.Int))
}

// child derives one step, as CKDpriv of BIP-32.
func (n node) child(i uint32) (node, error) {
	data := make([]byte, 0, 37)
	if i&hardened != 0 {
		data = append(data, 0)
		data = append(data, n.secret.FillBytes(make([]byte, 32))...)
	} else {
		k, err := n.key()
		if err != nil {
			return node{}, err
		}
		data = append(data, crypto.CompressPubkey(&k.PublicKey)...)
	}
	data = binary.BigEndian.AppendUint32(data, i)
	return split(n.chain[:], data, n.secret)
}

// split makes a node from HMAC-SHA512: the left half plus the parent's secret
// is the new secret, the right half the chain code. The two results that
// BIP-32 forbids are refused instead of skipped: nobody has ever met one.
func split(key, data []byte, parent *big.Int) (node, error) {
	mac := hmac.New(sha512.New, key)
	mac.Write(data)
	sum := mac.Sum(nil)
	order := crypto.S256().Params().N
	left := new(big.Int).SetBytes(sum[:32])
	if left.Cmp(order) >= 0 {
		return node{}, fmt.Errorf("keys: %w", ErrSeed)
	}
	n := node{secret: left.Add(left, parent)}
	n.secret.Mod(n.secret, order)
	if n.secret.Sign() == 0 {
		return node{}, fmt.Errorf("keys: %w", ErrSeed)
	}
	copy(n.chain[:], sum[32:])
	return n, nil
}

func (n node) key() (*ecdsa.PrivateKey, error) {
	k, err := crypto.ToECDSA(n.secret.FillBytes(make([]byte, 32)))
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return k, nil
}

// parsePath reads m/44'/60'/0'/0/0: at most ten steps, each below 2³¹, with '
// or h for a hardened one.
func parsePath(s string) ([]uint32, error) {
	parts := strings.Split(s, "/")
	if parts[0] != "m" || len(parts) > 11 {
		return nil, fmt.Errorf("keys: path %.64q: %w", s, ErrPath)
	}
	steps := make([]uint32, 0, len(parts)-1)
	for _, p := range parts[1:] {
		var mark uint32
		if t := strings.TrimRight(p, "'h"); len(t) == len(p)-1 {
			p, mark = t, hardened
		}
		// ParseUint takes a sign in no base, but "+1" must not pass either way.
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("keys: path %.64q: %w", s, ErrPath)
		}
		steps = append(steps, uint32(n)|mark)
	}
	return steps, nil
}
