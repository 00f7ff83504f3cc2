package provider

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// meterLoop measures every running lease each second, pauses and stops what is
// not paid or over, and settles what is idle.
func (p *Provider) meterLoop(ctx context.Context) {
	tick := time.NewTicker(meterEvery)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-p.kick:
		}
		p.meter(ctx)
		p.collect()
		if n%30 == 29 {
			if err := p.reconcile(ctx); err != nil && ctx.Err() == nil {
				p.cfg.Log.Warn("reconcile failed", "err", err)
			}
		}
	}
}

// meter looks at every live lease once.
func (p *Provider) meter(ctx context.Context) {
	for _, r := range p.live() {
		if p.runs(r) {
			st, err := p.cfg.Engine.Status(ctx, r.allocID())
			if err == nil {
				p.observed(r, st)
			} else if !errors.Is(err, runtime.ErrUnavailable) && !errors.Is(err, runtime.ErrNotFound) && ctx.Err() == nil {
				p.cfg.Log.Warn("status unknown", "alloc", r.allocID(), "err", err)
			}
		}
		if name, do := p.decide(r); do != nil {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				p.cfg.Log.Warn("lease action failed", "action", name, "alloc", r.allocID(), "err", err)
			}
		}
	}
	p.forget()
}

func (p *Provider) live() (list []*record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.leases {
		if r.live() {
			list = append(list, r)
		}
	}
	return list
}

// runs reports whether the engine should know r's allocation.
func (p *Provider) runs(r *record) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return r.Spec != nil && !r.busy && !r.Alloc.Ended()
}

// observed takes over what the engine saw, saves it and ends the lease with its job.
func (p *Provider) observed(r *record, st runtime.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !r.live() || !r.observe(st) {
		return
	}
	var err error
	if r.Alloc.Ended() {
		err = p.endLease(r, p.cfg.Now())
	} else {
		err = p.save(r)
		r.touch()
	}
	if err != nil {
		p.cfg.Log.Error("usage not saved", "alloc", r.allocID(), "err", err)
	}
}

// decide says what must be done about a live lease now: a word for the log, and
// the deed; nil where nothing is due.
func (p *Provider) decide(r *record) (string, func(context.Context) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	if !r.live() {
		return "", nil
	}
	if r.State == market.LeaseOpening {
		if st, ok := p.cfg.Chain.Channel(r.lease.Channel); ok && st.Confirmed && !st.Closed {
			r.State = market.LeaseActive
			if err := p.save(r); err != nil {
				p.cfg.Log.Error("lease not saved", "err", err)
			}
		}
	}
	if r.Spec == nil && !r.busy && (!now.Before(r.lease.Expires()) || now.Sub(r.lease.Accepted) > startWithin) {
		return "end unused", func(ctx context.Context) error { return p.endJob(ctx, r, "no job was sent in time", 0) }
	}
	if r.Spec == nil || r.busy {
		return "", nil
	}
	st := market.Standing{
		State: r.Alloc, Delivered: time.Duration(r.usage().DeliveredMS) * time.Millisecond,
		PaidThrough: r.lease.PaidThrough(r.Paid, p.cfg.Notary.Decimals(), 0),
		Confirmed:   r.State == market.LeaseActive, Now: now,
	}
	if !r.Paused.IsZero() {
		st.Paused = now.Sub(r.Paused)
	}
	switch act := r.lease.Due(st); act {
	case market.ActionStop:
		why := timeIsUp
		if r.Alloc == market.AllocPaused && now.Before(r.lease.Expires()) {
			why = "it was not paid"
		}
		return string(act), func(ctx context.Context) error { return p.endJob(ctx, r, why, stopGrace) }
	case market.ActionPause:
		r.Paused, r.Reason = now, "paused: what is paid for has been delivered"
		return string(act), func(ctx context.Context) error {
			return errors.Join(p.keep(r), p.cfg.Engine.Pause(ctx, r.allocID()))
		}
	case market.ActionResume:
		r.Paused, r.Reason = time.Time{}, ""
		return string(act), func(ctx context.Context) error {
			return errors.Join(p.keep(r), p.cfg.Engine.Resume(ctx, r.allocID()))
		}
	}
	return "", nil
}

// timeIsUp is the reason of an allocation that its term ended.
const timeIsUp = "its time was up"

// stopGrace is the time between SIGTERM and SIGKILL when etal ends a job.
const stopGrace = 10 * time.Second

func (p *Provider) keep(r *record) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.save(r)
}

// endJob stops an allocation for a reason of etal's own and takes over how it
// ended. Ending what has ended does nothing.
func (p *Provider) endJob(ctx context.Context, r *record, why string, grace time.Duration) error {
	p.mu.Lock()
	switch {
	case !r.live() || r.Alloc.Ended():
		p.mu.Unlock()
		return nil
	case r.busy:
		p.mu.Unlock()
		return market.ErrState
	case r.Spec == nil:
		defer p.mu.Unlock()
		r.Alloc, r.Reason = market.AllocStopped, why
		return p.endLease(r, p.cfg.Now())
	}
	if r.StopAs == "" {
		r.StopAs = why
	}
	paused := !r.Paused.IsZero()
	err := p.save(r)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	if paused { // a frozen job cannot answer SIGTERM
		grace = 0
	}
	if err := p.cfg.Engine.Stop(ctx, r.allocID(), grace); err != nil {
		return err
	}
	st, err := p.cfg.Engine.Status(ctx, r.allocID())
	if err != nil {
		return err
	}
	p.observed(r, st)
	return nil
}

// endLease marks a lease ended and saves it: its resources are free again. The
// caller holds p.mu and has set how the allocation ended.
func (p *Provider) endLease(r *record, now time.Time) error {
	if !r.live() {
		return nil
	}
	r.State, r.EndedAt = market.LeaseEnded, now
	items := []any{r}
	if c := p.channels[r.lease.Channel]; c != nil {
		c.Used = now
		items = append(items, c)
	}
	p.dirty = true
	r.touch()
	return p.save(items...)
}

// awaitLocked has an allocation's end awaited, so that it is seen at once and not
// at the next tick. The caller holds p.mu.
func (p *Provider) awaitLocked(r *record) {
	if id := r.allocID(); p.watch != nil && !p.watched[id] {
		p.watched[id] = true
		p.watch(r.ID, id)
	}
}

func (p *Provider) await(ctx context.Context, id market.LeaseID, alloc string) {
	st, err := p.cfg.Engine.Wait(ctx, alloc)
	p.mu.Lock()
	delete(p.watched, alloc)
	r := p.leases[id]
	p.mu.Unlock()
	if err == nil && r != nil {
		p.observed(r, st)
	}
}

// forget removes what ended leases left, an hour after their end: container,
// log, inputs and outputs. The record stays for the bill.
func (p *Provider) forget() {
	p.mu.Lock()
	var old []*record
	now := p.cfg.Now()
	for _, r := range p.leases {
		if !r.live() && r.Spec != nil && now.Sub(r.EndedAt) > keepOutputs {
			old = append(old, r)
		}
	}
	p.mu.Unlock()
	for _, r := range old {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		err := p.cfg.Engine.Remove(ctx, r.allocID())
		cancel()
		if err == nil {
			err = os.RemoveAll(p.folder(r))
		}
		if err != nil {
			p.cfg.Log.Warn("leftovers stay", "alloc", r.allocID(), "err", err)
			continue
		}
		p.mu.Lock()
		r.Spec = nil
		if err := p.save(r); err != nil {
			p.cfg.Log.Error("lease not saved", "err", err)
		}
		p.mu.Unlock()
	}
}
