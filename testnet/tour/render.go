package tour

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/picture"
)

// render leases three different providers, renders a tile on each and brings
// the tiles back. On the way one provider dies.
func (t *tour) render(ctx context.Context) error {
	t.o.Doing("")
	t.say("")
	t.say("Rendering %s, seed %d, a third on each of three machines:", t.o.Scene.Title(), t.o.Seed)
	t.mu.Lock()
	t.view = picture.NewView(t.o.Talk, t.o.Scene.layout, t.o.View)
	for i := range Tiles {
		t.parts = append(t.parts, &part{
			index: i, leased: make(chan string, 1),
			again: make(chan struct{}), half: make(chan struct{}), ended: make(chan struct{}),
		})
	}
	t.mu.Unlock()
	began := time.Now()

	stop, drawn := make(chan struct{}), make(chan struct{})
	go func() { // ends when stop is closed
		defer close(drawn)
		t.draw(stop)
	}()
	err := t.tiles(ctx)
	close(stop)
	<-drawn
	t.mu.Lock()
	view := t.view
	t.view = nil
	t.mu.Unlock()
	if e := view.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	t.did(began, "all tiles are here, and each is what its provider wrote")
	return nil
}

// refresh is the time between two drawings.
const refresh = 100 * time.Millisecond

// draw keeps the picture on the screen fresh until stop is closed.
func (t *tour) draw(stop <-chan struct{}) {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			t.mu.Lock()
			_ = t.view.Flush() // a terminal that is gone: the interrupt follows
			t.mu.Unlock()
		}
	}
}

// tiles carries all tiles to their end.
func (t *tour) tiles(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.strike(ctx) })
	g.Go(func() error {
		began := time.Now()
		var taken []string // each tile goes to a provider that has none yet
		for _, p := range t.parts {
			if _, err := t.client.SubmitJob(ctx, t.job(p.index, taken), node.RunOptions{}); err != nil {
				return fmt.Errorf("tile %d: %w", p.index, err)
			}
			g.Go(func() error {
				defer close(p.ended)
				return t.watch(ctx, p)
			})
			g.Go(func() error {
				if err := t.logs(ctx, p, true); err != nil {
					return err
				}
				select {
				case <-p.ended:
				case <-ctx.Done():
					return ctx.Err()
				}
				if ctx.Err() != nil { // which ended the watch, too
					return ctx.Err()
				}
				return t.fetch(ctx, p)
			})
			select {
			case peer := <-p.leased:
				taken = append(taken, peer)
			case <-p.ended:
				select {
				case peer := <-p.leased:
					taken = append(taken, peer)
				default:
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		t.did(began, "leased %s; scene and renderer go there over libp2p", t.lessors())
		return nil
	})
	return g.Wait()
}

// lessors names the providers of the tiles' first leases.
func (t *tour) lessors() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var names []string
	for _, p := range t.parts {
		if len(p.view.Leases) > 0 {
			names = append(names, p.view.Leases[0].Provider)
		}
	}
	return strings.Join(names, ", ")
}
