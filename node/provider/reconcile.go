package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// reconcile compares the records with what the engine runs and acts on the
// difference: it adopts what runs, finishes what ended unseen, marks as lost what
// vanished, and removes what no record knows. An engine that cannot be reached
// changes nothing.
func (p *Provider) reconcile(ctx context.Context) error {
	list, err := p.cfg.Engine.List(ctx)
	if err != nil {
		return fmt.Errorf("provider: list: %w", err)
	}
	seen := map[string]runtime.Status{}
	for _, st := range list {
		seen[st.ID] = st
	}
	var act []func() error
	known := map[string]bool{}
	p.mu.Lock()
	for _, r := range p.leases {
		if r.Spec == nil && !r.busy {
			continue
		}
		known[r.allocID()] = true
		st, there := seen[r.allocID()]
		switch {
		case r.busy:
		case r.live():
			if do := p.reconcileOne(ctx, r, st, there); do != nil {
				act = append(act, do)
			}
		case there && st.State != runtime.StateUnknown && !st.Ended():
			// Such as one that was started while this process was being killed.
			act = append(act, func() error { return p.scrap(ctx, r) })
		}
	}
	p.mu.Unlock()
	for _, st := range list {
		if known[st.ID] {
			continue
		}
		p.cfg.Log.Warn("removing an allocation that no lease knows", "alloc", st.ID)
		act = append(act, func() error {
			if err := p.cfg.Engine.Stop(ctx, st.ID, 0); err != nil && !errors.Is(err, runtime.ErrState) && !errors.Is(err, runtime.ErrNotFound) {
				return err
			}
			return p.cfg.Engine.Remove(ctx, st.ID)
		})
	}
	for _, do := range act {
		if err := do(); err != nil && ctx.Err() == nil {
			p.cfg.Log.Warn("reconcile step failed", "err", err)
		}
	}
	return nil
}

// reconcileOne brings one live record in line with what was seen, and returns
// what must be done without p.mu, which the caller holds.
func (p *Provider) reconcileOne(ctx context.Context, r *record, st runtime.Status, there bool) func() error {
	switch {
	case !there:
		return func() error { return p.missing(ctx, r) }
	case st.State == runtime.StateCreated:
		// The answer to the renter was never sent: it will not count on this job.
		return func() error {
			if err := p.scrap(ctx, r); err != nil {
				return err
			}
			return p.missing(ctx, r)
		}
	case st.Ended():
		return func() error { p.observed(r, st); return nil }
	}
	r.observe(st)
	p.awaitLocked(r)
	if r.StopAs != "" && !r.acting {
		r.acting = true
		why := r.StopAs
		return func() error {
			p.act(ctx, r, "stop", func(ctx context.Context) error { return p.endJob(ctx, r, why, stopGrace) })
			return nil
		}
	}
	return nil
}

// missing ends a lease whose allocation the engine does not know. The list may
// have been made before the allocation was, so the engine is asked once more.
func (p *Provider) missing(ctx context.Context, r *record) error {
	_, err := p.cfg.Engine.Status(ctx, r.allocID())
	if !errors.Is(err, runtime.ErrNotFound) {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.busy || !r.live():
		return nil
	case r.Started.IsZero():
		r.Alloc, r.Reason = market.AllocFailed, "the provider restarted before the job ran"
	default:
		r.Alloc, r.Reason, r.Exited = market.AllocLost, "the sandbox was gone after a restart", p.cfg.Now()
	}
	return p.endLease(r, p.cfg.Now())
}
