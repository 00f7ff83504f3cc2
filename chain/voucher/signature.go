package voucher

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// SignatureSize is the length of every signature here: r, s and v.
const SignatureSize = 65

// Sign signs a digest with plain ECDSA on secp256k1. The result is r ‖ s ‖ v with the lower s and v 27 or 28, the one
// form that the contract and Recover accept. It reports ErrKey for a key that cannot sign.
func Sign(digest [32]byte, key *ecdsa.PrivateKey) ([]byte, error) {
	//nolint:staticcheck // only asked whether there is one; it is neither read nor changed
	if key == nil || key.D == nil || key.Curve == nil || key.Curve.Params().N.Cmp(crypto.S256().Params().N) != 0 {
		return nil, ErrKey
	}
	sig, err := crypto.Sign(digest[:], key)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sig[64] += 27
	return sig, nil
}

// Recover returns the address whose key made the signature of a digest. It reports ErrSignature for anything but 65
// bytes with r and s in range, the lower s, and v 27 or 28: a second form of the same signature is refused, as the
// contract refuses it. The zero address is never returned without an error.
func Recover(digest [32]byte, sig []byte) (common.Address, error) {
	if len(sig) != SignatureSize {
		return common.Address{}, fmt.Errorf("%w: %d bytes", ErrSignature, len(sig))
	}
	v := sig[64] - 27 // wraps for v < 27, and is then refused
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:64])
	if !crypto.ValidateSignatureValues(v, r, s, true) {
		return common.Address{}, fmt.Errorf("%w: not canonical", ErrSignature)
	}
	var raw [SignatureSize]byte
	copy(raw[:], sig)
	raw[64] = v
	pub, err := crypto.Ecrecover(digest[:], raw[:])
	if err != nil {
		return common.Address{}, fmt.Errorf("%w: no key made it", ErrSignature)
	}
	return common.BytesToAddress(crypto.Keccak256(pub[1:])[12:]), nil
}

// Address is the account of a private key, which must not be nil.
func Address(key *ecdsa.PrivateKey) common.Address { return crypto.PubkeyToAddress(key.PublicKey) }

// verify reports ErrSignature unless sig is who's signature of the digest.
func verify(digest [32]byte, who common.Address, sig []byte) error {
	got, err := Recover(digest, sig)
	if err != nil {
		return err
	}
	if got != who {
		return fmt.Errorf("%w: made by %s, not %s", ErrSignature, got, who)
	}
	return nil
}
