package node

import (
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/etal-cloud/etal/chain/keys"
	"github.com/etal-cloud/etal/p2p"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// identity is all the keys of a node.
type identity struct {
	wallet, signer *ecdsa.PrivateKey
	peer           crypto.PrivKey
	made           bool // the phrase was made just now
}

// loadIdentity reads the node's keys, and makes them at first use: the 12 words
// of the wallet and a random peer key.
func loadIdentity(data string, device uint32) (identity, error) {
	var id identity
	phrase, made, err := keys.LoadOrMake(filepath.Join(data, "phrase"), rand.Reader)
	if err != nil {
		return id, fmt.Errorf("wallet: %w", err)
	}
	id.made = made
	if id.wallet, err = phrase.Wallet(); err != nil {
		return id, fmt.Errorf("wallet: %w", err)
	}
	if id.signer, err = phrase.Signer(device); err != nil {
		return id, fmt.Errorf("wallet: %w", err)
	}
	raw, err := p2p.LoadOrMakeKey(filepath.Join(data, "peer.key"))
	if err != nil {
		return id, err
	}
	if id.peer, err = crypto.UnmarshalEd25519PrivateKey(raw); err != nil {
		return id, fmt.Errorf("peer key: %w", err)
	}
	return id, nil
}
