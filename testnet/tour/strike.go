package tour

import (
	"context"
	"time"

	"github.com/etal-cloud/etal/market"
)

// strike kills the provider of a tile that is halfway, waits until the tile runs
// elsewhere, and starts the provider again: it finds in its records what it is
// owed.
func (t *tour) strike(ctx context.Context) error {
	p, err := t.victim(ctx)
	if err != nil {
		return err
	}
	if p == nil {
		t.say("  no provider was killed: every tile was done too soon")
		return nil
	}
	t.mu.Lock()
	name := p.view.Provider
	p.struck, t.report.Killed = name, name
	at := 100 * p.done / max(p.total, 1)
	t.show(p)
	t.mu.Unlock()
	if err := t.net.Kill(ctx, name, true); err != nil {
		return err
	}
	began := time.Now()
	t.say("  %s is dead, at %d %% of tile %d: its node and its engine were killed, as by a power cut", name, at, p.index)
	select {
	case <-p.again:
	case <-p.ended: // a moment before
	case <-ctx.Done():
		return ctx.Err()
	}
	t.mu.Lock()
	elsewhere := p.view.Provider
	t.mu.Unlock()
	if elsewhere != name {
		t.did(began, "later the renter's node has given %s up and leased tile %d on %s", name, p.index, elsewhere)
	}
	if err := t.net.Start(ctx, name); err != nil {
		return err
	}
	t.say("  %s has power again: it reconciles, and will collect for what it delivered", name)
	return nil
}

// victim waits for a tile that is halfway and that another provider may take
// over; nil where none is left. The first tile's lease excluded nobody and the
// second's only the first's provider, so that these two can be taken over.
func (t *tour) victim(ctx context.Context) (*part, error) {
	for _, p := range t.parts[:Tiles-1] {
		select {
		case <-p.half:
		case <-p.ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		// Its log tells of the past: the job may be over by now.
		v, err := t.client.Job(ctx, t.job(p.index, nil).Name)
		if err != nil {
			return nil, err
		}
		if v.State == market.AllocRunning && len(v.Leases) == 1 {
			return p, nil
		}
	}
	return nil, nil //nolint:nilnil // nobody needs to die
}
