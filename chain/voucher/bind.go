package voucher

import (
	"crypto/ecdsa"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

const (
	// MinPeer is the length in bytes of the shortest peer id: a multihash's two bytes and a hash.
	MinPeer = 3
	// MaxPeer is the length in bytes of the longest peer id that is accepted.
	MaxPeer = 64
)

// Bind says who is who: Account vouches for a peer, and for the key that signs vouchers on its behalf. A new bind for
// another peer lets that peer take over the account's leases.
type Bind struct {
	// Network is the network's id; another network's binds are refused.
	Network [32]byte
	// Peer is the peer id's bytes.
	Peer []byte
	// Signer is the address of the key that signs the account's vouchers.
	Signer common.Address
	// Account is the account that signs this.
	Account common.Address
	// ValidUntil is the last second, in Unix time, at which the bind counts.
	ValidUntil uint64
}

var bindType = typeHash("Bind(bytes32 network,bytes peer,address signer,address account,uint64 validUntil)")

// Validate reports ErrBind for a bind that lacks something or whose peer id has no possible length.
func (b Bind) Validate() error {
	switch {
	case b.Network == [32]byte{}:
		return fmt.Errorf("%w: no network", ErrBind)
	case len(b.Peer) < MinPeer || len(b.Peer) > MaxPeer:
		return fmt.Errorf("%w: peer id of %d bytes", ErrBind, len(b.Peer))
	case b.Signer == common.Address{}:
		return fmt.Errorf("%w: no signer", ErrBind)
	case b.Account == common.Address{}:
		return fmt.Errorf("%w: no account", ErrBind)
	case b.ValidUntil == 0:
		return fmt.Errorf("%w: no end", ErrBind)
	}
	return nil
}

// Expired says whether the bind no longer counts at now, in Unix seconds.
func (b Bind) Expired(now uint64) bool { return now > b.ValidUntil }

// Digest is what the account signs.
func (b Bind) Digest(d Domain) [32]byte {
	var w words
	w.bytes32(bindType)
	w.bytes32(b.Network)
	w.bytes32(crypto.Keccak256Hash(b.Peer))
	w.address(b.Signer)
	w.address(b.Account)
	w.uint64(b.ValidUntil)
	return d.digest(w.hash())
}

// PeerMessage is what the peer signs with its own key: that it acts for this account on this network. It does not change
// when the account renews the bind.
func (b Bind) PeerMessage() []byte {
	const prefix = "etal/bind/1\n"
	m := make([]byte, 0, len(prefix)+len(b.Network)+len(b.Account))
	m = append(m, prefix...)
	m = append(m, b.Network[:]...)
	return append(m, b.Account[:]...)
}

// Sign validates the bind and signs it with the account's key.
func (b Bind) Sign(d Domain, key *ecdsa.PrivateKey) ([]byte, error) {
	if err := b.check(d); err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	return Sign(b.Digest(d), key)
}

// Verify validates the bind and reports ErrSignature unless sig is the account's. It does not look at the time: Expired
// does.
func (b Bind) Verify(d Domain, sig []byte) error {
	if err := b.check(d); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if err := verify(b.Digest(d), b.Account, sig); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

func (b Bind) check(d Domain) error {
	if err := d.Validate(); err != nil {
		return err
	}
	return b.Validate()
}
