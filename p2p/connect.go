package p2p

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

// Connect dials a peer and returns once it is connected and known to be of this
// network. Without addresses the DHT is asked for some. A peer of another
// network is ErrOtherNetwork, one that cannot be dialled within 15 s, or ctx,
// ErrUnreachable.
func (n *Network) Connect(ctx context.Context, info peer.AddrInfo) error {
	r := n.live.Load()
	if r == nil {
		return ErrNotReady
	}
	if info.ID == n.id {
		return fmt.Errorf("%w: that is ourselves", ErrAddress)
	}
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, "connect"), dialTime)
	defer cancel()
	// A connection that was there already may just be ending, or be so young that
	// the peer has not identified itself on it: then we look again.
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		if err := r.host.Connect(ctx, info); err != nil {
			return fmt.Errorf("connect to %s: %w: %w", info.ID, ErrUnreachable, err)
		}
		version, err := r.host.Peerstore().Get(info.ID, "ProtocolVersion")
		switch {
		case err == nil && version == n.version():
			n.welcome(r, info.ID)
			return nil
		case err == nil:
			dismiss(r.host.Network().ConnsToPeer(info.ID))
			return fmt.Errorf("connect to %s: %w", info.ID, ErrOtherNetwork)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("connect to %s: %w: it did not identify itself: %w", info.ID, ErrUnreachable, ctx.Err())
		}
	}
}

// Disconnect closes the connections to a peer. It may come back by itself.
func (n *Network) Disconnect(p peer.ID) error {
	r := n.live.Load()
	if r == nil {
		return ErrNotReady
	}
	return r.host.Network().ClosePeer(p)
}

// Protect keeps the connection to a peer when connections are trimmed, for as
// long as any tag is held: a lease's id, for instance.
func (n *Network) Protect(p peer.ID, tag string) {
	if r := n.live.Load(); r != nil {
		r.host.ConnManager().Protect(p, tag)
	}
}

// Unprotect takes back one tag and reports whether another still holds.
func (n *Network) Unprotect(p peer.ID, tag string) bool {
	if r := n.live.Load(); r != nil {
		return r.host.ConnManager().Unprotect(p, tag)
	}
	return false
}

// Ping measures the time to a peer and back, connecting to it if need be.
func (n *Network) Ping(ctx context.Context, p peer.ID) (time.Duration, error) {
	r := n.live.Load()
	if r == nil {
		return 0, ErrNotReady
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := ping.Ping(ctx, r.host, p)
	select {
	case a, ok := <-answers:
		if !ok || a.Error != nil {
			return 0, fmt.Errorf("ping %s: %w", p, errors.Join(ErrUnreachable, a.Error))
		}
		return a.RTT, nil
	case <-ctx.Done():
		return 0, fmt.Errorf("ping %s: %w", p, ctx.Err())
	}
}
