package p2p

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/core/routing"
)

// Network is one node's place in one etal network. Its methods may be called
// from any goroutine.
type Network struct {
	*settings
	key   crypto.PrivKey
	id    peer.ID
	known *known
	peers *peers

	ready chan struct{} // closed when the network is open
	ended chan struct{} // closed when Run has returned
	stop  context.CancelFunc
	ctx   context.Context // ended by Close
	live  atomic.Pointer[running]

	mu       sync.Mutex // guards the following fields
	started  bool
	handlers map[protocol.ID]network.StreamHandler
}

// running is what exists only between the start and the end of Run.
type running struct {
	host      host.Host
	dht       *dht.IpfsDHT
	pubsub    *pubsub.PubSub
	filter    *topicFilter
	dialer    *dialer
	sub       event.Subscription
	tasks     sync.WaitGroup
	farewells atomic.Int64
	news      chan struct{}
}

// wake tells the loops that the set of peers changed.
func (r *running) wake() {
	r.dialer.wake()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// New checks the configuration and reads, or makes, the identity. It starts
// nothing. The errors are ErrConfig and ErrKeyFile.
func New(c Config) (*Network, error) {
	s, err := c.settle()
	if err != nil {
		return nil, err
	}
	if s.Key == nil && s.KeyFile != "" {
		if s.Key, err = LoadOrMakeKey(s.KeyFile); err != nil {
			return nil, err
		}
	}
	if s.Key == nil {
		if _, s.Key, err = ed25519.GenerateKey(nil); err != nil {
			return nil, err
		}
	}
	n := &Network{
		settings: s,
		peers:    newPeers(),
		ready:    make(chan struct{}),
		ended:    make(chan struct{}),
		handlers: make(map[protocol.ID]network.StreamHandler),
	}
	if n.key, err = hostKey(s.Key); err != nil {
		return nil, err
	}
	if n.id, err = peer.IDFromPrivateKey(n.key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	if n.known, err = s.openKnown(s.PeersFile); err != nil {
		s.Log.Warn("the file of known peers is lost", "error", err)
	}
	n.ctx, n.stop = context.WithCancel(context.Background())
	return n, nil
}

// Run opens the network, keeps the node connected, and returns nil once ctx has
// ended or Close was called and everything is closed. It returns an error when
// the network cannot be opened, and ErrStarted when it was run before.
func (n *Network) Run(ctx context.Context) error {
	n.mu.Lock()
	if n.started {
		n.mu.Unlock()
		return ErrStarted
	}
	n.started = true
	n.mu.Unlock()
	defer close(n.ended)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()

	r := &running{
		filter: &topicFilter{stem: n.topic(""), seen: make(map[peer.ID]map[string]struct{})},
		dialer: newDialer(n.settings, n.id, n.known.infos()),
		news:   make(chan struct{}, 1),
	}
	var open []io.Closer
	defer func() {
		// What uses the host ends first, then what it is made of. The events
		// stop before that, because the host waits for a reader of them.
		n.live.Store(nil)
		cancel()
		if r.sub != nil {
			_ = r.sub.Close()
		}
		r.tasks.Wait()
		for _, c := range slices.Backward(open) {
			if err := c.Close(); err != nil {
				n.Log.Debug("closing the network", "error", err)
			}
		}
	}()

	var err error
	r.host, err = n.newHost(n.key, func(h host.Host) (routing.PeerRouting, error) {
		var err error
		r.dht, err = n.newDHT(h)
		return r.dht, err
	})
	if err != nil {
		return fmt.Errorf("open the network: %w", err)
	}
	open = append(open, r.host, r.dht)
	if r.pubsub, err = n.newPubSub(ctx, r.host, r.filter); err != nil {
		return fmt.Errorf("open gossip: %w", err)
	}
	if err := n.follow(ctx, r); err != nil {
		return err
	}
	n.mu.Lock()
	for id, h := range n.handlers {
		r.host.SetStreamHandler(id, h)
	}
	n.live.Store(r)
	n.mu.Unlock()
	if err := n.listenAgain(r); err != nil {
		return err
	}
	if err := r.dht.Bootstrap(ctx); err != nil {
		return fmt.Errorf("join the DHT: %w", err)
	}
	if n.MDNS {
		l, err := n.startLAN(r)
		if err != nil {
			// A machine without multicast is no reason to stay off the network.
			n.Log.Warn("peers on the local link will not be found", "error", err)
		} else {
			open = append(open, l)
		}
	}
	close(n.ready)

	r.tasks.Go(func() { r.dialer.run(ctx, n.peers, n.Connect) })
	r.tasks.Go(func() { n.refresh(ctx, r) })
	n.remember(ctx, r)
	return nil
}

// Ready is closed when the network is open: addresses are known and calls work.
// It is never closed when Run fails before.
func (n *Network) Ready() <-chan struct{} { return n.ready }

// Close ends Run, waits for it and closes everything. A Network that was never
// run has nothing to close.
func (n *Network) Close() error {
	n.stop()
	n.mu.Lock()
	started := n.started
	n.started = true
	n.mu.Unlock()
	if started {
		<-n.ended
	} else {
		close(n.ended)
	}
	return nil
}

// ID is our peer id. It is known before Run.
func (n *Network) ID() peer.ID { return n.id }

// Addrs tells where we can be reached: multiaddresses that end in our peer id,
// ready for another node's Bootstrap. Empty until Ready.
func (n *Network) Addrs() []string {
	info := n.AddrInfo()
	if len(info.Addrs) == 0 {
		return nil
	}
	full, err := peer.AddrInfoToP2pAddrs(&info)
	if err != nil {
		return nil
	}
	out := make([]string, 0, len(full))
	for _, a := range full {
		out = append(out, a.String())
	}
	return out
}

// AddrInfo is our peer id with the addresses we can be reached at, none until
// Ready.
func (n *Network) AddrInfo() peer.AddrInfo {
	info := peer.AddrInfo{ID: n.id}
	if r := n.live.Load(); r != nil {
		info.Addrs = r.host.Addrs()
	}
	return info
}

// Host is libp2p's host, nil unless the network is running. It is for packages
// that bring their own protocols; everything else has a method here.
func (n *Network) Host() host.Host {
	if r := n.live.Load(); r != nil {
		return r.host
	}
	return nil
}

// PubSub is the gossip router, nil unless the network is running.
func (n *Network) PubSub() *pubsub.PubSub {
	if r := n.live.Load(); r != nil {
		return r.pubsub
	}
	return nil
}

// Topic returns the full name of a gossip topic of this network.
func (n *Network) Topic(name string) string { return n.topic(name) }

// ProtocolID returns the id of a protocol of this network in one version, such
// as /etal/0123456789abcdef/lease/1.
func (n *Network) ProtocolID(name string, version uint32) protocol.ID {
	return protocol.ID(fmt.Sprintf("%s/%s/%d", n.stem(), name, version))
}

// NewStream opens a stream that speaks the first of the given protocols that
// the peer knows. It connects to the peer if need be.
func (n *Network) NewStream(ctx context.Context, p peer.ID, ids ...protocol.ID) (network.Stream, error) {
	r := n.live.Load()
	if r == nil {
		return nil, ErrNotReady
	}
	return r.host.NewStream(ctx, p, ids...)
}

// SetStreamHandler serves a protocol. Before Run it is noted, so that the
// protocol is there when the first peer arrives.
func (n *Network) SetStreamHandler(id protocol.ID, h network.StreamHandler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handlers[id] = h
	if r := n.live.Load(); r != nil {
		r.host.SetStreamHandler(id, h)
	}
}

// RemoveStreamHandler stops serving a protocol.
func (n *Network) RemoveStreamHandler(id protocol.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.handlers, id)
	if r := n.live.Load(); r != nil {
		r.host.RemoveStreamHandler(id)
	}
}

// Protocols lists the ids of the protocols we serve, sorted.
func (n *Network) Protocols() []protocol.ID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Keys(n.handlers))
}
