package renter

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
)

// Renter is the buying agent. Make one with New, then Run it.
type Renter struct {
	cfg Config

	mu       sync.Mutex // guards the following fields
	jobs     map[string]*record
	gone     []*record // removed; kept for the bill
	channels map[market.ChannelID]*channel
	spawn    func(func(context.Context)) // runs something beside; set while Run does

	// turn is taken by the one job that looks for a provider. Providers hold for
	// an account once at a time: two jobs of ours would stand in each other's way.
	turn chan struct{}
}

// New reads the records. It starts nothing: call Run.
func New(cfg Config) (*Renter, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	if cfg.Seed == 0 {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, fmt.Errorf("renter: %w", err)
		}
		cfg.Seed = binary.BigEndian.Uint64(b[:])
	}
	r := &Renter{
		cfg: cfg, jobs: map[string]*record{}, channels: map[market.ChannelID]*channel{}, turn: make(chan struct{}, 1),
	}
	return r, r.load()
}

// Run carries jobs out until ctx ends; those that are not done go on with the
// next Run. Each job has one goroutine that owns its progress.
func (r *Renter) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	r.mu.Lock()
	r.spawn = func(do func(context.Context)) {
		g.Go(func() error { do(ctx); return nil })
	}
	for _, j := range r.jobs {
		if !j.done() {
			r.spawn(func(ctx context.Context) { r.carryOut(ctx, j) })
		}
	}
	r.teach()
	r.mu.Unlock()
	g.Go(func() error { r.housekeeping(ctx); return nil })
	<-ctx.Done()
	r.mu.Lock()
	r.spawn = nil
	r.mu.Unlock()
	return g.Wait()
}

// beside runs do in a goroutine that Run waits for. While Run does not run, do
// finds its context ended.
func (r *Renter) beside(do func(context.Context)) {
	r.mu.Lock()
	spawn := r.spawn
	if spawn != nil {
		spawn(do)
	}
	r.mu.Unlock()
	if spawn == nil {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		do(ctx)
	}
}

// teach tells the book of the receipts that are kept from earlier runs. The caller
// holds r.mu.
func (r *Renter) teach() {
	for _, j := range r.all() {
		for _, a := range j.Attempts {
			var m marketpb.Receipt
			if a.Receipt != nil && proto.Unmarshal(a.Receipt, &m) == nil {
				r.cfg.Book.Receipt(a.lease, &m)
			}
		}
	}
}

// housekeeping follows the channels: it notes what closed and brings back what
// providers that are gone for good still hold.
func (r *Renter) housekeeping(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.sweepChannels()
			r.sweepGone()
			r.letGo(ctx, false)
			r.resettle(ctx, false)
		}
	}
}

func (r *Renter) sweepChannels() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	for _, c := range r.channels {
		if c.Closed || c.Dropped {
			continue
		}
		st, there := r.cfg.Chain.Channel(c.ID)
		var err error
		switch {
		case !there && now.Sub(c.Made) > openDeadline+time.Minute:
			c.Dropped = true // nobody can open it any more
			err = r.save(c)
		case !there:
		case st.Closed:
			c.Closed = true
			err = r.save(c)
		case !st.ClosesAt.IsZero() && !now.Before(st.ClosesAt):
			err = r.cfg.Chain.Finalize(c.terms())
		case st.ClosesAt.IsZero() && !r.inUse(c) && now.Sub(c.Used) > goneAfter:
			// Its provider should have closed it long ago.
			err = r.cfg.Chain.StartClose(c.terms())
		}
		if err != nil {
			r.cfg.Log.Warn("channel not followed", "channel", c.ID.String(), "err", err)
		}
	}
}

// sweepGone forgets removed jobs for good once no bill needs them.
func (r *Renter) sweepGone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	r.gone = slices.DeleteFunc(r.gone, func(j *record) bool {
		if now.Sub(j.Ended) < keepGone {
			return false
		}
		for _, a := range j.Attempts {
			if c := r.channels[a.lease.Channel]; c != nil && !c.Closed && !c.Dropped {
				return false // money may still move
			}
		}
		if err := r.cfg.Store.Save(map[string][]byte{j.key(): nil}); err != nil {
			r.cfg.Log.Warn("job not forgotten", "job", j.Name, "err", err)
			return false
		}
		return true
	})
}

// inUse reports whether a lease that is not final is paid by c. The caller holds r.mu.
func (r *Renter) inUse(c *channel) bool {
	for _, j := range r.jobs {
		for _, a := range j.Attempts {
			if a.lease.Channel == c.ID && !a.Final {
				return true
			}
		}
	}
	return false
}

// Free returns the base units that can still be promised: the deposit less the
// openings that the chain does not show yet.
func (r *Renter) Free() *big.Int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.free()
}

func (r *Renter) free() *big.Int {
	// A block that comes while we count would be seen by halves: count again.
	var have *big.Int
	for range 3 {
		before := r.cfg.Chain.Deposited(r.cfg.Notary.Account())
		have = new(big.Int).Set(before)
		for _, c := range r.channels {
			if c.Closed || c.Dropped {
				continue
			}
			if _, there := r.cfg.Chain.Channel(c.ID); !there {
				have.Sub(have, c.Amount)
			}
		}
		if r.cfg.Chain.Deposited(r.cfg.Notary.Account()).Cmp(before) == 0 {
			break
		}
	}
	if have.Sign() < 0 {
		return new(big.Int)
	}
	return have
}

// pending returns what running leases may still cost beyond what was signed. The
// caller holds r.mu.
func (r *Renter) pending() market.Amount {
	sum := new(big.Int)
	for _, j := range r.jobs {
		for _, a := range j.Attempts {
			if most, err := a.lease.MaxCost(); err == nil && !a.Final {
				sum.Add(sum, roundUp(most, r.cfg.Notary.Decimals())).Sub(sum, a.Paid)
			}
		}
	}
	a, err := market.AmountFromBaseUnits(sum, r.cfg.Notary.Decimals())
	if err != nil {
		return market.MaxPrice // no limit allows that much
	}
	return a
}

// Locked returns the base units in channels that are not closed, less what was
// signed away.
func (r *Renter) Locked() *big.Int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := new(big.Int)
	for _, c := range r.channels {
		if st, there := r.cfg.Chain.Channel(c.ID); !c.Closed && !c.Dropped && !(there && st.Closed) {
			sum.Add(sum, c.Amount).Sub(sum, c.cumulative())
		}
	}
	return sum
}

// find returns a job by its name or by an unambiguous beginning of it. The caller
// holds r.mu.
func (r *Renter) find(name string) (*record, error) {
	if j := r.jobs[name]; j != nil {
		return j, nil
	}
	var hits []string
	for n := range r.jobs {
		if len(name) > 0 && len(n) > len(name) && n[:len(name)] == name {
			hits = append(hits, n)
		}
	}
	switch len(hits) {
	case 1:
		return r.jobs[hits[0]], nil
	case 0:
		// One that removes itself can be looked at for a while: whoever waited for
		// it wants to know how it ended.
		for _, j := range slices.Backward(r.gone) {
			if j.Name == name && j.Remove && r.cfg.Now().Sub(j.Ended) < keepShort {
				return j, nil
			}
		}
		return nil, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	slices.Sort(hits)
	return nil, fmt.Errorf("%w: %q could be any of %v", ErrNotFound, name, hits)
}

// Stop asks a job to end: SIGTERM, after grace SIGKILL. Wait tells when it has.
func (r *Renter) Stop(name string, grace time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, err := r.find(name)
	if err != nil || j.done() || j.Stop {
		return err
	}
	j.Stop, j.Grace = true, grace
	close(j.stop)
	j.touch()
	return r.save(j)
}

// Remove forgets a job that is done.
func (r *Renter) Remove(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, err := r.find(name)
	if err != nil {
		return err
	}
	if j.Gone {
		return fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	if !j.done() {
		return fmt.Errorf("%w: %s", ErrRunning, j.Name)
	}
	return r.forget(j)
}

// forget takes a done job out of sight. Its record stays for the bill. The
// caller holds r.mu.
func (r *Renter) forget(j *record) error {
	j.Gone = true
	if err := r.save(j); err != nil {
		return err
	}
	delete(r.jobs, j.Name)
	r.gone = append(r.gone, j)
	return nil
}

// Wait blocks until a job is done and returns it.
func (r *Renter) Wait(ctx context.Context, name string) (View, error) {
	var last View
	err := r.Watch(ctx, name, func(v View) error { last = v; return nil })
	return last, err
}

// Watch calls fn at once and at every change until the job is done, ctx ends or
// fn returns an error.
func (r *Renter) Watch(ctx context.Context, name string, fn func(View) error) error {
	r.mu.Lock()
	j, err := r.find(name)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	for {
		r.mu.Lock()
		v, changed, done := r.view(j), j.changed, j.done()
		r.mu.Unlock()
		if err := fn(v); err != nil {
			return err
		}
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
