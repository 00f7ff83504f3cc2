package runtimetest

import (
	"context"
	"io"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// Program is what a Fake runs instead of a program: it acts through p and
// returns its exit code. It must return soon after ctx ends, which is how
// SIGKILL arrives; what it does after that is neither seen nor waited for.
type Program func(ctx context.Context, p *Process) int

// Process is a job as its Program sees it.
type Process struct {
	Argv    []string // the whole command line
	Env     []string // the image's and the spec's
	WorkDir string
	Mounts  []runtime.Mount
	Stdout  io.Writer // blocks while the job is paused, fails once it has ended
	Stderr  io.Writer
	Term    <-chan struct{} // closed at SIGTERM

	alloc *alloc
	ctx   context.Context
}

// Sleep returns true once the job has run for d more: a pause does not count.
// It returns false at once when the job is killed, or at SIGTERM if wake is set.
func (p *Process) Sleep(d time.Duration, wake bool) bool {
	a := p.alloc
	until := a.ranNow() + d
	for {
		a.m.mu.Lock()
		left, state, changed := until-a.ran(a.m.clock.Now()), a.state, a.m.changed
		a.m.mu.Unlock()
		var alarm <-chan time.Time
		var term <-chan struct{}
		if state == runtime.StateRunning {
			if left <= 0 {
				return true
			}
			alarm = a.m.clock.After(left)
			if wake {
				term = p.Term
			}
		}
		select {
		case <-alarm:
		case <-changed:
		case <-term:
			return false
		case <-p.ctx.Done():
			return false
		}
	}
}

// output is one stream of a job.
type output struct {
	p      *Process
	stream runtime.Stream
}

// Write appends to the job's log. A paused job writes nothing.
func (o output) Write(b []byte) (int, error) {
	a := o.p.alloc
	for {
		a.m.mu.Lock()
		switch a.state {
		case runtime.StateRunning:
			a.log.write(a.m.clock.Now(), o.stream, b)
			a.m.mu.Unlock()
			return len(b), nil
		case runtime.StatePaused:
			changed := a.m.changed
			a.m.mu.Unlock()
			select {
			case <-changed:
			case <-o.p.ctx.Done():
				return 0, o.p.ctx.Err()
			}
		default:
			a.m.mu.Unlock()
			return 0, io.ErrClosedPipe
		}
	}
}
