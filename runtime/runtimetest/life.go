package runtimetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// Start runs a created allocation's Program.
func (f *Fake) Start(ctx context.Context, id string) error {
	a, err := f.find(ctx, "Start", id)
	if err != nil {
		return err
	}
	defer a.m.mu.Unlock()
	switch a.state {
	case runtime.StateRunning, runtime.StatePaused:
		return nil
	case runtime.StateCreated:
	default:
		return fmt.Errorf("start %s: %w: it is %s", id, runtime.ErrState, a.state)
	}
	if !a.present {
		return fmt.Errorf("start %s: %w: no program %.80q in it", id, runtime.ErrImage, a.argv[0])
	}
	// The job outlives the call: only its end ends its context.
	running, kill := context.WithCancel(context.WithoutCancel(ctx))
	now := a.m.clock.Now()
	a.kill, a.state, a.started, a.since = kill, runtime.StateRunning, now, now
	p := &Process{Argv: a.argv, Env: a.env, WorkDir: a.dir, Mounts: a.spec.Mounts, Term: a.term, alloc: a, ctx: running}
	p.Stdout, p.Stderr = output{p, runtime.Stdout}, output{p, runtime.Stderr}
	a.m.jobs.Go(func() {
		code := a.program(running, p)
		a.finish(running, code)
	})
	a.m.wake()
	return nil
}

// finish ends a job whose Program returned. One that is paused gets no further
// than a real one would: it ends once it is resumed.
func (a *alloc) finish(running context.Context, code int) {
	a.m.mu.Lock()
	defer a.m.mu.Unlock()
	for a.state == runtime.StatePaused {
		changed := a.m.changed
		a.m.mu.Unlock()
		select {
		case <-changed:
		case <-running.Done():
		}
		a.m.mu.Lock()
	}
	a.end(runtime.StateExited, code&0xff, "")
}

// Status observes one allocation. Of an engine that cannot be reached it
// returns StateUnknown beside the error.
func (f *Fake) Status(ctx context.Context, id string) (runtime.Status, error) {
	a, err := f.find(ctx, "Status", id)
	if errors.Is(err, runtime.ErrUnavailable) {
		return runtime.Status{ID: id, State: runtime.StateUnknown}, err
	}
	if err != nil {
		return runtime.Status{}, err
	}
	defer a.m.mu.Unlock()
	return a.status(), nil
}

// List observes all allocations, in the order of their ids.
func (f *Fake) List(ctx context.Context) ([]runtime.Status, error) {
	m, err := f.enter(ctx, "List")
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var list []runtime.Status
	for _, a := range m.allocs {
		list = append(list, a.status())
	}
	slices.SortFunc(list, func(a, b runtime.Status) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// Wait blocks until the allocation has ended. While the engine cannot be
// reached it goes on waiting; it gives up when this client is closed.
func (f *Fake) Wait(ctx context.Context, id string) (runtime.Status, error) {
	f.reachable(ctx)
	a, err := f.find(ctx, "Wait", id)
	if err != nil {
		return runtime.Status{}, err
	}
	m := a.m
	defer m.mu.Unlock()
	for {
		if f.closed || m.ended {
			return runtime.Status{ID: id, State: runtime.StateUnknown}, fmt.Errorf("wait for %s: %w", id, f.usable())
		}
		if !m.down {
			if st := a.status(); st.Ended() {
				return st, nil
			}
			if m.allocs[id] != a {
				return runtime.Status{}, fmt.Errorf("wait for %s: %w: it was removed", id, runtime.ErrNotFound)
			}
		}
		changed := m.changed
		m.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		m.mu.Lock()
		if err := ctx.Err(); err != nil {
			return runtime.Status{}, fmt.Errorf("wait for %s: %w", id, err)
		}
	}
}

// Pause freezes a running job; its billed time stands still.
func (f *Fake) Pause(ctx context.Context, id string) error {
	return f.freeze(ctx, "Pause", id, runtime.StatePaused)
}

// Resume lets a paused job run on.
func (f *Fake) Resume(ctx context.Context, id string) error {
	return f.freeze(ctx, "Resume", id, runtime.StateRunning)
}

// freeze moves a job between running and paused.
func (f *Fake) freeze(ctx context.Context, method, id string, to runtime.State) error {
	a, err := f.find(ctx, method, id)
	if err != nil {
		return err
	}
	defer a.m.mu.Unlock()
	switch a.state {
	case to:
	case runtime.StateRunning, runtime.StatePaused:
		a.turn(to)
	default:
		return fmt.Errorf("%s %s: %w: it is %s", method, id, runtime.ErrState, a.state)
	}
	return nil
}

// turn pauses or resumes a. The caller holds mu.
func (a *alloc) turn(to runtime.State) {
	now := a.m.clock.Now()
	a.before = a.ran(now)
	a.state, a.since = to, now
	a.m.wake()
}

// Stop sends SIGTERM and, after grace, SIGKILL. A grace of 0 kills at once.
func (f *Fake) Stop(ctx context.Context, id string, grace time.Duration) error {
	a, err := f.find(ctx, "Stop", id)
	if err != nil {
		return err
	}
	m := a.m
	defer m.mu.Unlock()
	if a.state == runtime.StateCreated {
		return fmt.Errorf("stop %s: %w: it is created, and can be removed", id, runtime.ErrState)
	}
	if grace > 0 && !a.status().Ended() {
		if a.state == runtime.StatePaused { // a frozen job could not act on the signal
			a.turn(runtime.StateRunning)
		}
		a.askToEnd()
		over := m.clock.After(grace)
		for waiting := true; waiting && !a.status().Ended(); {
			changed := m.changed
			m.mu.Unlock()
			select {
			case <-changed:
			case <-over:
				waiting = false
			case <-ctx.Done():
			}
			m.mu.Lock()
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("stop %s: %w", id, err)
			}
		}
	}
	a.end(runtime.StateExited, 137, "")
	return nil
}

// Logs reads the output from byte seq on.
func (f *Fake) Logs(ctx context.Context, id string, seq int64, follow bool) (runtime.LogReader, error) {
	a, err := f.find(ctx, "Logs", id)
	if err != nil {
		return nil, err
	}
	defer a.m.mu.Unlock()
	if seq < 0 {
		return nil, fmt.Errorf("logs of %s: a negative position %d", id, seq)
	}
	return &logReader{log: a.log, follow: follow, seq: seq, done: make(chan struct{})}, nil
}

// reachable waits until the engine can be reached, or never will be: a Wait that
// begins while it cannot outlasts that too.
func (f *Fake) reachable(ctx context.Context) {
	m := f.m
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.down && !f.closed && !m.ended && ctx.Err() == nil {
		changed := m.changed
		m.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		m.mu.Lock()
	}
}
