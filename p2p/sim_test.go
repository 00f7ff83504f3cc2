package p2p_test

import (
	"context"
	"testing"
	"time"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
)

// Twenty nodes on slow links know one address. In virtual time they join, and
// each knows enough others to do without the first.
func TestTwentyNodesJoin(t *testing.T) {
	p2ptest.Sim(t, 20, p2ptest.SimOptions{Latency: 80 * time.Millisecond}, func(t *testing.T, nodes []*p2p.Network) {
		start := time.Now()
		for i, n := range nodes {
			p2ptest.Until(t, "the node knows five others", func() bool { return len(n.Peers()) >= 5 })
			if t.Failed() {
				t.Errorf("node %d", i)
				return
			}
		}
		t.Logf("joined after %v of virtual time", time.Since(start))
		rtt, err := nodes[3].Ping(context.Background(), nodes[0].ID())
		if err != nil || rtt < 160*time.Millisecond {
			t.Errorf("ping takes %v, %v; the links alone take 160ms", rtt, err)
		}
	})
}
