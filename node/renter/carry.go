package renter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
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
	req := j.Job.Request
	if a := j.last(); a != nil && !a.Final {
		if a.Running || !a.Sent.IsZero() {
			r.phase(j, PhaseRun)
			if err := r.see(ctx, j, a); err == nil || !errors.Is(err, ErrLost) {
				return err
			}
		} else {
			r.abandon(ctx, j, a, "this machine restarted before the job was sent")
		}
	}
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
			return fmt.Errorf("%w: given up after %d providers", ErrLost, len(j.Attempts))
		}
		err := r.attempt(ctx, j, req)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrLost), errors.Is(err, errTryNext):
			r.cfg.Log.Warn("attempt ended", "job", j.Name, "err", err)
			continue
		case errors.Is(err, ErrNoOffer) && lost > 0:
			return fmt.Errorf("%w: and nobody else takes it: %w", ErrLost, err)
		}
		return err
	}
}

// errTryNext marks a failure that another provider may not have.
var errTryNext = errors.New("try another provider")

// attempt runs a job once, from the choice of a provider to its end.
func (r *Renter) attempt(ctx context.Context, j *record, req market.Request) error {
	if err := r.reopen(ctx, j); err != nil {
		return err
	}
	r.phase(j, PhaseMatch)
	if r.stopped(j) {
		return errStopped
	}
	h, err := r.choose(ctx, req)
	if err != nil {
		return err
	}
	r.phase(j, PhaseLease)
	a, err := r.lease(ctx, j, h)
	if err != nil {
		r.release(h)
		if ctx.Err() == nil && !errors.Is(err, ErrFunds) && !errors.Is(err, notary.ErrLimit) {
			err = fmt.Errorf("%w: %w", errTryNext, err)
		}
		return err
	}
	r.phase(j, PhasePull)
	sendCtx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	stop := context.AfterFunc(ctx, cancel)
	go func() {
		select {
		case <-j.stop:
			cancel()
		case <-sendCtx.Done():
		}
	}()
	err = r.send(sendCtx, j, a)
	stop()
	cancel()
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.abandon(ctx, j, a, fmt.Sprintf("not started: %.300s", err))
		switch {
		case r.stopped(j):
			return errStopped
		case errors.Is(err, market.ErrInvalid), errors.Is(err, errLocal):
			return err // it would fail anywhere
		}
		return fmt.Errorf("%w: %w", errTryNext, err)
	}
	r.phase(j, PhaseRun)
	return r.see(ctx, j, a)
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

// abandon ends a lease that runs nothing and tells its provider so.
func (r *Renter) abandon(ctx context.Context, j *record, a *attempt, why string) {
	r.mu.Lock()
	a.Final, a.Alloc, a.State, a.Reason = true, market.AllocFailed, market.LeaseEnded, why
	if err := r.save(j); err != nil {
		r.cfg.Log.Error("job not saved", "job", j.Name, "err", err)
	}
	j.touch()
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for _, call := range []*marketpb.JobCall{
		{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: a.Lease[:]}}},
		{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: a.Lease[:]}}},
	} {
		if err := r.cfg.Peers.Call(ctx, a.lease.ProviderPeer, market.ProtocolJob, call, &marketpb.JobStatus{}); err != nil {
			r.cfg.Log.Debug("lease not ended at its provider", "lease", a.Lease.String(), "err", err)
		}
	}
}

// conclude says how a job came out: the job's own code where it has one, else
// etal's. The caller holds r.mu.
func (r *Renter) conclude(j *record, err error) {
	etal := func(code int, why string) { j.ExitBy, j.Code, j.Reason = "etal", code, why }
	a := j.last()
	switch {
	case errors.Is(err, errStopped):
		etal(codeFailed, "stopped before it ran; nothing was paid")
	case errors.Is(err, ErrNoOffer):
		etal(codeNoOffer, err.Error())
	case errors.Is(err, ErrFunds), errors.Is(err, notary.ErrLimit):
		etal(codeLimit, err.Error())
	case errors.Is(err, ErrLost):
		etal(codeLost, err.Error())
	case err != nil:
		etal(codeFailed, err.Error())
	case a.Alloc == market.AllocExited, a.Alloc == market.AllocStopped && j.Stop:
		code := a.Code
		j.Exit, j.ExitBy, j.Code, j.Reason = &code, "job", code, a.Reason
		if a.OOM {
			j.Reason = "out of memory"
		}
	case a.Alloc == market.AllocStopped && a.Reason == "it was not paid":
		etal(codeLimit, a.Reason)
	case a.Alloc == market.AllocStopped:
		etal(codeTime, a.Reason)
	default:
		etal(codeFailed, fmt.Sprintf("%s: %s", a.Alloc, a.Reason))
	}
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
			pw.CloseWithError(r.Output(ctx, j.Name, out.Path, pw))
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
