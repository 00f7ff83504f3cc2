package p2p_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/etal-cloud/etal/p2p"
)

func TestKeyIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "peer.key")
	if _, err := p2p.LoadKey(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no file: %v, want fs.ErrNotExist", err)
	}
	// Several processes that start at once end up with one identity.
	var all sync.WaitGroup
	keys := make([]ed25519.PrivateKey, 8)
	for i := range keys {
		all.Go(func() {
			k, err := p2p.LoadOrMakeKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = k
		})
	}
	all.Wait()
	for _, k := range keys {
		if !k.Equal(keys[0]) {
			t.Fatal("two identities were made")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v beside the key, %v", left, err)
	}
	c := p2p.Config{NetworkID: [32]byte{1}, KeyFile: path}
	a, err := p2p.New(c)
	if err != nil {
		t.Fatal(err)
	}
	want, err := p2p.PeerID(keys[0])
	if err != nil || a.ID() != want {
		t.Errorf("id %s, %v, want %s", a.ID(), err, want)
	}
}

func TestBrokenKeyFileIsLeftAlone(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good")
	if _, err := p2p.LoadOrMakeKey(good); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty":     {},
		"truncated": whole[:len(whole)/2],
		"garbage":   []byte("hello"),
		"wrong key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"bad der":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1, 2, 3}}),
		"huge":      make([]byte, 1<<20),
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := p2p.New(p2p.Config{NetworkID: [32]byte{1}, KeyFile: path}); !errors.Is(err, p2p.ErrKeyFile) {
			t.Errorf("%s: %v, want ErrKeyFile", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(content) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}
