package p2p

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// refusedNetwork is the code that a connection is closed with when the peer
// belongs to another network.
const refusedNetwork network.ConnErrorCode = 0x6e657477

// farewell is how long a stranger who dialled us stays connected after we know
// that its network is another: enough for it to learn the same and say so.
const farewell = time.Second

// PeerEvent is a hint that a peer came or went.
type PeerEvent struct {
	Peer      peer.ID
	Connected bool
}

// peers are the connected nodes of our network, and who wants to hear of them.
type peers struct {
	mu       sync.Mutex // guards the following fields
	in       map[peer.ID]time.Time
	watchers map[chan PeerEvent]struct{}
}

func newPeers() *peers {
	return &peers{in: make(map[peer.ID]time.Time), watchers: make(map[chan PeerEvent]struct{})}
}

// admit adds a peer that is connected and of our network. It reports whether
// the peer is new.
func (p *peers) admit(h host.Host, id peer.ID, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Asked under the lock: a disconnection that happens later is told later, and
	// removes what is added here.
	if h.Network().Connectedness(id) == network.NotConnected {
		return false
	}
	if _, known := p.in[id]; known {
		return false
	}
	p.in[id] = now
	p.tell(PeerEvent{Peer: id, Connected: true})
	return true
}

// remove drops a peer that is no longer connected and reports whether it was one.
func (p *peers) remove(h host.Host, id peer.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.in[id]; !known || h.Network().Connectedness(id) != network.NotConnected {
		return false
	}
	delete(p.in, id)
	p.tell(PeerEvent{Peer: id})
	return true
}

// tell gives an event to the watchers that have room. The caller holds mu.
func (p *peers) tell(e PeerEvent) {
	for w := range p.watchers {
		select {
		case w <- e:
		default:
		}
	}
}

func (p *peers) list() []peer.ID {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]peer.ID, 0, len(p.in))
	for id := range p.in {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func (p *peers) has(id peer.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.in[id]
	return ok
}

func (p *peers) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.in)
}

// Peers lists the connected peers of this network, in a stable order.
func (n *Network) Peers() []peer.ID { return n.peers.list() }

// Watch returns a channel of hints about peers that come and go, and a function
// that ends it and must be called. A reader that falls 64 events behind loses
// events, so it looks at Peers now and then. At most 256 watchers are served;
// the channel of one more stays silent.
func (n *Network) Watch() (events <-chan PeerEvent, stop func()) {
	w := make(chan PeerEvent, 64)
	n.peers.mu.Lock()
	defer n.peers.mu.Unlock()
	if len(n.peers.watchers) < maxWatchers {
		n.peers.watchers[w] = struct{}{}
	}
	return w, func() {
		n.peers.mu.Lock()
		defer n.peers.mu.Unlock()
		delete(n.peers.watchers, w)
	}
}

// follow learns from the host who was identified and who left, until ctx ends.
func (n *Network) follow(ctx context.Context, r *running) error {
	sub, err := r.host.EventBus().Subscribe([]any{
		new(event.EvtPeerIdentificationCompleted),
		new(event.EvtPeerIdentificationFailed),
		new(event.EvtPeerConnectednessChanged),
	})
	if err != nil {
		return fmt.Errorf("follow peers: %w", err)
	}
	r.sub = sub
	r.tasks.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e, ok := <-sub.Out():
				if !ok {
					return
				}
				n.heard(ctx, r, e)
			}
		}
	})
	return nil
}

func (n *Network) heard(ctx context.Context, r *running, e any) {
	switch e := e.(type) {
	case event.EvtPeerIdentificationCompleted:
		if e.ProtocolVersion == n.version() {
			n.welcome(r, e.Peer)
		} else {
			n.refuse(ctx, r, e.Peer)
		}
	case event.EvtPeerIdentificationFailed:
		if !n.peers.has(e.Peer) {
			n.refuse(ctx, r, e.Peer)
		}
	case event.EvtPeerConnectednessChanged:
		if e.Connectedness == network.NotConnected {
			r.filter.forget(e.Peer)
			if n.peers.remove(r.host, e.Peer) {
				n.Log.Debug("peer left", "peer", e.Peer)
				r.wake()
			}
		}
	}
}

// welcome admits a peer and lets the rest of the node make use of it.
func (n *Network) welcome(r *running, id peer.ID) {
	if n.peers.admit(r.host, id, n.Now()) {
		n.Log.Debug("peer joined", "peer", id)
		r.wake()
	}
}

// refuse closes the connections to a stranger, after a moment if it was the one
// who dialled.
func (n *Network) refuse(ctx context.Context, r *running, id peer.ID) {
	conns := r.host.Network().ConnsToPeer(id)
	n.Log.Debug("peer of another network refused", "peer", id)
	if r.farewells.Add(1) > maxFarewells {
		r.farewells.Add(-1)
		dismiss(conns)
		return
	}
	r.tasks.Go(func() {
		defer r.farewells.Add(-1)
		wait := time.NewTimer(farewell)
		defer wait.Stop()
		inbound := slices.ContainsFunc(conns, func(c network.Conn) bool { return c.Stat().Direction == network.DirInbound })
		if inbound {
			select {
			case <-ctx.Done():
			case <-wait.C:
			}
		}
		dismiss(conns)
	})
}

func dismiss(conns []network.Conn) {
	for _, c := range conns {
		_ = c.CloseWithError(refusedNetwork)
	}
}
