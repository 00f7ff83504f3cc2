package provider

import (
	"context"
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
		if r.live() && !r.busy {
			if do := p.reconcileOne(ctx, r, seen); do != nil {
				act = append(act, do)
			}
		}
	}
	p.mu.Unlock()
	for _, st := range list {
		if known[st.ID] {
			continue
		}
		p.cfg.Log.Warn("removing an allocation that no lease knows", "alloc", st.ID)
		act = append(act, func() error {
			if err := p.cfg.Engine.Stop(ctx, st.ID, 0); err != nil {
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
func (p *Provider) reconcileOne(ctx context.Context, r *record, seen map[string]runtime.Status) func() error {
	st, there := seen[r.allocID()]
	switch {
	case r.Alloc == market.AllocPending && there && st.State == runtime.StateCreated:
		// The answer to the renter was never sent: it will not count on this job.
		r.Alloc, r.Reason = market.AllocFailed, "the provider restarted before the job ran"
	case !there:
		r.Alloc, r.Reason, r.Exited = market.AllocLost, "the sandbox was gone after a restart", p.cfg.Now()
		if r.Started.IsZero() {
			r.Alloc, r.Reason = market.AllocFailed, "the provider restarted before the job ran"
		}
	case st.Ended():
		return func() error { p.observed(r, st); return nil }
	default:
		r.observe(st)
		p.awaitLocked(r)
		if r.StopAs != "" {
			return func() error { return p.endJob(ctx, r, r.StopAs, stopGrace) }
		}
		return nil
	}
	if err := p.endLease(r, p.cfg.Now()); err != nil {
		p.cfg.Log.Error("lease not saved", "err", err)
	}
	return nil
}
