package provider

import (
	"context"
	"errors"
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

// meter looks at every live lease once: it takes over what the engine sees, all of
// it in one transaction, then does what is due.
func (p *Provider) meter(ctx context.Context) {
	list, running := p.live()
	seen := make(map[*record]runtime.Status, len(running))
	for _, r := range running {
		one, cancel := context.WithTimeout(ctx, statusIn)
		st, err := p.cfg.Engine.Status(one, r.allocID())
		cancel()
		if errors.Is(err, runtime.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
			break // nothing can be concluded, and the others would wait as long
		}
		if err == nil {
			seen[r] = st
		} else if !errors.Is(err, runtime.ErrNotFound) && ctx.Err() == nil {
			p.cfg.Log.Warn("status unknown", "alloc", r.allocID(), "err", err)
		}
	}
	p.observeAll(seen)
	for _, r := range list {
		if name, do := p.decide(r); do != nil {
			p.act(ctx, r, name, do)
		}
	}
	p.forget(ctx)
}

// act does what is due about a lease, beside the metering of the others: a job
// may take its time to end.
func (p *Provider) act(ctx context.Context, r *record, name string, do func(context.Context) error) {
	run := func(ctx context.Context) {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			p.cfg.Log.Warn("lease action failed", "action", name, "alloc", r.allocID(), "err", err)
		}
		p.mu.Lock()
		r.acting = false
		p.mu.Unlock()
	}
	p.mu.Lock()
	spawn := p.spawn
	if spawn != nil {
		spawn(run)
	}
	p.mu.Unlock()
	if spawn == nil {
		run(ctx)
	}
}

// live returns the live leases, and those of them that the engine should know.
func (p *Provider) live() (list, running []*record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.active {
		list = append(list, r)
		if r.Spec != nil && !r.busy && !r.Alloc.Ended() {
			running = append(running, r)
		}
	}
	return list, running
}

// observeAll takes over what the engine saw and saves it in one transaction.
func (p *Provider) observeAll(seen map[*record]runtime.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var changed []any
	for r, st := range seen {
		if !r.live() || !r.observe(st) {
			continue
		}
		if r.Alloc.Ended() {
			if err := p.endLease(r, p.cfg.Now()); err != nil {
				p.cfg.Log.Error("lease not saved", "alloc", r.allocID(), "err", err)
			}
			continue
		}
		changed = append(changed, r)
		r.touch()
	}
	if len(changed) == 0 {
		return
	}
	if err := p.save(changed...); err != nil {
		p.cfg.Log.Error("usage not saved", "err", err)
	}
}

func (p *Provider) observed(r *record, st runtime.Status) {
	p.observeAll(map[*record]runtime.Status{r: st})
}

// decide says what must be done about a live lease now: a word for the log, and
// the deed; nil where nothing is due.
func (p *Provider) decide(r *record) (name string, do func(context.Context) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	if !r.live() || r.acting {
		return "", nil
	}
	defer func() { r.acting = do != nil }()
	ch, there := p.cfg.Chain.Channel(r.lease.Channel)
	if r.State == market.LeaseOpening && there && ch.Confirmed && !ch.Closed {
		r.State = market.LeaseActive
		if err := p.save(r); err != nil {
			p.cfg.Log.Error("lease not saved", "err", err)
		}
	}
	end := func(name, why string, grace time.Duration) (string, func(context.Context) error) {
		return name, func(ctx context.Context) error { return p.endJob(ctx, r, why, grace) }
	}
	switch why := p.unpayable(r, ch, there, now); {
	case why != "":
		return end("end unpayable", why, stopGrace)
	case r.busy && !now.Before(r.lease.Expires()):
		return end("end receiving", timeIsUp, 0)
	case r.busy:
		return "", nil
	case r.Spec == nil && (!now.Before(r.lease.Expires()) || now.Sub(r.lease.Accepted) > startWithin):
		return end("end unused", "no job was sent in time", 0)
	case r.Spec == nil:
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
			why = notPaid
		}
		return end(string(act), why, stopGrace)
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

// unpayable says why nothing more can be earned on r's channel, or "". The caller
// holds p.mu.
func (p *Provider) unpayable(r *record, st ChannelState, there bool, now time.Time) string {
	c := p.channels[r.lease.Channel]
	switch {
	case there && st.Closed:
		return "its channel was closed"
	case there && !st.ClosesAt.IsZero() && !now.Before(st.ClosesAt.Add(-redeemAhead)):
		return "its channel closes"
	case !there && c != nil && c.Open != nil && now.After(c.deadline().Add(openMargin)):
		return "its channel could not be opened"
	}
	return ""
}

// Why an allocation was stopped.
const (
	timeIsUp = "its time was up"
	notPaid  = "it was not paid"
)

// stopGrace is the time between SIGTERM and SIGKILL when etal ends a job.
const stopGrace = 10 * time.Second

func (p *Provider) keep(r *record) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.save(r)
}

// endJob stops an allocation for a reason of etal's own and takes over how it
// ended. Ending what has ended does nothing. A job that is still being received
// is cut off, and its lease ends with that.
func (p *Provider) endJob(ctx context.Context, r *record, why string, grace time.Duration) error {
	p.mu.Lock()
	for r.busy {
		if r.ending == "" {
			r.ending = why
			r.quit()
		}
		changed := r.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
		p.mu.Lock()
	}
	switch {
	case !r.live() || r.Alloc.Ended():
		p.mu.Unlock()
		return nil
	case r.Spec == nil:
		defer p.mu.Unlock()
		r.Alloc, r.Reason = market.AllocStopped, why
		return p.endLease(r, p.cfg.Now())
	}
	if r.StopAs == "" {
		r.StopAs = why
	}
	if !r.Paused.IsZero() { // a frozen job cannot answer SIGTERM
		grace = 0
	}
	err := p.save(r)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, grace+stopWithin)
	defer cancel()
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
	r.State, r.EndedAt, r.Reason = market.LeaseEnded, now, plain(r.Reason)
	delete(p.active, r.ID)
	if r.idle() {
		p.idle[r.lease.Renter]++
	}
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
	id := r.allocID()
	if p.spawn == nil || p.watched[id] {
		return
	}
	p.watched[id] = true
	p.spawn(func(ctx context.Context) {
		st, err := p.cfg.Engine.Wait(ctx, id)
		p.mu.Lock()
		delete(p.watched, id)
		p.mu.Unlock()
		if err == nil {
			p.observed(r, st)
		}
	})
}
