package renter

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

// see watches an attempt to its end and pays for what it delivers. It returns
// nil once the attempt has ended and was settled as far as its provider would,
// and ErrLost when the provider was silent for too long.
func (r *Renter) see(parent context.Context, j *record, a *attempt) error {
	ctx, cancel := context.WithCancel(parent)
	ended := make(chan *marketpb.JobStatus, 1)
	waiting := make(chan struct{})
	go func() {
		defer close(waiting)
		r.awaitEnd(ctx, a, ended)
	}()
	defer func() { cancel(); <-waiting }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	stop := j.stop
	r.mu.Lock()
	a.Seen = r.cfg.Now() // after a restart of ours the clock of silence begins anew
	r.mu.Unlock()
	var nextPay time.Time
	for {
		var st *marketpb.JobStatus
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case st = <-ended:
		case <-stop:
			stop = nil
			st, err = r.callStop(ctx, j, a)
		case <-tick.C:
			st, err = r.ask(ctx, a)
		}
		now := r.cfg.Now()
		switch {
		case errors.Is(err, market.ErrUnknown):
			return r.lose(j, a, "its provider knows nothing of the lease any more")
		case err != nil:
			if ctx.Err() == nil && now.Sub(r.seen(a)) > r.cfg.LostAfter {
				return r.lose(j, a, fmt.Sprintf("its provider was silent for %s", market.FormatDuration(r.cfg.LostAfter)))
			}
			continue
		}
		r.observe(j, a, st, now)
		if st.Ended {
			r.settle(parent, j, a)
			return r.verdict(a)
		}
		if !now.Before(nextPay) {
			nextPay = now.Add(payEvery)
			if err := r.pay(ctx, j, a); err != nil && ctx.Err() == nil {
				r.cfg.Log.Warn("not paid", "job", j.Name, "err", err)
			}
		}
	}
}

// awaitEnd asks the provider to answer when the job has ended.
func (r *Renter) awaitEnd(ctx context.Context, a *attempt, ended chan<- *marketpb.JobStatus) {
	call := &marketpb.JobCall{Call: &marketpb.JobCall_Wait{Wait: &marketpb.JobRef{Lease: a.Lease[:]}}}
	for ctx.Err() == nil {
		var st marketpb.JobStatus
		long, cancel := context.WithTimeout(ctx, 45*time.Second)
		err := r.cfg.Peers.Call(long, a.lease.ProviderPeer, market.ProtocolJob, call, &st)
		cancel()
		if err == nil && st.Validate() == nil && st.Ended {
			ended <- &st
			return
		}
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	}
}

func (r *Renter) ask(ctx context.Context, a *attempt) (*marketpb.JobStatus, error) {
	return r.status(ctx, a, &marketpb.JobCall{Call: &marketpb.JobCall_Status{Status: &marketpb.JobRef{Lease: a.Lease[:]}}}, 3*time.Second)
}

func (r *Renter) callStop(ctx context.Context, j *record, a *attempt) (*marketpb.JobStatus, error) {
	r.mu.Lock()
	grace := j.Grace
	r.mu.Unlock()
	call := &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: a.Lease[:], GraceMs: grace.Milliseconds()}}}
	return r.status(ctx, a, call, grace+15*time.Second)
}

func (r *Renter) status(ctx context.Context, a *attempt, call *marketpb.JobCall, within time.Duration) (*marketpb.JobStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var st marketpb.JobStatus
	if err := r.cfg.Peers.Call(ctx, a.lease.ProviderPeer, market.ProtocolJob, call, &st); err != nil {
		return nil, err
	}
	return &st, st.Validate()
}

func (r *Renter) seen(a *attempt) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return a.Seen
}

// observe takes over what the provider says. Delivered time never shrinks, and
// never passes the time since we asked for the start.
func (r *Renter) observe(j *record, a *attempt, st *marketpb.JobStatus, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Seen, a.Running = now, true
	a.Alloc = market.AllocState(st.State)
	if st.StartedMs > 0 {
		a.Started = marketpb.FromMilli(st.StartedMs)
	}
	if st.ExitedMs > 0 {
		a.Exited = marketpb.FromMilli(st.ExitedMs)
	}
	a.Code, a.OOM, a.Reason = int(st.Code), st.Oom, st.Reason
	a.DeliveredMS = max(a.DeliveredMS, min(st.DeliveredMs, r.plausible(a, now)))
	if st.ChannelConfirmed && a.State == market.LeaseOpening {
		a.State = market.LeaseActive
	}
	if st.Ended {
		a.State = market.LeaseEnded
	}
	j.touch()
}

// plausible returns the most milliseconds that can have been delivered by now.
func (r *Renter) plausible(a *attempt, now time.Time) int64 {
	return min((now.Sub(a.Sent) + skewAllowed).Milliseconds(), a.lease.Term.Milliseconds())
}

// pay signs and sends what is due: the delivered time, and what is prepaid.
func (r *Renter) pay(ctx context.Context, j *record, a *attempt) error {
	u := a.usage()
	u.DeliveredMS = min(u.DeliveredMS+j.Prepay.Milliseconds(), a.lease.Term.Milliseconds())
	units, err := a.lease.CostUnits(u, r.cfg.Notary.Decimals())
	if err != nil {
		return err
	}
	v, err := r.promise(j, a, units)
	if err != nil || v == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var ans marketpb.PayAnswer
	call := &marketpb.TradeCall{Call: &marketpb.TradeCall_Pay{Pay: &marketpb.PayCall{Lease: a.Lease[:], Voucher: v}}}
	return r.cfg.Peers.Call(ctx, a.lease.ProviderPeer, market.ProtocolPay, call, &ans)
}

// promise signs a voucher that pays units for a's lease, within its channel, and
// saves it: only then may it be sent. It returns the channel's last voucher where
// that says as much already, and nil where there is nothing to pay.
func (r *Renter) promise(j *record, a *attempt, units *big.Int) (*marketpb.Voucher, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.channels[a.lease.Channel]
	if c == nil {
		return nil, fmt.Errorf("channel: %w", market.ErrUnknown)
	}
	rest := new(big.Int).Sub(c.Amount, c.cumulative())
	if most := rest.Add(rest, a.Paid); units.Cmp(most) > 0 {
		units = most
	}
	if units.Cmp(a.Paid) <= 0 {
		if a.Paid.Sign() == 0 {
			return nil, nil //nolint:nilnil // nothing is owed, nothing was promised
		}
		return c.voucher(), nil
	}
	var prev *marketpb.Voucher
	if c.Voucher != nil {
		prev = c.voucher()
	}
	v, err := r.cfg.Notary.SignVoucher(prev, c.ID, a.Lease, units, r.cfg.Now())
	if err != nil {
		return nil, err
	}
	old, was, used := c.Voucher, a.Paid, c.Used
	if err := c.put(v); err != nil {
		return nil, err
	}
	a.Paid, c.Used = units, r.cfg.Now()
	if err := r.save(c, j); err != nil {
		c.Voucher, a.Paid, c.Used = old, was, used
		return nil, err
	}
	j.touch()
	return v, nil
}

// lose gives an attempt up. What its provider delivers from now on is not paid.
func (r *Renter) lose(j *record, a *attempt, why string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Final, a.Alloc, a.State, a.Reason = true, market.AllocLost, market.LeaseEnded, why
	if err := r.save(j); err != nil {
		return err
	}
	j.touch()
	return fmt.Errorf("%w: %s: %s", ErrLost, a.Provider, why)
}

// verdict returns nil for an end that is the job's, ErrLost where the provider
// lost the job, and errTryNext where it never ran.
func (r *Renter) verdict(a *attempt) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch a.Alloc {
	case market.AllocLost:
		return fmt.Errorf("%w: %s: %s", ErrLost, a.Provider, a.Reason)
	case market.AllocFailed:
		return fmt.Errorf("%w: %s: %s", errTryNext, a.Provider, a.Reason)
	}
	return nil
}
