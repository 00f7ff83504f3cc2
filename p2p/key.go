package p2p

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// maxKeyFile bounds what is read as an identity.
const maxKeyFile = 4 << 10

// LoadKey reads an identity: one PEM block "PRIVATE KEY" holding an Ed25519 key
// in PKCS #8. A missing file is fs.ErrNotExist, any other trouble ErrKeyFile.
func LoadKey(path string) (ed25519.PrivateKey, error) {
	b, err := readFile(path, maxKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("%w: %s holds no private key", ErrKeyFile, path)
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrKeyFile, path, err)
	}
	key, ok := k.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: %s holds no Ed25519 key", ErrKeyFile, path)
	}
	return key, nil
}

// LoadOrMakeKey reads the identity at path, or makes one where there is no file.
// A file that cannot be read is an error and is left as it is.
func LoadOrMakeKey(path string) (ed25519.PrivateKey, error) {
	key, err := LoadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	_, key, err = ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make an identity: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make an identity: %w", err)
	}
	err = createFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if errors.Is(err, fs.ErrExist) {
		return LoadKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the identity: %w", err)
	}
	return key, nil
}

// PeerID returns the peer id that belongs to a key.
func PeerID(key ed25519.PrivateKey) (peer.ID, error) {
	k, err := hostKey(key)
	if err != nil {
		return "", err
	}
	return peer.IDFromPrivateKey(k)
}

func hostKey(key ed25519.PrivateKey) (crypto.PrivKey, error) {
	k, err := crypto.UnmarshalEd25519PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	return k, nil
}
