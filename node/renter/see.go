package renter

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

// errOverdue ends a job whose provider does not end it when its time is up.
var errOverdue = errors.New("its time was up and its provider did not end it")

// see watches an attempt to its end and pays for what it delivers. It returns
// nil once the attempt has ended and was settled as far as its provider would,
// and ErrLost when the provider was silent for too long.
func (r *Renter) see(parent context.Context, j *record, a *attempt) error {
	ctx, cancel := context.WithCancel(parent)
	var asking sync.WaitGroup
	defer func() { cancel(); asking.Wait() }()
	ended := make(chan *marketpb.JobStatus, 2)
	asking.Go(func() { r.awaitEnd(ctx, a, ended) })
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	stop := j.stop
	heard := r.cfg.Now() // after a restart of ours the clock of silence begins anew
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
			asking.Go(func() { r.insist(ctx, j, a, ended) })
			continue
		case <-tick.C:
			st, err = r.ask(ctx, a)
		}
		now := r.cfg.Now()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, market.ErrUnknown):
			return r.lose(j, a, "its provider knows nothing of the lease any more")
		case err != nil && now.Sub(heard) > r.cfg.LostAfter:
			return r.lose(j, a, fmt.Sprintf("its provider was silent for %s", market.FormatDuration(r.cfg.LostAfter)))
		case err != nil:
			continue
		}
		heard = now
		r.observe(j, a, st, now)
		if st.Ended {
			r.settle(parent, j, a)
			return r.verdict(a)
		}
		if now.Sub(a.lease.Expires()) > overdue {
			_ = r.lose(j, a, errOverdue.Error())
			return errOverdue
		}
		if !now.Before(nextPay) {
			nextPay = now.Add(payEvery)
			if err := r.pay(ctx, j, a); err != nil && ctx.Err() == nil {
				r.cfg.Log.Warn("not paid", "job", j.Name, "err", err)
			}
		}
	}
}

// insist asks the provider to stop the job until it says that it has ended.
func (r *Renter) insist(ctx context.Context, j *record, a *attempt, ended chan<- *marketpb.JobStatus) {
	r.mu.Lock()
	grace := min(max(j.Grace, 0), longestGrace)
	r.mu.Unlock()
	call := &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: a.Lease[:], GraceMs: grace.Milliseconds()}}}
	for ctx.Err() == nil {
		if st, err := r.status(ctx, a, call, grace+15*time.Second); err == nil && st.Ended {
			ended <- st // it has room for both who ask
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
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

func (r *Renter) status(ctx context.Context, a *attempt, call *marketpb.JobCall, within time.Duration) (*marketpb.JobStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var st marketpb.JobStatus
	if err := r.cfg.Peers.Call(ctx, a.lease.ProviderPeer, market.ProtocolJob, call, &st); err != nil {
		return nil, err
	}
	return &st, st.Validate()
}

// observe takes over what the provider says, as far as it can be true. Delivered
// time never shrinks, and never passes the time since the job was sent.
func (r *Renter) observe(j *record, a *attempt, st *marketpb.JobStatus, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Seen = now
	state := market.AllocState(st.State)
	if !slices.Contains(market.AllocStates(), state) {
		state = market.AllocUnknown
	}
	a.Alloc, a.Code, a.OOM, a.Reason = state, int(st.Code), st.Oom, st.Reason
	if st.Ended && !state.Ended() {
		a.Alloc, a.Reason = market.AllocLost, "its provider ended the lease and not the job"
	}
	if st.StartedMs > 0 {
		a.Started = marketpb.FromMilli(st.StartedMs)
	}
	if st.ExitedMs > 0 {
		a.Exited = marketpb.FromMilli(st.ExitedMs)
	}
	a.Running = a.Running || st.StartedMs > 0
	a.DeliveredMS = max(a.DeliveredMS, min(st.DeliveredMs, r.plausible(a, now)))
	if st.ChannelConfirmed && a.State == market.LeaseOpening {
		a.State = market.LeaseActive
	}
	if st.Ended {
		a.State, a.Open = market.LeaseEnded, false
	}
	j.touch()
}

// plausible returns the most milliseconds that can have been delivered by now: the
// job cannot have begun before all of it was sent.
func (r *Renter) plausible(a *attempt, now time.Time) int64 {
	since := a.Handed
	if since.IsZero() {
		since = a.Sent
	}
	if since.IsZero() {
		return 0
	}
	return min(max(now.Sub(since)+skewAllowed, 0).Milliseconds(), a.lease.Term.Milliseconds())
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
	if st, there := r.cfg.Chain.Channel(c.ID); there && st.Closed {
		units = a.Paid // nothing signed now could be redeemed
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
