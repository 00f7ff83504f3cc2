package p2p_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
)

func someone(t testing.TB) peer.ID {
	t.Helper()
	_, pub, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestKnownPeersAreKeptNewestFirst(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	c := p2p.Config{NetworkID: [32]byte{1}, PeersFile: filepath.Join(t.TempDir(), "peers.json"), Now: func() time.Time { return now }}
	k, err := p2p.OpenKnown(c)
	if err != nil {
		t.Fatal(err)
	}
	first := someone(t)
	for i := range p2p.MaxKnown + 10 {
		id := first
		if i > 0 {
			id = someone(t)
		}
		k.Saw(id, []ma.Multiaddr{ma.StringCast(fmt.Sprintf("/ip4/8.8.8.8/tcp/%d", i+1))}, now.Add(time.Duration(i-1000)*time.Minute))
	}
	if err := k.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := p2p.OpenKnown(c)
	if err != nil {
		t.Fatal(err)
	}
	got := again.Infos()
	if len(got) != p2p.MaxKnown {
		t.Fatalf("%d peers, want %d", len(got), p2p.MaxKnown)
	}
	if want := fmt.Sprintf("/ip4/8.8.8.8/tcp/%d", p2p.MaxKnown+10); got[0].Addrs[0].String() != want {
		t.Errorf("first is %v, want %s", got[0].Addrs, want)
	}
	for _, info := range got {
		if info.ID == first {
			t.Error("the oldest peer was kept")
		}
	}
	info, err := os.Stat(c.PeersFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	// After a long time nobody is worth a call.
	now = now.Add(100 * 24 * time.Hour)
	late, err := p2p.OpenKnown(c)
	if err != nil || len(late.Infos()) != 0 {
		t.Errorf("%d peers of long ago, %v", len(late.Infos()), err)
	}
}

func TestBrokenPeersFileCostsOnlyItsContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "peers.json")
	for _, content := range []string{"", "{", `{"peers":[{"id":"x","addrs":["y"]}]}`, strings.Repeat("x", 3<<20)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		n := p2ptest.Node(t, func(c *p2p.Config) { c.PeersFile = path })
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), `"listen"`) {
			t.Errorf("%.20q became %q, %v", content, b, err)
		}
	}
}

// A node that joined once comes back although the bootstrap node is dead, at the
// addresses it had.
func TestRestartWithoutBootstrap(t *testing.T) {
	boot, friend := p2ptest.Node(t), p2ptest.Node(t)
	p2ptest.Connect(t, friend, boot)
	dir := t.TempDir()
	c := p2ptest.Config()
	c.KeyFile = filepath.Join(dir, "key")
	c.PeersFile = filepath.Join(dir, "peers.json")
	c.Bootstrap = boot.Addrs()

	before := p2ptest.Start(t, c)
	p2ptest.Until(t, "the node met a friend", func() bool { return p2ptest.Knows(before, friend) })
	addrs := before.Addrs()
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	_ = boot.Close()

	after := p2ptest.Start(t, c)
	p2ptest.Until(t, "the friend is found again", func() bool { return p2ptest.Knows(after, friend) })
	if after.ID() != before.ID() {
		t.Error("the node has another identity")
	}
	if got := fmt.Sprint(after.Addrs()); got != fmt.Sprint(addrs) {
		t.Errorf("addresses %v, before %v", got, addrs)
	}
}

// The bootstrap node comes late, or again: nodes go on trying.
func TestBootstrapComesBack(t *testing.T) {
	c := p2ptest.Config()
	c.KeyFile = filepath.Join(t.TempDir(), "key")
	c.PeersFile = filepath.Join(t.TempDir(), "peers.json")
	boot := p2ptest.Start(t, c)
	node := p2ptest.Node(t, func(c *p2p.Config) { c.Bootstrap = boot.Addrs() })
	p2ptest.Until(t, "joined", func() bool { return p2ptest.Knows(node, boot) })
	_ = boot.Close()
	p2ptest.Until(t, "alone", func() bool { return len(node.Peers()) == 0 })
	again := p2ptest.Start(t, c)
	p2ptest.Until(t, "joined again", func() bool { return p2ptest.Knows(node, again) })
}

func FuzzKnownFile(f *testing.F) {
	f.Add([]byte(`{"listen":["/ip4/1.2.3.4/tcp/1"],"peers":[{"id":"12D3KooWExzXuDD9eT3Hk9FVy3haJQ7tPRfvPYa5AAQR4KB7vf9x","addrs":["/ip4/1.2.3.4/tcp/1"],"seen":"2030-01-01T00:00:00Z"}]}`))
	f.Add([]byte(`{"peers":null}`))
	now := func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := p2p.DecodeKnown(p2p.Config{NetworkID: [32]byte{1}, Now: now}, b)
		if err == nil && len(got) > p2p.MaxKnown {
			t.Errorf("%d peers", len(got))
		}
		for _, info := range got {
			if len(info.Addrs) == 0 || len(info.Addrs) > p2p.MaxPeerAddrs {
				t.Errorf("%d addresses", len(info.Addrs))
			}
		}
	})
}
