package p2p

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	dialsAtOnce = 8
	dialTime    = 15 * time.Second
)

// candidate is a peer worth dialling when we lack peers.
type candidate struct {
	info  peer.AddrInfo
	must  bool // dialled whenever it is not connected: a bootstrap peer
	tried int
	due   time.Time
	busy  bool
}

// dialer decides whom to dial and when.
type dialer struct {
	*settings

	mu   sync.Mutex // guards the following field
	all  map[peer.ID]*candidate
	poke chan struct{}
}

func newDialer(s *settings, id peer.ID, known []peer.AddrInfo) *dialer {
	d := &dialer{settings: s, all: make(map[peer.ID]*candidate), poke: make(chan struct{}, 1)}
	for _, info := range s.bootstrap {
		if info.ID != id {
			d.all[info.ID] = &candidate{info: info, must: true}
		}
	}
	for _, info := range known {
		if info.ID != id {
			d.add(info)
		}
	}
	return d
}

// add takes a peer that somebody told us about, if there is room.
func (d *dialer) add(info peer.AddrInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.all[info.ID]
	if c == nil {
		if len(d.all) >= maxCandidates {
			return
		}
		c = &candidate{info: peer.AddrInfo{ID: info.ID}}
		d.all[info.ID] = c
	}
	addrs := d.useful(ma.Unique(append(slices.Clone(info.Addrs), c.info.Addrs...)))
	if fresh := len(addrs) > len(c.info.Addrs); fresh {
		c.due = time.Time{}
	}
	c.info.Addrs = addrs
}

// next picks whom to dial now, and tells when to look again.
func (d *dialer) next(now time.Time, peers *peers) (dial []peer.AddrInfo, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait = 30 * time.Second
	busy, lack := 0, d.Want-peers.count()
	for _, c := range d.all {
		if c.busy {
			busy++
		}
	}
	for _, must := range []bool{true, false} {
		for id, c := range d.all {
			switch {
			case c.must != must || c.busy || len(c.info.Addrs) == 0:
			case peers.has(id):
				c.tried, c.due = 0, time.Time{}
			case !must && lack-busy <= 0:
			case c.due.After(now):
				wait = min(wait, c.due.Sub(now))
			case busy < dialsAtOnce:
				c.busy = true
				busy++
				dial = append(dial, peer.AddrInfo{ID: id, Addrs: slices.Clone(c.info.Addrs)})
			}
		}
	}
	return dial, max(wait, 50*time.Millisecond)
}

// done notes how a dial ended and pauses the peer longer after each failure.
func (d *dialer) done(id peer.ID, now time.Time, err error) {
	d.mu.Lock()
	c := d.all[id]
	c.busy = false
	if err == nil {
		c.tried, c.due = 0, time.Time{}
	} else {
		longest := 10 * time.Minute
		if c.must {
			longest = time.Minute
		}
		if d.Local {
			longest = 5 * time.Second
		}
		pause := min(500*time.Millisecond<<min(c.tried, 12), longest)
		if errors.Is(err, ErrOtherNetwork) {
			pause = longest
		}
		c.tried++
		c.due = now.Add(pause*3/4 + rand.N(pause/2))
	}
	d.mu.Unlock()
	d.wake()
}

// wake makes the loop look again now.
func (d *dialer) wake() {
	select {
	case d.poke <- struct{}{}:
	default:
	}
}

// run keeps the node connected until ctx ends.
func (d *dialer) run(ctx context.Context, peers *peers, connect func(context.Context, peer.AddrInfo) error) {
	var dials sync.WaitGroup
	defer dials.Wait()
	for {
		infos, wait := d.next(d.Now(), peers)
		for _, info := range infos {
			dials.Go(func() {
				err := connect(ctx, info)
				if err != nil {
					d.Log.Debug("dial failed", "peer", info.ID, "error", err)
				}
				d.done(info.ID, d.Now(), err)
			})
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-d.poke:
			timer.Stop()
		case <-timer.C:
		}
	}
}
