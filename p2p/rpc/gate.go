package rpc

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/time/rate"
)

// maxVisitors bounds the peers that a gate remembers.
const maxVisitors = 4096

// gate admits streams of one protocol within its caps.
type gate struct {
	p *Protocol

	mu       sync.Mutex // guards the following fields
	open     int
	visitors map[peer.ID]*visitor
}

type visitor struct {
	open int
	pace *rate.Limiter
}

func newGate(p *Protocol) *gate {
	return &gate{p: p, visitors: make(map[peer.ID]*visitor)}
}

// enter counts a stream of a peer in, or refuses it.
func (g *gate) enter(id peer.ID, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.visitors[id]
	if v == nil {
		if len(g.visitors) >= maxVisitors {
			g.forget(now)
		}
		if len(g.visitors) >= maxVisitors {
			return false
		}
		v = &visitor{pace: rate.NewLimiter(rate.Limit(g.p.Rate), g.p.Burst)}
		g.visitors[id] = v
	}
	// The pace counts refused streams too: insisting does not help.
	if !v.pace.AllowN(now, 1) || v.open >= g.p.PerPeer || g.open >= g.p.Total {
		return false
	}
	v.open++
	g.open++
	return true
}

// leave counts it out again.
func (g *gate) leave(id peer.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.visitors[id].open--
	g.open--
}

// forget drops the visitors about whom there is nothing to remember. The caller
// holds mu.
func (g *gate) forget(now time.Time) {
	for id, v := range g.visitors {
		if v.open == 0 && v.pace.TokensAt(now) >= float64(g.p.Burst) {
			delete(g.visitors, id)
		}
	}
}
