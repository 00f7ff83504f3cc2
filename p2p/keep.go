package p2p

import (
	"context"
	"time"
)

// refresh asks the DHT for neighbours when peers come, while we know few: a
// young network then finds itself within seconds of its first contact.
func (n *Network) refresh(ctx context.Context, r *running) {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.news:
		case <-tick.C:
		}
		if n.peers.count() >= n.Want || n.peers.count() == 0 {
			continue
		}
		select {
		case err := <-r.dht.RefreshRoutingTable():
			if err != nil {
				n.Log.Debug("few neighbours found", "error", err)
			}
		case <-ctx.Done():
			return
		}
		pause := time.NewTimer(2 * time.Second)
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// remember keeps the file of known peers current until ctx ends.
func (n *Network) remember(ctx context.Context, r *running) {
	pause := 2 * time.Second
	for ended := false; !ended; {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			ended = true
		case <-timer.C:
			// Often at first, so that a young node that is killed has friends.
			pause = min(2*pause, time.Minute)
		}
		now := n.Now()
		for _, id := range n.peers.list() {
			n.known.saw(id, n.useful(r.host.Peerstore().Addrs(id)), now)
		}
		if err := n.known.save(); err != nil {
			n.Log.Warn("known peers were not kept", "error", err)
		}
	}
}
