package p2p_test

import (
	"context"
	"testing"

	"github.com/libp2p/go-libp2p-kbucket/peerdiversity"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
)

// Whoever fills a group with members costs the reader no more than it asked for.
func TestFindIsBounded(t *testing.T) {
	p2ptest.Sim(t, 25, p2ptest.SimOptions{}, func(t *testing.T, nodes []*p2p.Network) {
		ctx := context.Background()
		for _, n := range nodes[1:] {
			p2ptest.Until(t, "a member announced itself", func() bool { return n.Announce(ctx, "crowd") == nil })
		}
		got, err := nodes[0].Find(ctx, "crowd", 7)
		if err != nil || len(got) != 7 {
			t.Errorf("%d members, %v, want 7", len(got), err)
		}
		got, err = nodes[0].Find(ctx, "crowd", 1<<30)
		if err != nil || len(got) < 12 || len(got) > 24 {
			t.Errorf("%d members, %v, want most of 24", len(got), err)
		}
		for _, info := range got {
			if len(info.Addrs) > p2p.MaxPeerAddrs {
				t.Errorf("%d addresses of one member", len(info.Addrs))
			}
		}
	})
}

// One machine with many peer ids gets few places in the routing table; a
// household shares its addresses freely.
func TestDiversity(t *testing.T) {
	d := p2p.Diversity(refuseAll{})
	for key, want := range map[peerdiversity.PeerIPGroupKey]bool{
		"8.8.0.0": false, "AS15169": false, "192.168.0.0": true, "10.1.0.0": true,
	} {
		if got := d.Allow(peerdiversity.PeerGroupInfo{IPGroupKey: key}); got != want {
			t.Errorf("%s allowed: %v, want %v", key, got, want)
		}
	}
}

type refuseAll struct{}

func (refuseAll) Allow(peerdiversity.PeerGroupInfo) bool     { return false }
func (refuseAll) Increment(peerdiversity.PeerGroupInfo)      {}
func (refuseAll) Decrement(peerdiversity.PeerGroupInfo)      {}
func (refuseAll) PeerAddresses(peer.ID) (out []ma.Multiaddr) { return nil }

func TestProtect(t *testing.T) {
	a, b := p2ptest.Pair(t)
	for _, lease := range []string{"lease-1", "lease-2"} {
		a.Protect(b.ID(), lease)
	}
	if !a.Unprotect(b.ID(), "lease-1") {
		t.Error("the second tag does not count by itself")
	}
	conns := a.Host().ConnManager()
	if conns.IsProtected(b.ID(), "lease-1") || !conns.IsProtected(b.ID(), "lease-2") {
		t.Error("the wrong tag was taken back")
	}
}
