package p2p_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
)

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestTwoNodesMeet(t *testing.T) {
	a, b := p2ptest.Node(t), p2ptest.Node(t)
	events, stop := b.Watch()
	defer stop()
	p2ptest.Connect(t, a, b)
	if e := <-events; e.Peer != a.ID() || !e.Connected {
		t.Errorf("first event %+v, want that %s came", e, a.ID())
	}
	if rtt, err := a.Ping(within(t), b.ID()); err != nil || rtt <= 0 {
		t.Errorf("ping: %v, %v", rtt, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if e := <-events; e.Peer != a.ID() || e.Connected {
		t.Errorf("second event %+v, want that %s left", e, a.ID())
	}
	if got := b.Peers(); len(got) != 0 {
		t.Errorf("peers %v, want none", got)
	}
}

func TestAddrsCanBeDialled(t *testing.T) {
	a := p2ptest.Node(t)
	infos, err := p2p.ParseAddrs(a.Addrs())
	if err != nil || len(infos) != 1 || infos[0].ID != a.ID() || len(infos[0].Addrs) < 2 {
		t.Fatalf("addresses %v: %v, %v", a.Addrs(), infos, err)
	}
	for _, one := range a.Addrs() {
		if !strings.HasPrefix(one, "/ip4/127.0.0.1/") {
			t.Errorf("a local node tells %s", one)
		}
		b := p2ptest.Node(t)
		info, err := p2p.ParseAddr(one)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Connect(within(t), info); err != nil {
			t.Errorf("dial %s: %v", one, err)
		}
	}
}

func TestAnotherNetworkIsRefused(t *testing.T) {
	a := p2ptest.Node(t)
	b := p2ptest.Node(t, func(c *p2p.Config) { c.NetworkID = sha256.Sum256([]byte("another")) })
	for _, dial := range []struct{ from, to *p2p.Network }{{a, b}, {b, a}} {
		if err := dial.from.Connect(within(t), dial.to.AddrInfo()); !errors.Is(err, p2p.ErrOtherNetwork) {
			t.Errorf("connect: %v, want ErrOtherNetwork", err)
		}
	}
	p2ptest.Until(t, "they are apart", func() bool {
		return len(a.Host().Network().Peers()) == 0 && len(b.Host().Network().Peers()) == 0
	})
	if len(a.Peers())+len(b.Peers()) != 0 {
		t.Error("a stranger was counted as a peer")
	}
}

// A stranger that dials us and never closes is cut off by us.
func TestAStrangerWhoStaysIsCutOff(t *testing.T) {
	a := p2ptest.Node(t)
	b := p2ptest.Node(t, func(c *p2p.Config) { c.NetworkID = sha256.Sum256([]byte("another")) })
	if err := b.Host().Connect(within(t), a.AddrInfo()); err != nil {
		t.Fatal(err)
	}
	p2ptest.Until(t, "the stranger is gone", func() bool { return len(a.Host().Network().Peers()) == 0 })
}

func TestConnectErrors(t *testing.T) {
	a, gone := p2ptest.Node(t), p2ptest.Node(t)
	info := gone.AddrInfo()
	_ = gone.Close()
	if err := a.Connect(within(t), info); !errors.Is(err, p2p.ErrUnreachable) {
		t.Errorf("dial a node that is gone: %v, want ErrUnreachable", err)
	}
	if err := a.Connect(within(t), a.AddrInfo()); !errors.Is(err, p2p.ErrAddress) {
		t.Errorf("dial ourselves: %v, want ErrAddress", err)
	}
	if err := a.Connect(within(t), peer.AddrInfo{ID: gone.ID()}); !errors.Is(err, p2p.ErrUnreachable) {
		t.Errorf("dial nowhere: %v, want ErrUnreachable", err)
	}
}

func TestLifetime(t *testing.T) {
	c := p2ptest.Config()
	n, err := p2p.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if n.ID() == "" || n.Host() != nil || n.PubSub() != nil || len(n.Addrs()) != 0 {
		t.Error("a network that was not run has an id and nothing else")
	}
	if _, err := n.Ping(within(t), n.ID()); !errors.Is(err, p2p.ErrNotReady) {
		t.Errorf("ping before Run: %v, want ErrNotReady", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if err := n.Run(within(t)); !errors.Is(err, p2p.ErrStarted) {
		t.Errorf("run after Close: %v, want ErrStarted", err)
	}
	m := p2ptest.Node(t)
	if err := m.Run(within(t)); !errors.Is(err, p2p.ErrStarted) {
		t.Errorf("run twice: %v, want ErrStarted", err)
	}
	_ = m.Close()
	if err := m.Connect(within(t), peer.AddrInfo{ID: n.ID()}); !errors.Is(err, p2p.ErrNotReady) {
		t.Errorf("connect after Close: %v, want ErrNotReady", err)
	}
}

func TestRunFailsWhenThePortIsTaken(t *testing.T) {
	a := p2ptest.Node(t, func(c *p2p.Config) { c.Listen = []string{"/ip4/127.0.0.1/tcp/0"} })
	c := p2ptest.Config()
	c.Listen = []string{a.AddrInfo().Addrs[0].String()}
	n, err := p2p.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Run(within(t)); err == nil {
		t.Error("two nodes listen on one port")
	}
	select {
	case <-n.Ready():
		t.Error("ready without an address")
	default:
	}
}

// Four nodes know only the bootstrap node. They find each other, and stay
// together when it dies.
func TestNetworkOutlivesItsBootstrap(t *testing.T) {
	boot := p2ptest.Node(t)
	var nodes []*p2p.Network
	for range 4 {
		nodes = append(nodes, p2ptest.Node(t, func(c *p2p.Config) { c.Bootstrap = boot.Addrs() }))
	}
	all := func() bool {
		for _, a := range nodes {
			for _, b := range nodes {
				if a != b && !p2ptest.Knows(a, b) {
					return false
				}
			}
		}
		return true
	}
	p2ptest.Until(t, "all know all", all)
	_ = boot.Close()
	p2ptest.Until(t, "the bootstrap node is gone", func() bool { return !p2ptest.Knows(nodes[0], boot) })
	if !all() {
		t.Error("the others lost each other")
	}
}

func TestGroups(t *testing.T) {
	a, b := p2ptest.Pair(t)
	ctx := within(t)
	p2ptest.Until(t, "the group can be announced", func() bool { return a.Announce(ctx, "shard-7") == nil })
	p2ptest.Until(t, "the member is found", func() bool {
		got, err := b.Find(ctx, "shard-7", 10)
		return err == nil && len(got) == 1 && got[0].ID == a.ID()
	})
	if got, err := b.Find(ctx, "shard-8", 10); err != nil || len(got) != 0 {
		t.Errorf("another group: %v, %v, want nobody", got, err)
	}
}
