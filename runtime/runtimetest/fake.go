package runtimetest

import (
	"context"
	"fmt"
	"maps"
	"os"
	goruntime "runtime"
	"sync"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// Config describes a Fake. The zero value works.
type Config struct {
	// Info is what the engine says of itself. A zero Name means a sandboxing
	// engine called "fake" with 4 cores, 8 GiB of memory and 64 GiB of disk.
	Info runtime.Info
	// Clock is the engine's time; nil means the machine's.
	Clock Clock
	// Programs are looked up by the image's digest, then by the first word of
	// the command line. A job for which there is none must be of a good image
	// that was put, and its command line is taken for commands of
	// runtimetest/job. An image that has a program need not be put at all.
	Programs map[string]Program
}

// Fake is an engine that runs nothing. It is a client of a machine that lives
// until Shutdown; Reopen gives another client of the same machine.
type Fake struct {
	m      *machine
	closed bool // guarded by m.mu
}

var _ runtime.Engine = (*Fake)(nil)

// machine is what a Fake runs on.
type machine struct {
	info     runtime.Info
	clock    Clock
	programs map[string]Program
	jobs     sync.WaitGroup

	mu       sync.Mutex // guards the following fields
	blobs    map[string][]byte
	allocs   map[string]*alloc
	failures map[string][]error
	down     bool
	ended    bool          // Shutdown was called
	root     string        // folder of all jobs' files, made at the first Create
	changed  chan struct{} // closed and replaced at every change
}

// NewFake returns an engine that holds nothing. Shutdown ends it.
func NewFake(c Config) *Fake {
	if c.Info.Name == "" {
		c.Info = runtime.Info{
			Name: "fake", Version: "1", Tiers: []market.Tier{market.TierSandbox}, Limits: runtime.LimitsCgroup2,
			Capacity: market.Resources{MilliCPU: 4000, Memory: 8 << 30, Disk: 64 << 30},
		}
	}
	if c.Info.Arch == "" {
		c.Info.Arch = goruntime.GOARCH
	}
	if c.Clock == nil {
		c.Clock = realClock{}
	}
	return &Fake{m: &machine{
		info: c.Info, clock: c.Clock, programs: maps.Clone(c.Programs),
		blobs: make(map[string][]byte), allocs: make(map[string]*alloc), failures: make(map[string][]error),
		changed: make(chan struct{}),
	}}
}

// Reopen returns a new client of the same machine, as a node has that was
// restarted. The old one goes on until it is closed.
func (f *Fake) Reopen() *Fake { return &Fake{m: f.m} }

// Close lets go of the engine; allocations run on. Every method of a closed
// Fake returns runtime.ErrUnavailable.
func (f *Fake) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.closed = true
	f.m.wake()
	return nil
}

// Shutdown kills every job, waits for their Programs to return and removes
// what they wrote. No client of the machine can be used after it.
func (f *Fake) Shutdown() {
	m := f.m
	m.mu.Lock()
	m.ended = true
	for _, a := range m.allocs {
		if !a.status().Ended() {
			a.end(runtime.StateLost, 0, "the engine was shut down")
		}
	}
	root := m.root
	m.wake()
	m.mu.Unlock()
	m.jobs.Wait()
	if root != "" {
		os.RemoveAll(root)
	}
}

// Unavailable makes the engine unreachable, or reachable again, for all its
// clients. Jobs run on meanwhile.
func (f *Fake) Unavailable(down bool) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.down = down
	f.m.wake()
}

// FailNext makes the next call of a method, for example "Start", return err
// and do nothing. Calls queue up.
func (f *Fake) FailNext(method string, err error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.failures[method] = append(f.m.failures[method], err)
}

// Lose kills the shim of a running or paused allocation: the job dies and its
// exit code is gone.
func (f *Fake) Lose(id string) error {
	return f.strike(id, func(a *alloc) { a.end(runtime.StateLost, 0, "its shim was lost") })
}

// ExhaustMemory ends a running or paused allocation for lack of memory.
func (f *Fake) ExhaustMemory(id string) error {
	return f.strike(id, func(a *alloc) {
		a.oom = true
		a.end(runtime.StateExited, 137, "out of memory")
	})
}

// strike does something bad to a job, reachable engine or not.
func (f *Fake) strike(id string, do func(*alloc)) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	a, ok := f.m.allocs[id]
	switch {
	case !ok:
		return runtime.ErrNotFound
	case a.state != runtime.StateRunning && a.state != runtime.StatePaused:
		return runtime.ErrState
	}
	do(a)
	return nil
}

// enter begins a call: it returns the machine locked, or why it cannot be used.
func (f *Fake) enter(ctx context.Context, method string) (*machine, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	f.m.mu.Lock()
	err := f.usable()
	if queue := f.m.failures[method]; err == nil && len(queue) > 0 {
		err = queue[0]
		f.m.failures[method] = queue[1:]
	}
	if err != nil {
		f.m.mu.Unlock()
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return f.m, nil
}

// usable reports why the engine cannot be reached. The caller holds mu.
func (f *Fake) usable() error {
	switch {
	case f.m.ended:
		return fmt.Errorf("%w: it was shut down", runtime.ErrUnavailable)
	case f.closed:
		return fmt.Errorf("%w: it was closed", runtime.ErrUnavailable)
	case f.m.down:
		return runtime.ErrUnavailable
	}
	return nil
}

// find begins a call on one allocation: it returns it with the machine locked.
func (f *Fake) find(ctx context.Context, method, id string) (*alloc, error) {
	m, err := f.enter(ctx, method)
	if err != nil {
		return nil, err
	}
	a, ok := m.allocs[id]
	if !ok {
		m.mu.Unlock()
		return nil, fmt.Errorf("%s %.80q: %w", method, id, runtime.ErrNotFound)
	}
	return a, nil
}

// wake tells all who wait of a change. The caller holds mu.
func (m *machine) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Info returns what Config said.
func (f *Fake) Info(ctx context.Context) (runtime.Info, error) {
	m, err := f.enter(ctx, "Info")
	if err != nil {
		return runtime.Info{}, err
	}
	defer m.mu.Unlock()
	return m.info, nil
}
