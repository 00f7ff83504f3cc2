package gossip_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/gossip"
	"github.com/etal-cloud/etal/p2p/p2ptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox collects what a topic delivers.
type inbox struct {
	mu  sync.Mutex
	got map[string]int
}

func (i *inbox) deliver(_ peer.ID, v string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.got == nil {
		i.got = make(map[string]int)
	}
	i.got[v]++
}

func (i *inbox) count(v string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.got[v]
}

var errGarbage = errors.New("garbage")

// words is a topic of words: what ends with "garbage" cannot be decoded, words with "bad" are
// rejected, words with "old" ignored.
func words(in *inbox) gossip.Options[string] {
	return gossip.Options[string]{
		MaxBytes: 64,
		Decode: func(b []byte) (string, error) {
			if strings.HasSuffix(string(b), "garbage") {
				return "", errGarbage
			}
			return string(b), nil
		},
		Validate: func(_ peer.ID, v string) gossip.Verdict {
			switch {
			case strings.Contains(v, "bad"):
				return gossip.Reject
			case strings.Contains(v, "old"):
				return gossip.Ignore
			}
			return gossip.Accept
		},
		Deliver: in.deliver,
	}
}

// naive accepts everything: a stranger's build of the topic.
func naive(in *inbox) gossip.Options[string] {
	o := words(in)
	o.MaxBytes = 64 << 10
	o.Decode = func(b []byte) (string, error) { return string(b), nil }
	o.Validate = func(peer.ID, string) gossip.Verdict { return gossip.Accept }
	return o
}

// join takes part until the test, or stop, ends it.
func join(t testing.TB, n *p2p.Network, o gossip.Options[string]) (topic *gossip.Topic[string], stop func()) {
	t.Helper()
	topic, err := gossip.Join(n, "words", o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- topic.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("topic ended with %v", err)
		}
	})
	t.Cleanup(stop)
	<-topic.Ready()
	return topic, stop
}

func publish(t testing.TB, topic *gossip.Topic[string], v string) {
	t.Helper()
	if err := topic.Publish(context.Background(), []byte(v)); err != nil {
		t.Fatalf("publish %.20q: %v", v, err)
	}
}

func neighbours(t testing.TB, n int, topics ...*gossip.Topic[string]) {
	t.Helper()
	for _, topic := range topics {
		p2ptest.Until(t, "the topic has neighbours", func() bool { return topic.Stats().Neighbours >= n })
	}
}

// warm says something now and then until everyone has heard it: after that the
// mesh is there, and nothing is lost on so short a way.
func warm(t testing.TB, from *gossip.Topic[string], to ...*inbox) {
	t.Helper()
	for i, box := range to {
		word, n := "", 0
		p2ptest.Until(t, "the mesh is there", func() bool {
			if word != "" && box.count(word) > 0 {
				return true
			}
			n++
			word = fmt.Sprintf("warm %d %d", i, n)
			publish(t, from, word)
			time.Sleep(200 * time.Millisecond)
			return box.count(word) > 0
		})
	}
}

func TestObjectsSpreadOnce(t *testing.T) {
	// a – b – c: what a says reaches c only through b.
	a, b, c := chain(t)
	p2ptest.Connect(t, a, b)
	p2ptest.Connect(t, b, c)
	var boxA, boxB, boxC inbox
	ta, _ := join(t, a, words(&boxA))
	tb, _ := join(t, b, words(&boxB))
	tc, _ := join(t, c, words(&boxC))
	neighbours(t, 1, ta, tc)
	neighbours(t, 2, tb)
	warm(t, ta, &boxB, &boxC)
	before := tc.Stats().Accepted
	for i := range 20 {
		publish(t, ta, fmt.Sprintf("word %d", i))
	}
	p2ptest.Until(t, "the last word arrived everywhere", func() bool {
		return boxB.count("word 19") > 0 && boxC.count("word 19") > 0
	})
	for i := range 20 {
		v := fmt.Sprintf("word %d", i)
		p2ptest.Until(t, v+" arrived", func() bool { return boxB.count(v) == 1 && boxC.count(v) == 1 })
		if boxA.count(v) != 0 {
			t.Errorf("%q was delivered to its author", v)
		}
	}
	if s := tc.Stats(); s.Accepted != before+20 || s.Rejected != 0 {
		t.Errorf("stats %+v", s)
	}
}

// chain runs three nodes of which the first and the third never meet.
func chain(t testing.TB) (a, b, c *p2p.Network) {
	t.Helper()
	b = p2ptest.Node(t, alone)
	only := func(c *p2p.Config) { c.Options = append(c.Options, libp2p.ConnectionGater(onlyPeer(b.ID()))) }
	return p2ptest.Node(t, alone, only), b, p2ptest.Node(t, alone, only)
}

// onlyPeer allows connections with one peer.
type onlyPeer peer.ID

func (o onlyPeer) InterceptPeerDial(p peer.ID) bool { return p == peer.ID(o) }

func (o onlyPeer) InterceptAddrDial(p peer.ID, _ ma.Multiaddr) bool { return p == peer.ID(o) }

func (o onlyPeer) InterceptAccept(network.ConnMultiaddrs) bool { return true }

func (o onlyPeer) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return p == peer.ID(o)
}

func (o onlyPeer) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

// alone keeps a node from finding others by itself.
func alone(c *p2p.Config) { c.Want = 1 }

// What a topic would not accept it neither publishes nor passes on.
func TestNothingBadIsPassedOn(t *testing.T) {
	// stranger – b – c
	stranger, b, c := chain(t)
	p2ptest.Connect(t, stranger, b)
	p2ptest.Connect(t, b, c)
	var box, boxB, boxC inbox
	ts, _ := join(t, stranger, naive(&box))
	tb, _ := join(t, b, words(&boxB))
	tc, _ := join(t, c, naive(&boxC))
	neighbours(t, 1, ts, tc)
	neighbours(t, 2, tb)
	warm(t, ts, &boxB, &boxC)

	for v, want := range map[string]error{
		"garbage":               gossip.ErrRefused,
		"our own bad word":      gossip.ErrRefused,
		"our own old word":      gossip.ErrRefused,
		strings.Repeat("y", 65): gossip.ErrTooLarge,
	} {
		if err := tb.Publish(context.Background(), []byte(v)); !errors.Is(err, want) {
			t.Errorf("publish %.20q: %v, want %v", v, err, want)
		}
	}

	publish(t, ts, "an old word")
	p2ptest.Until(t, "the old word was ignored", func() bool { return tb.Stats().Ignored == 1 })
	bad := []string{"more garbage", "a bad word", strings.Repeat("x", 65)}
	for i, v := range bad {
		publish(t, ts, v)
		p2ptest.Until(t, "it was rejected", func() bool { return tb.Stats().Rejected == uint64(i+1) })
	}
	publish(t, ts, "a good word")
	p2ptest.Until(t, "the good word arrived", func() bool { return boxC.count("a good word") == 1 })
	for _, v := range append(bad, "an old word") {
		if boxB.count(v)+boxC.count(v) != 0 {
			t.Errorf("%.20q was passed on", v)
		}
	}
}

// Whoever keeps sending provably bad objects is no longer listened to; whoever
// sends stale ones is.
func TestRejectedObjectsCutANeighbourOff(t *testing.T) {
	a, b := p2ptest.Pair(t, alone)
	var box, boxB inbox
	ta, _ := join(t, a, naive(&box))
	tb, _ := join(t, b, words(&boxB))
	neighbours(t, 1, ta, tb)
	for i := range 50 {
		publish(t, ta, fmt.Sprintf("old %d", i))
	}
	p2ptest.Until(t, "stale objects were ignored", func() bool { return tb.Stats().Ignored == 50 })
	publish(t, ta, "still heard")
	p2ptest.Until(t, "the neighbour is still heard", func() bool { return boxB.count("still heard") == 1 })
	for i := range 10 {
		publish(t, ta, fmt.Sprintf("bad %d", i))
	}
	p2ptest.Until(t, "bad objects were rejected", func() bool { return tb.Stats().Rejected >= 4 })
	i := 0
	p2ptest.Until(t, "the neighbour is ignored", func() bool {
		before := tb.Stats()
		for range 20 {
			i++
			publish(t, ta, fmt.Sprintf("word %d", i))
			time.Sleep(20 * time.Millisecond)
		}
		return tb.Stats() == before
	})
}

func TestRatePerNeighbour(t *testing.T) {
	a, b := p2ptest.Pair(t, alone)
	now := time.Unix(1e9, 0)
	var clock atomic.Pointer[time.Time]
	clock.Store(&now)
	var box, boxB inbox
	ta, _ := join(t, a, naive(&box))
	o := words(&boxB)
	o.RatePerPeer, o.Burst, o.Now = 1, 5, func() time.Time { return *clock.Load() }
	tb, _ := join(t, b, o)
	neighbours(t, 1, ta, tb)
	for i := range 20 {
		publish(t, ta, fmt.Sprintf("word %d", i))
	}
	p2ptest.Until(t, "all were judged", func() bool { s := tb.Stats(); return s.Accepted+s.Ignored == 20 })
	if s := tb.Stats(); s.Accepted != 5 || s.Rejected != 0 {
		t.Errorf("stats %+v, want 5 accepted and none rejected", s)
	}
	later := now.Add(3 * time.Second)
	clock.Store(&later)
	for i := range 20 {
		publish(t, ta, fmt.Sprintf("later %d", i))
	}
	p2ptest.Until(t, "all were judged", func() bool { s := tb.Stats(); return s.Accepted+s.Ignored == 40 })
	if s := tb.Stats(); s.Accepted != 8 {
		t.Errorf("stats %+v, want 8 accepted", s)
	}
}

func TestAnotherNetworkHearsNothing(t *testing.T) {
	a := p2ptest.Node(t)
	b := p2ptest.Node(t, func(c *p2p.Config) { c.NetworkID = sha256.Sum256([]byte("another")) })
	var boxA, boxB inbox
	ta, _ := join(t, a, words(&boxA))
	join(t, b, words(&boxB))
	if err := b.Host().Connect(context.Background(), a.AddrInfo()); err != nil {
		t.Fatal(err)
	}
	publish(t, ta, "a secret of ours")
	p2ptest.Until(t, "the stranger is gone", func() bool { return len(a.Host().Network().Peers()) == 0 })
	if boxB.count("a secret of ours") != 0 {
		t.Error("another network heard it")
	}
}

func TestTopicLifetime(t *testing.T) {
	n := p2ptest.Node(t)
	var box inbox
	topic, stop := join(t, n, words(&box))
	stop()
	if err := topic.Publish(context.Background(), []byte("late")); !errors.Is(err, gossip.ErrNotReady) {
		t.Errorf("publish after the end: %v, want ErrNotReady", err)
	}
	again, _ := join(t, n, words(&box))
	publish(t, again, "again")
	for _, name := range []string{"", "Words", "a b", "-x", strings.Repeat("x", 100)} {
		if _, err := gossip.Join(n, name, words(&box)); !errors.Is(err, gossip.ErrTopic) {
			t.Errorf("topic %q: %v, want ErrTopic", name, err)
		}
	}
	if _, err := gossip.Join(n, "x", gossip.Options[string]{}); !errors.Is(err, gossip.ErrTopic) {
		t.Errorf("no functions: %v, want ErrTopic", err)
	}
	// The network ends first: the topic ends with it.
	_ = n.Close()
}

// Thirty nodes in virtual time: everything said reaches everyone, and half a
// second is enough on links of 80 ms.
func TestThirtyNodesHearEverything(t *testing.T) {
	p2ptest.Sim(t, 30, p2ptest.SimOptions{Latency: 80 * time.Millisecond}, func(t *testing.T, nodes []*p2p.Network) {
		boxes := make([]inbox, len(nodes))
		topics := make([]*gossip.Topic[string], len(nodes))
		for i, n := range nodes {
			var stop func()
			topics[i], stop = join(t, n, words(&boxes[i]))
			defer stop()
		}
		neighbours(t, 5, topics...)
		time.Sleep(5 * time.Second) // the mesh forms within a few heartbeats
		for i := range 10 {
			publish(t, topics[3*i], fmt.Sprintf("word %d", i))
		}
		start := time.Now()
		for i := range boxes {
			for w := range 10 {
				if i != 3*w {
					p2ptest.Until(t, "a word arrived", func() bool { return boxes[i].count(fmt.Sprintf("word %d", w)) == 1 })
				}
			}
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %v of virtual time", took)
		}
	})
}
