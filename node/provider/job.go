package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/runtime"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// find returns the record of a lease for its renter. To anybody else it does
// not exist. The caller holds p.mu.
func (p *Provider) find(from peer.ID, id []byte) (*record, error) {
	if len(id) == len(market.LeaseID{}) {
		if r := p.leases[market.LeaseID(id)]; r != nil && r.lease.RenterPeer == from {
			return r, nil
		}
	}
	return nil, fmt.Errorf("lease: %w", market.ErrUnknown)
}

// Job answers one call of /etal/job/1.
func (p *Provider) Job(ctx context.Context, s Stream, m *marketpb.JobCall) error {
	switch c := m.Call.(type) {
	case *marketpb.JobCall_Start:
		return p.start(ctx, s, c.Start)
	case *marketpb.JobCall_Status:
		st, err := p.status(s.Peer(), c.Status.Lease)
		return reply(s, st, err)
	case *marketpb.JobCall_Wait:
		st, err := p.waitEnd(ctx, s.Peer(), c.Wait.Lease)
		return reply(s, st, err)
	case *marketpb.JobCall_Stop:
		st, err := p.stop(ctx, s.Peer(), c.Stop.Lease, time.Duration(c.Stop.GraceMs)*time.Millisecond)
		return reply(s, st, err)
	case *marketpb.JobCall_End:
		st, err := p.end(ctx, s.Peer(), c.End.Lease)
		return reply(s, st, err)
	case *marketpb.JobCall_Logs:
		return p.logs(ctx, s, c.Logs)
	case *marketpb.JobCall_Output:
		return p.output(ctx, s, c.Output)
	}
	return fmt.Errorf("%w: no such call", market.ErrInvalid)
}

func reply(s Stream, m proto.Message, err error) error {
	if err != nil {
		return err
	}
	return s.WriteMsg(m)
}

// start receives a job and runs it. A lease runs one job; starting the same
// epoch again after a lost answer returns when it started.
func (p *Provider) start(ctx context.Context, s Stream, m *marketpb.JobStart) error {
	job, epoch, err := market.DecodeJob(m.Spec)
	if err != nil {
		return err
	}
	p.mu.Lock()
	r, err := p.find(s.Peer(), m.Lease)
	switch {
	case err != nil:
	case !r.live():
		err = fmt.Errorf("lease %s: %w", r.State, market.ErrState)
	case r.busy:
		err = fmt.Errorf("the job is being received: %w", market.ErrState)
	case r.Spec != nil && (r.Epoch != epoch || r.Alloc != market.AllocRunning):
		err = fmt.Errorf("the lease has run a job: %w", market.ErrState)
	case r.Spec != nil:
		st := &marketpb.JobStarted{StartedMs: marketpb.Milli(r.Started)}
		p.mu.Unlock()
		if err := s.WriteMsg(&marketpb.JobNeed{}); err != nil {
			return err
		}
		return s.WriteMsg(st)
	}
	if err != nil {
		p.mu.Unlock()
		return err
	}
	// A renter that sends slowly, or not at all, must not keep what it leased: the
	// stream is cut when the time is over or somebody ends the lease.
	within := min(receiveIn, r.lease.Expires().Sub(p.cfg.Now()))
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cut := context.AfterFunc(ctx, s.Reset)
	defer cut()
	r.busy, r.quit, r.ending = true, cancel, ""
	p.mu.Unlock()
	err = p.receive(ctx, s, r, job, epoch, m)
	started, err := p.received(ctx, r, err)
	if err != nil {
		return err
	}
	return s.WriteMsg(&marketpb.JobStarted{StartedMs: marketpb.Milli(started)})
}

// received ends the receiving of a job: it runs, or its lease ends, or nothing
// of it was kept and the renter may try again.
func (p *Provider) received(ctx context.Context, r *record, err error) (started time.Time, _ error) {
	if err != nil && r.Spec != nil {
		if e := p.scrap(ctx, r); e != nil {
			p.cfg.Log.Warn("leftovers stay", "alloc", r.allocID(), "err", e)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r.busy, r.quit = false, nil
	r.touch()
	why := r.ending
	switch {
	case err == nil && why != "": // it began just before it was to end
		p.wakeTo(r, why)
	case err == nil, !r.live():
	case why != "":
		r.Alloc, r.Reason = market.AllocStopped, why
		err = errors.Join(fmt.Errorf("%w: %s", market.ErrState, why), p.endLease(r, p.cfg.Now()))
	case r.Spec != nil:
		r.Alloc, r.Reason = market.AllocFailed, plain(err.Error())
		err = errors.Join(err, p.endLease(r, p.cfg.Now()))
	}
	return r.Started, err
}

// wakeTo has a running job ended for a reason. The caller holds p.mu.
func (p *Provider) wakeTo(r *record, why string) {
	if p.spawn == nil {
		return // the next Run does it: the lease is over or its renter asks again
	}
	p.spawn(func(ctx context.Context) {
		if err := p.endJob(ctx, r, why, stopGrace); err != nil && ctx.Err() == nil {
			p.cfg.Log.Warn("job not ended", "alloc", r.allocID(), "err", err)
		}
	})
}

// receive takes in the blobs that the engine lacks and the inputs, then creates
// and starts the allocation. What a failed one leaves is removed by received.
func (p *Provider) receive(ctx context.Context, s Stream, r *record, job market.Job, epoch uint64, m *marketpb.JobStart) error {
	blobs := make([]runtime.Blob, len(m.Blobs))
	var total int64
	for i, b := range m.Blobs {
		blobs[i] = runtime.Blob{Digest: b.Digest, Size: b.Size, MediaType: b.MediaType}
		total += b.Size
	}
	if limit := max(r.lease.Resources.Disk, leastDisk); total > 4*limit {
		return fmt.Errorf("%w: the image has %s, the lease %s of disk", market.ErrInvalid, market.FormatBytes(total), market.FormatBytes(limit))
	}
	missing, err := p.cfg.Engine.Missing(ctx, blobs)
	if err != nil {
		return err
	}
	need := &marketpb.JobNeed{}
	for _, b := range missing {
		need.Digests = append(need.Digests, b.Digest)
	}
	if err := s.WriteMsg(need); err != nil {
		return err
	}
	for _, b := range missing {
		if err := p.cfg.Engine.Put(ctx, b, s.RecvBytes(b.Size)); err != nil {
			return fmt.Errorf("blob %s: %w", b.Digest, err)
		}
	}
	spec, err := proto.Marshal(m.Spec)
	if err != nil {
		return err
	}
	p.mu.Lock()
	r.Spec, r.Epoch = spec, epoch
	err = p.save(r)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	mounts, err := fillMounts(ctx, s, p.folder(r), r.lease.Resources.Disk, job)
	if err != nil {
		return err
	}
	err = p.cfg.Engine.Create(ctx, runtime.Spec{
		ID: r.allocID(), Epoch: epoch, Image: job.Image, Command: job.Command, Args: job.Args, Env: job.Env,
		WorkDir: job.WorkDir, Resources: r.lease.Resources, Mounts: mounts, LogLimit: job.LogLimit,
		Labels: map[string]string{"etal.lease": r.ID.String(), "etal.until": r.lease.Expires().UTC().Format(time.RFC3339)},
	})
	if err != nil && !errors.Is(err, runtime.ErrExists) {
		return err
	}
	if err := p.covered(ctx, r); err != nil {
		return err
	}
	if err := p.cfg.Engine.Start(ctx, r.allocID()); err != nil {
		return err
	}
	return p.began(context.WithoutCancel(ctx), r)
}

// covered waits until the job may run: at once on credit, else when the chain
// shows the channel.
func (p *Provider) covered(ctx context.Context, r *record) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		p.mu.Lock()
		st, ok := p.cfg.Chain.Channel(r.lease.Channel)
		may := r.lease.MayRun(market.Standing{
			State: market.AllocPending, Confirmed: ok && st.Confirmed, Now: p.cfg.Now(),
			PaidThrough: r.lease.PaidThrough(r.Paid, p.cfg.Notary.Decimals(), 0),
		})
		p.mu.Unlock()
		if may {
			return nil
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%w: the channel was not confirmed in time", market.ErrFunds)
		}
	}
}

// began observes a fresh allocation, saves it and has it awaited. From here on it
// runs whatever becomes of the renter's stream; an engine that does not answer
// just now will be asked again.
func (p *Provider) began(ctx context.Context, r *record) error {
	ctx, cancel := context.WithTimeout(ctx, statusIn)
	defer cancel()
	st, err := p.cfg.Engine.Status(ctx, r.allocID())
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		r.observe(st)
	}
	if r.Alloc == market.AllocPending {
		r.Alloc, r.Started = market.AllocRunning, p.cfg.Now()
	}
	r.touch()
	if r.Alloc.Ended() {
		return p.endLease(r, p.cfg.Now())
	}
	p.awaitLocked(r)
	return p.save(r)
}

// status returns what the renter may know of its lease.
func (p *Provider) status(from peer.ID, id []byte) (*marketpb.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, err := p.find(from, id)
	if err != nil {
		return nil, err
	}
	return p.statusOf(r), nil
}

func (p *Provider) statusOf(r *record) *marketpb.JobStatus {
	return &marketpb.JobStatus{
		State: string(r.Alloc), StartedMs: marketpb.Milli(r.Started), ExitedMs: marketpb.Milli(r.Exited),
		DeliveredMs: r.usage().DeliveredMS, Code: int32(r.Code & 255), Reason: plain(r.Reason), Epoch: r.Epoch, Oom: r.OOM,
		PaidUnits: r.Paid.Bytes(), Ended: !r.live(), NowMs: p.cfg.Now().UnixMilli(),
		ChannelConfirmed: r.State != market.LeaseOpening,
	}
}

// waitEnd answers when the lease has ended, or after half a minute with what
// is so far: the renter asks again.
func (p *Provider) waitEnd(ctx context.Context, from peer.ID, id []byte) (*marketpb.JobStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		p.mu.Lock()
		r, err := p.find(from, id)
		if err != nil {
			p.mu.Unlock()
			return nil, err
		}
		st, changed := p.statusOf(r), r.changed
		p.mu.Unlock()
		if st.Ended {
			return st, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return st, nil
		}
	}
}

// stop ends a job at its renter's wish: SIGTERM, after grace SIGKILL.
func (p *Provider) stop(ctx context.Context, from peer.ID, id []byte, grace time.Duration) (*marketpb.JobStatus, error) {
	p.mu.Lock()
	r, err := p.find(from, id)
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if err := p.endJob(ctx, r, "stopped by its renter", min(grace, time.Minute)); err != nil {
		return nil, err
	}
	return p.status(from, id)
}

// end lets go of a lease that runs nothing, such as one whose job the renter
// could not send.
func (p *Provider) end(ctx context.Context, from peer.ID, id []byte) (*marketpb.JobStatus, error) {
	p.mu.Lock()
	r, err := p.find(from, id)
	idle := err == nil && (r.Spec == nil || r.busy)
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if idle {
		if err := p.endJob(ctx, r, "ended by its renter before a job ran", 0); err != nil {
			return nil, err
		}
	}
	return p.status(from, id)
}
