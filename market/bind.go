package market

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto/pb"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Bind says who is who: the account signs (network, peer, signer, until), and
// the peer signs the account. It is in every Offer and in every Proposal.
// Checking the account's signature needs the chain's cryptography, so an agent
// does it; CheckPeer checks the other half.
type Bind struct {
	Account    Account   // pays, or is paid
	Signer     Account   // signs leases and vouchers for the account
	Peer       peer.ID   // speaks for the account on the network
	ValidUntil time.Time // whole seconds
	AccountSig []byte    // EIP-712, 65 bytes, by Account
	PeerSig    []byte    // by Peer, over BindPeerBytes
}

// BindPeerBytes returns what a peer signs to accept its account: the network
// id, "etal bind 1", the account, the signer and the end in Unix seconds.
func BindPeerBytes(network NetworkID, b Bind) []byte {
	msg := append(network[:len(network):len(network)], "etal bind 1"...)
	msg = append(msg, b.Account[:]...)
	msg = append(msg, b.Signer[:]...)
	return binary.BigEndian.AppendUint64(msg, uint64(marketpb.Seconds(b.ValidUntil)))
}

// CheckPeer checks the peer's half of the bind, or returns ErrSignature.
func (b Bind) CheckPeer(network NetworkID) error {
	if err := verify(b.Peer, BindPeerBytes(network, b), b.PeerSig); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

// Validate checks the form of the bind, and that it has not ended at now. It
// checks no signature.
func (b Bind) Validate(now time.Time) error {
	if err := b.Proto().Validate(); err != nil {
		return err
	}
	if err := b.sense(); err != nil {
		return err
	}
	if !b.ValidUntil.After(now) {
		return fmt.Errorf("bind: %w at %s", ErrExpired, b.ValidUntil.UTC().Format(time.RFC3339))
	}
	return nil
}

// sense checks what a message's form cannot say.
func (b Bind) sense() error {
	if b.Account.IsZero() || b.Signer.IsZero() {
		return fmt.Errorf("%w bind: the zero address owns nothing", ErrInvalid)
	}
	return checkPeerID(b.Peer)
}

// checkPeerID demands the id of an Ed25519 key in its one canonical form, which
// holds the key itself.
func checkPeerID(id peer.ID) error {
	key, err := id.ExtractPublicKey()
	if err != nil || key.Type() != pb.KeyType_Ed25519 || !id.MatchesPublicKey(key) {
		return fmt.Errorf("%w: peer id is not that of an Ed25519 key", ErrInvalid)
	}
	return nil
}

// verify checks a peer's signature.
func verify(id peer.ID, msg, sig []byte) error {
	if err := checkPeerID(id); err != nil {
		return err
	}
	key, err := id.ExtractPublicKey()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if ok, err := key.Verify(msg, sig); err != nil || !ok {
		return fmt.Errorf("%w of peer %s", ErrSignature, id)
	}
	return nil
}
