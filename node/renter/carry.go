package renter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/notary"
)

// carryOut owns a job from where it is to its end. Whatever happens is saved, so
// that the next run of this process goes on from there.
func (r *Renter) carryOut(ctx context.Context, j *record) {
	err := r.attempts(ctx, j)
	if ctx.Err() != nil {
		r.closeImage(j)
		return // the next Run goes on
	}
	r.closeImage(j)
	brought := r.bring(ctx, j)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conclude(j, err)
	if err == nil && brought != nil {
		j.Reason = fmt.Sprintf("its outputs did not arrive: %.300s", brought)
	}
	j.enter(PhaseDone, r.cfg.Now())
	j.Ended = r.cfg.Now()
	if err := r.save(j); err != nil {
		r.cfg.Log.Error("job not saved", "job", j.Name, "err", err)
	}
	j.touch()
	if j.Remove {
		if err := r.forget(j); err != nil {
			r.cfg.Log.Error("job not removed", "job", j.Name, "err", err)
		}
	}
}

func (r *Renter) closeImage(j *record) {
	r.mu.Lock()
	img := j.img
	j.img = nil
	r.mu.Unlock()
	if img != nil {
		_ = img.Close()
	}
}

// attempts runs a job on one provider after another until it has ended.
func (r *Renter) attempts(ctx context.Context, j *record) error {
	if over, err := r.goOn(ctx, j); over {
		return err
	}
	req := j.Job.Request
	var last error // of the attempt before
	for {
		lost := 0
		for _, a := range j.Attempts {
			if a.Final && a.Alloc != market.AllocFailed {
				lost++
			}
			req.Exclude = append(req.Exclude, a.lease.ProviderPeer.String())
		}
		slices.Sort(req.Exclude)
		req.Exclude = slices.Compact(req.Exclude)
		if lost >= r.cfg.Attempts || len(j.Attempts) >= 3*r.cfg.Attempts {
			return fmt.Errorf("%w: given up after %d providers; the last: %w", ErrLost, len(j.Attempts), last)
		}
		err := r.attempt(ctx, j, req)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrLost), errors.Is(err, errTryNext):
			r.cfg.Log.Warn("attempt ended", "job", j.Name, "err", err)
			last = err
			continue
		case errors.Is(err, ErrNoOffer) && lost > 0:
			return fmt.Errorf("%w: and nobody else takes it: %s", ErrLost, plain(err))
		case errors.Is(err, ErrNoOffer) && last != nil:
			return fmt.Errorf("%w; and nobody else takes it", last)
		}
		return err
	}
}

// left returns what the job may still cost: what its user was told, less what was
// paid. A job that was submitted as free has no ceiling: nil.
func (r *Renter) left(j *record) *big.Int {
	if j.Ceiling.IsZero() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	left := roundUp(j.Ceiling, r.cfg.Notary.Decimals())
	for _, a := range j.Attempts {
		left.Sub(left, a.Paid)
	}
	return left
}

// affordableTerm returns the longest term up to want that costs at most left base
// units at an offer's price, in whole seconds: a dearer provider is leased for less
// time rather than for more money than was said. It is 0 where nothing is left.
func (r *Renter) affordableTerm(o market.Offer, res market.Resources, want time.Duration, left *big.Int) time.Duration {
	if left == nil {
		return want
	}
	amount, err := market.AmountFromBaseUnits(left, r.cfg.Notary.Decimals())
	if err != nil {
		return 0
	}
	return min(want, market.PaidThrough(o.Price, res, amount)).Truncate(time.Second)
}

// plain is the text of an error that must not decide any more.
func plain(err error) string { return err.Error() }

// goOn takes up the attempt that an earlier run of this process left, and reports
// whether the job is over with it.
func (r *Renter) goOn(ctx context.Context, j *record) (over bool, err error) {
	a := j.last()
	if a == nil || a.Final {
		return false, nil
	}
	lost := a.Sent.IsZero()
	if !a.Running && !lost {
		// The stream that carried the job broke with this process: where it does
		// not run by now, it never will.
		st, err := r.ask(ctx, a)
		if ctx.Err() != nil {
			return true, ctx.Err()
		}
		lost = errors.Is(err, market.ErrUnknown) || err == nil && market.AllocState(st.State) == market.AllocPending
	}
	if lost {
		r.abandon(j, a, "this machine restarted before the job ran")
		return false, nil
	}
	r.phase(j, PhaseRun)
	err = r.see(ctx, j, a)
	return err == nil || !errors.Is(err, ErrLost) && !errors.Is(err, errTryNext), err
}

// errTryNext marks a failure that another provider may not have.
var errTryNext = errors.New("try another provider")

// attempt runs a job once, from the choice of a provider to its end.
func (r *Renter) attempt(ctx context.Context, j *record, req market.Request) error {
	r.phase(j, PhaseMatch)
	before, end := j.untilStop(ctx)
	defer end()
	a, err := r.take(before, j, req)
	if err == nil {
		r.phase(j, PhasePull)
		if err = r.handOver(before, j, a); err != nil && ctx.Err() == nil {
			r.abandon(j, a, fmt.Sprintf("not started: %.300s", err))
		}
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case r.stopped(j):
		return errStopped
	default:
		return err
	}
	r.phase(j, PhaseRun)
	return r.see(ctx, j, a)
}

// take leases one provider for a job. Jobs of ours take turns.
func (r *Renter) take(ctx context.Context, j *record, req market.Request) (*attempt, error) {
	if err := r.reopen(ctx, j); err != nil {
		return nil, err
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h, err := r.choose(ctx, req, r.left(j))
	if err != nil {
		return nil, err
	}
	r.phase(j, PhaseLease)
	// The next job of ours must not find the holds that this one asked for in vain.
	defer func() {
		select {
		case <-h.freed:
		case <-time.After(busyPause):
		case <-ctx.Done():
		}
	}()
	a, err := r.lease(ctx, j, h)
	if err != nil {
		r.releaseLater(h)
		r.mu.Lock()
		if a := j.last(); a != nil && a.Final && a.Open {
			defer r.beside(func(ctx context.Context) { r.tellOver(ctx, j, a) })
		}
		r.mu.Unlock()
		if !errors.Is(err, ErrFunds) && !errors.Is(err, notary.ErrLimit) {
			err = fmt.Errorf("%w: %s: %w", errTryNext, h.offer.Name, err)
		}
		return nil, err
	}
	return a, nil
}

// handOver sends the job to its provider and says which failures another provider
// may not have.
func (r *Renter) handOver(ctx context.Context, j *record, a *attempt) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	err := r.send(ctx, j, a)
	if err == nil || errors.Is(err, errLocal) || errors.Is(err, market.ErrInvalid) {
		return err // fine, or it would fail anywhere
	}
	return fmt.Errorf("%w: %s: %w", errTryNext, a.Provider, err)
}

// errStopped ends a job that its user stopped before it ran.
var errStopped = errors.New("stopped before it ran")

// errLocal marks a failure of this machine's own files.
var errLocal = errors.New("on this machine")

// reopen opens the image again after a restart of this process.
func (r *Renter) reopen(ctx context.Context, j *record) error {
	r.mu.Lock()
	have := j.img != nil
	r.mu.Unlock()
	if have {
		return nil
	}
	img, err := r.cfg.OpenImage(ctx, j.Job.Image, j.Job.Request.Arch)
	if err != nil {
		return err
	}
	if img.Digest() != j.Digest {
		_ = img.Close()
		return fmt.Errorf("%w: image %s has changed since the job was submitted", market.ErrInvalid, j.Job.Image)
	}
	r.mu.Lock()
	j.img = img
	r.mu.Unlock()
	return nil
}

func (r *Renter) phase(j *record, phase string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.enter(phase, r.cfg.Now())
	if err := r.save(j); err != nil {
		r.cfg.Log.Error("job not saved", "job", j.Name, "err", err)
	}
	j.touch()
}

func (r *Renter) stopped(j *record) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return j.Stop
}

// abandon ends a lease that runs nothing and has its provider told so.
func (r *Renter) abandon(j *record, a *attempt, why string) {
	r.mu.Lock()
	a.Final, a.Alloc, a.State, a.Reason = true, market.AllocFailed, market.LeaseEnded, why
	if err := r.save(j); err != nil {
		r.cfg.Log.Error("job not saved", "job", j.Name, "err", err)
	}
	j.touch()
	r.mu.Unlock()
	r.beside(func(ctx context.Context) { r.tellOver(ctx, j, a) })
}

// conclude says how a job came out: the job's own code where it has one, else
// etal's. The caller holds r.mu.
func (r *Renter) conclude(j *record, err error) {
	etal := func(code int, why string) { j.ExitBy, j.Code, j.Reason = "etal", code, why }
	a := j.last()
	switch {
	case errors.Is(err, errStopped):
		etal(codeFailed, "stopped before it ran; nothing was paid")
		if slices.ContainsFunc(j.Attempts, func(a *attempt) bool { return a.Running }) {
			etal(codeLost, "stopped after its provider was lost")
		}
	case errors.Is(err, ErrLost):
		etal(codeLost, err.Error())
	case errors.Is(err, errOverdue):
		etal(codeTime, err.Error())
	case errors.Is(err, ErrFunds), errors.Is(err, notary.ErrLimit):
		etal(codeLimit, err.Error())
	case errors.Is(err, errTryNext):
		etal(codeFailed, strings.TrimPrefix(err.Error(), errTryNext.Error()+": "))
	case errors.Is(err, ErrNoOffer):
		etal(codeNoOffer, err.Error())
	case err != nil:
		etal(codeFailed, err.Error())
	case a.Alloc == market.AllocExited, a.Alloc == market.AllocStopped && j.Stop:
		code := a.Code
		j.Exit, j.ExitBy, j.Code, j.Reason = &code, "job", code, a.Reason
		if a.OOM {
			j.Reason = "out of memory"
		}
	case a.Alloc == market.AllocStopped:
		etal(r.stopCode(a), a.Reason)
	default:
		etal(codeFailed, fmt.Sprintf("%s: %s", a.Alloc, a.Reason))
	}
}

// stopCode says why a provider stopped a job that nobody asked it to stop, by what
// we know ourselves: its time was up, we had not paid, or the provider gave up.
func (r *Renter) stopCode(a *attempt) int {
	delivered := time.Duration(a.DeliveredMS) * time.Millisecond
	switch {
	case delivered >= a.lease.Term, !a.Seen.Before(a.lease.Expires().Add(-skewAllowed)):
		return codeTime
	case delivered >= a.lease.PaidThrough(a.Paid, r.cfg.Notary.Decimals(), 0)+a.lease.UnpaidPause:
		return codeLimit
	}
	return codeLost
}

// Exit codes of etal's own outcomes (DESIGN §9).
const (
	codeNoOffer = 120
	codeLimit   = 121
	codeLost    = 123
	codeTime    = 124
	codeFailed  = 125
)

// bring fetches the outputs that have a place on this machine.
func (r *Renter) bring(ctx context.Context, j *record) error {
	a := j.last()
	if a == nil || !a.Running || a.Alloc == market.AllocLost {
		return nil
	}
	var errs []error
	for _, out := range j.Job.Outputs {
		if out.Local == "" {
			continue
		}
		pr, pw := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			pw.CloseWithError(r.output(ctx, a, out.Path, pw))
		}()
		err := r.cfg.Extract(ctx, pr, out.Local)
		_ = pr.CloseWithError(err) // ends the writer above, if unpacking failed first
		<-done
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", out.Path, err))
		}
	}
	return errors.Join(errs...)
}
