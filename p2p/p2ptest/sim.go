package p2ptest

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	"github.com/marcopolo/simnet"
	"github.com/quic-go/quic-go"
	"go.uber.org/fx"

	"github.com/etal-cloud/etal/p2p"
)

// SimOptions describe a simulated network; the zero value works.
type SimOptions struct {
	// Latency is how long a packet takes one way. 0 means 25 ms.
	Latency time.Duration
	// Bandwidth of every node, each way, in bits per second. 0 means 20 Mbit/s.
	Bandwidth int
	// Change may adapt the configuration of node i before it starts.
	Change func(i int, c *p2p.Config)
}

// Sim runs test with n simulated nodes in virtual time. The first node is the
// bootstrap node of the others. Everything that test starts must end with it. A
// t.Fatal inside may show as a deadlock of the bubble: look above it.
func Sim(t *testing.T, n int, o SimOptions, test func(t *testing.T, nodes []*p2p.Network)) {
	t.Helper()
	o.Latency = cmp.Or(o.Latency, 25*time.Millisecond)
	o.Bandwidth = cmp.Or(o.Bandwidth, 20_000_000)
	synctest.Test(t, func(t *testing.T) {
		world := &simnet.Simnet{LatencyFunc: simnet.StaticLatency(o.Latency)}
		link := simnet.LinkSettings{BitsPerSecond: o.Bandwidth}
		links := simnet.NodeBiDiLinkSettings{Downlink: link, Uplink: link}
		world.Start()
		defer world.Close()

		nodes := make([]*p2p.Network, 0, n)
		defer func() {
			for _, node := range nodes {
				_ = node.Close()
			}
		}()
		for i := range n {
			c := p2p.Config{
				NetworkID: NetworkID,
				Local:     true,
				Listen:    []string{fmt.Sprintf("/ip4/%s/udp/8000/quic-v1", simnet.IntToPublicIPv4(i))},
				Options: []libp2p.Option{
					simulated(world, links),
					// It waits for what no virtual clock brings.
					libp2p.DisableIdentifyAddressDiscovery(),
				},
			}
			if i > 0 {
				c.Bootstrap = nodes[0].Addrs()
			}
			if o.Change != nil {
				o.Change(i, &c)
			}
			node, err := p2p.New(c)
			if err != nil {
				t.Errorf("new network %d: %v", i, err)
				return
			}
			nodes = append(nodes, node)
			failed := make(chan error, 1)
			go func() { failed <- node.Run(context.Background()) }()
			select {
			case <-node.Ready():
			case err := <-failed:
				t.Errorf("run network %d: %v", i, err)
				return
			}
		}
		test(t, nodes)
	})
}

// here tells QUIC which of the simulated addresses is its own.
type here struct{ ip atomic.Pointer[net.IP] }

// PreferredSourceIPForDestination returns the one address there is.
func (h *here) PreferredSourceIPForDestination(*net.UDPAddr) (net.IP, error) {
	return *h.ip.Load(), nil
}

// simulated makes a host use a simulated link in place of UDP sockets.
func simulated(world *simnet.Simnet, links simnet.NodeBiDiLinkSettings) libp2p.Option {
	at := new(here)
	return libp2p.QUICReuse(func(life fx.Lifecycle, reset quic.StatelessResetKey, token quic.TokenGeneratorKey) (*quicreuse.ConnManager, error) {
		m, err := quicreuse.NewConnManager(reset, token,
			quicreuse.OverrideSourceIPSelector(func() (quicreuse.SourceIPSelector, error) { return at, nil }),
			quicreuse.OverrideListenUDP(func(_ string, a *net.UDPAddr) (net.PacketConn, error) {
				at.ip.Store(&a.IP)
				return world.NewEndpoint(a, links), nil
			}))
		if err != nil {
			return nil, err
		}
		life.Append(fx.StopHook(m.Close))
		return m, nil
	})
}
