package renter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/runtime"
)

// Logs calls fn for every record of a job's output from byte seq on. With follow
// it waits for more until the job is done, and goes on with the next attempt
// (from its first byte) where a provider was lost.
func (r *Renter) Logs(ctx context.Context, name string, seq int64, follow bool, fn func(runtime.LogRecord) error) error {
	r.mu.Lock()
	j, err := r.find(name)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	for at := 0; ; {
		a, changed, done := r.logged(j, at, follow)
		if a == nil {
			if done || !follow {
				return nil
			}
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		next, err := r.logsOf(ctx, j, a, seq, follow, fn)
		var mine *callerError
		switch {
		case errors.As(err, &mine):
			return mine.err
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil || r.over(j, a):
			// Read to its end, or its provider is gone for good.
			if !follow {
				return err
			}
			at, seq = int(a.Epoch), 0
		case !follow:
			return err
		default:
			seq = next
			select {
			case <-time.After(300 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// logged returns the first attempt after epoch at that ran; without follow the
// last of all.
func (r *Renter) logged(j *record, at int, follow bool) (a *attempt, changed <-chan struct{}, done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range j.Attempts {
		if t.Running && int(t.Epoch) > at {
			a = t
			if follow {
				break
			}
		}
	}
	return a, j.changed, j.done()
}

// over reports whether nothing more can be read from a's provider.
func (r *Renter) over(j *record, a *attempt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return j.done() || a.Alloc == market.AllocLost || a != j.last()
}

// callerError is an error of the function that takes the records.
type callerError struct{ err error }

func (e *callerError) Error() string { return e.err.Error() }

// logsOf streams the log of one attempt and returns where to go on.
func (r *Renter) logsOf(ctx context.Context, j *record, a *attempt, seq int64, follow bool, fn func(runtime.LogRecord) error) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	var waits atomic.Int64 // since when (Unix ns) the provider is waited for; 0 while it is not
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		r.watchLog(ctx, cancel, j, a, follow, &waits)
	}()
	defer func() { cancel(); <-watching }()
	waits.Store(time.Now().UnixNano())
	s, err := r.cfg.Peers.Open(ctx, a.lease.ProviderPeer, market.ProtocolJob)
	if err != nil {
		return seq, err
	}
	defer s.Close()
	call := &marketpb.JobCall{Call: &marketpb.JobCall_Logs{Logs: &marketpb.JobLogs{Lease: a.Lease[:], Seq: seq, Follow: follow}}}
	if err := s.WriteMsg(call); err != nil {
		return seq, err
	}
	for {
		var rec marketpb.LogRecord
		waits.Store(time.Now().UnixNano())
		if err := s.ReadMsg(&rec); err != nil {
			return seq, err
		}
		waits.Store(0)
		if err := rec.Validate(); err != nil {
			return seq, err
		}
		if rec.End {
			return seq, nil
		}
		seq = rec.Seq + int64(len(rec.Data))
		err := fn(runtime.LogRecord{
			Seq: rec.Seq, Time: time.Unix(0, rec.TimeNs), Stream: runtime.Stream(rec.Stream), Data: rec.Data, Dropped: rec.Dropped,
		})
		if err != nil {
			return seq, &callerError{err}
		}
	}
}

// watchLog cuts a log off whose provider says nothing any more: one that vanished
// without a word would be read from for ever. A running job may be silent.
func (r *Renter) watchLog(ctx context.Context, cut func(), j *record, a *attempt, follow bool, waits *atomic.Int64) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		patience := time.Duration(math.MaxInt64)
		if !follow {
			patience = stallAfter
		}
		if r.over(j, a) {
			patience = logStall
		}
		if since := waits.Load(); since != 0 && time.Since(time.Unix(0, since)) > patience {
			cut()
			return
		}
	}
}

// Output writes a file or folder of a job's inputs or outputs to w as a tar
// stream. Providers keep them for an hour after the end.
func (r *Renter) Output(ctx context.Context, name, path string, w io.Writer) error {
	r.mu.Lock()
	j, err := r.find(name)
	var a *attempt
	if err == nil {
		for _, t := range j.Attempts {
			if t.Running {
				a = t
			}
		}
	}
	r.mu.Unlock()
	if err != nil {
		return err
	}
	if a == nil {
		return fmt.Errorf("%w: %s has not run", ErrNotFound, name)
	}
	return r.output(ctx, a, path, w)
}

func (r *Renter) output(ctx context.Context, a *attempt, path string, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stalled := time.AfterFunc(stallAfter, cancel)
	defer stalled.Stop()
	s, err := r.cfg.Peers.Open(ctx, a.lease.ProviderPeer, market.ProtocolJob)
	if err != nil {
		return err
	}
	defer s.Close()
	call := &marketpb.JobCall{Call: &marketpb.JobCall_Output{Output: &marketpb.JobOutput{Lease: a.Lease[:], Path: path}}}
	if err := s.WriteMsg(call); err != nil {
		return err
	}
	in := s.RecvBytes(maxOutput)
	buf := make([]byte, 64<<10)
	for {
		stalled.Reset(stallAfter)
		n, err := in.Read(buf)
		stalled.Stop() // w may take its time
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// maxOutput bounds what one fetch brings, so that a provider cannot fill the disk.
const maxOutput = 64 << 30
