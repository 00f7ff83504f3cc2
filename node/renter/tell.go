package renter

import (
	"context"
	"errors"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

// tellOver tells a provider that we are done with a lease, so that it neither runs
// nor keeps anything for us: one whose answer to our commit was lost, one that
// could not be sent its job, one that we gave up. It reports whether that is
// settled; if not, letGo tries again.
func (r *Renter) tellOver(ctx context.Context, j *record, a *attempt) bool {
	var last error
	over := false
	for _, call := range []*marketpb.JobCall{
		{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: a.Lease[:]}}},
		{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: a.Lease[:]}}},
	} {
		st, err := r.status(ctx, a, call, callTimeout)
		last = err
		if over = err == nil && st.Ended; over || errors.Is(err, market.ErrUnknown) || ctx.Err() != nil {
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	switch {
	case over:
	case errors.Is(last, market.ErrUnknown) && now.Sub(a.Made) > commitLife:
		// Never committed, or forgotten. Earlier the commit might still come.
	case now.Sub(a.lease.Expires()) > time.Hour:
		// Its term ended it long ago.
	default:
		return false
	}
	a.Open = false
	if err := r.save(j); err != nil {
		r.cfg.Log.Warn("job not saved", "job", j.Name, "err", err)
	}
	return true
}

// letGo tells the providers of leases that are over here and may not be over
// there; with now even those that did not answer lately.
func (r *Renter) letGo(ctx context.Context, now bool) {
	for _, o := range r.pick(func(a *attempt, at time.Time) bool { return a.Final && a.Open && (now || a.retry.due(at)) }) {
		if ctx.Err() != nil {
			return
		}
		r.tellOver(ctx, o.j, o.a)
	}
}

// attemptOf is an attempt with its job.
type attemptOf struct {
	j *record
	a *attempt
}

// pick returns the attempts of all jobs, removed ones too, that are wanted now.
func (r *Renter) pick(want func(*attempt, time.Time) bool) (list []attemptOf) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	for _, j := range r.all() {
		for _, a := range j.Attempts {
			if want(a, now) {
				list = append(list, attemptOf{j, a})
			}
		}
	}
	return list
}
