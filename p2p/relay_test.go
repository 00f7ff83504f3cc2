package p2p_test

import (
	"context"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
	"github.com/etal-cloud/etal/p2p/rpc"
)

// walled is a connection gater: nobody gets in but through a relay.
type walled struct{}

func relayedAddr(a ma.Multiaddr) bool {
	_, err := a.ValueForProtocol(ma.P_CIRCUIT)
	return err == nil
}

func (walled) InterceptPeerDial(peer.ID) bool                                  { return true }
func (walled) InterceptAddrDial(peer.ID, ma.Multiaddr) bool                    { return true }
func (walled) InterceptAccept(c network.ConnMultiaddrs) bool                   { return relayedAddr(c.RemoteMultiaddr()) }
func (walled) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }
func (walled) InterceptSecured(network.Direction, peer.ID, network.ConnMultiaddrs) bool {
	return true
}

// A node that cannot be reached takes an address at a relay by itself. Over it,
// protocols for signalling work and others do not.
func TestSignallingOverARelay(t *testing.T) {
	o := p2ptest.SimOptions{Change: func(i int, c *p2p.Config) {
		c.Local, c.NoPortMap = false, true
		if i == 0 {
			c.Options = append(c.Options, libp2p.ForceReachabilityPublic())
			return
		}
		c.Options = append(c.Options, libp2p.ForceReachabilityPrivate(), libp2p.ConnectionGater(walled{}),
			// With a forced answer the host forgets to close its service.
			func(c *libp2p.Config) error { c.AutoNATConfig.EnableService = false; return nil })
	}}
	p2ptest.Sim(t, 3, o, func(t *testing.T, nodes []*p2p.Network) {
		hidden, other := nodes[1], nodes[2]
		relayed := func() (out []string) {
			for _, a := range hidden.Addrs() {
				if strings.Contains(a, "p2p-circuit") {
					out = append(out, a)
				}
			}
			return out
		}
		p2ptest.Until(t, "the hidden node has an address at the relay", func() bool { return len(relayed()) > 0 })
		infos, err := p2p.ParseAddrs(relayed())
		if err != nil {
			t.Error(err)
			return
		}
		ctx := context.Background()
		if err := other.Connect(ctx, infos[0]); err != nil {
			t.Error(err)
			return
		}

		s := rpc.NewServer(hidden, rpc.ServerOptions{})
		defer func() { _ = s.Close() }()
		signal := rpc.Protocol{Name: "signal", Relayed: true}
		bulk := rpc.Protocol{Name: "bulk"}
		for _, p := range []rpc.Protocol{signal, bulk} {
			err := s.Handle(p, func(_ context.Context, st *rpc.Stream) error {
				return st.WriteMsg(wrapperspb.Bool(st.Relayed()))
			})
			if err != nil {
				t.Error(err)
			}
		}
		var over wrapperspb.BoolValue
		if err := rpc.Call(ctx, other, hidden.ID(), signal, wrapperspb.Bool(true), &over); err != nil || !over.GetValue() {
			t.Errorf("signalling: relayed %v, %v", over.GetValue(), err)
		}
		if err := rpc.Call(ctx, other, hidden.ID(), bulk, wrapperspb.Bool(true), &over); err == nil {
			t.Error("bulk was called over a relay")
		}
		forced := bulk
		forced.Relayed = true
		if err := rpc.Call(ctx, other, hidden.ID(), forced, wrapperspb.Bool(true), &over); err == nil {
			t.Error("bulk was served over a relay")
		}
	})
}
