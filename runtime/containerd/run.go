//go:build linux

package containerd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	client "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/pkg/cio"
	"github.com/containerd/errdefs"
	"golang.org/x/sys/unix"

	"github.com/etal-cloud/etal/runtime"
)

// loggerName is the engine's name for the program that keeps a job's log.
const loggerName = "etal-log"

// discardTime bounds how long an empty sandbox may take to go.
const discardTime = 15 * time.Second

// codeUnrun is the exit code of a job whose command could not be started, as a
// shell has it.
const codeUnrun = 127

// Start runs a created allocation. One whose command cannot be started, because
// the image does not have it, say, has exited with 127 and ran no time: it is
// the renter's mistake, so the error is nil and Status has the reason.
func (e *Engine) Start(ctx context.Context, id string) error {
	return e.do("start", id, func(st runtime.Status) error { return e.start(ctx, id, st) }, ctx)
}

// Pause freezes a running allocation, whose memory stays. Pausing a paused one
// does nothing.
func (e *Engine) Pause(ctx context.Context, id string) error {
	return e.do("pause", id, func(st runtime.Status) error {
		switch st.State {
		case runtime.StatePaused:
			return nil
		case runtime.StateRunning:
			return e.task(ctx, id, func(t client.Task) error { return t.Pause(ctx) })
		}
		return fmt.Errorf("%w: it is %s", runtime.ErrState, st.State)
	}, ctx)
}

// Resume lets a paused allocation go on. Resuming a running one does nothing.
func (e *Engine) Resume(ctx context.Context, id string) error {
	return e.do("resume", id, func(st runtime.Status) error {
		switch st.State {
		case runtime.StateRunning:
			return nil
		case runtime.StatePaused:
			return e.task(ctx, id, func(t client.Task) error { return t.Resume(ctx) })
		}
		return fmt.Errorf("%w: it is %s", runtime.ErrState, st.State)
	}, ctx)
}

// do runs f on what is observed of an allocation, with its lock held.
func (e *Engine) do(what, id string, f func(runtime.Status) error, ctx context.Context) error {
	if checkID(id) != nil {
		return fmt.Errorf("%s %.64q: %w", what, id, runtime.ErrNotFound)
	}
	defer e.lock(id).Unlock()
	st, err := e.observe(ctx, id)
	if err == nil {
		err = f(st)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, id, unavailable(err))
	}
	return nil
}

// task calls f with the task of an allocation. One that is gone is ErrState.
func (e *Engine) task(ctx context.Context, id string, f func(client.Task) error) error {
	c, err := e.client.LoadContainer(ctx, id)
	if err != nil {
		return err
	}
	t, err := c.Task(ctx, nil)
	if errdefs.IsNotFound(err) {
		return fmt.Errorf("%w: it has ended", runtime.ErrState)
	}
	if err != nil {
		return err
	}
	return f(t)
}

func (e *Engine) start(ctx context.Context, id string, st runtime.Status) error {
	switch st.State {
	case runtime.StateRunning, runtime.StatePaused:
		return nil
	case runtime.StateCreated:
	default:
		return fmt.Errorf("%w: it is %s", runtime.ErrState, st.State)
	}
	c, err := e.client.LoadContainer(ctx, id)
	if err != nil {
		return err
	}
	t, err := c.Task(ctx, nil)
	if errdefs.IsNotFound(err) {
		t, err = e.newTask(ctx, id, c)
	}
	if err != nil {
		return err
	}
	err = t.Start(ctx)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil || errdefs.IsUnavailable(err) {
		return err // what became of it is seen later
	}
	return e.unrun(ctx, id, t, err)
}

// newTask starts the shim, the logger and an empty sandbox.
func (e *Engine) newTask(ctx context.Context, id string, c client.Container) (client.Task, error) {
	var j job
	if err := e.readJSON(id, "job.json", &j); err != nil {
		return nil, err
	}
	t, err := c.NewTask(ctx, cio.BinaryIO(filepath.Join(house, "bin", loggerName), map[string]string{
		"dir":   filepath.Join(house, "jobs", id, "log"),
		"limit": strconv.FormatInt(j.LogLimit, 10),
	}))
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return t, nil
}

// unrun writes down that the sandbox is fine and the command is not.
func (e *Engine) unrun(ctx context.Context, id string, t client.Task, why error) error {
	end := ending{Unrun: true, Code: codeUnrun, Exited: time.Now(), Reason: why.Error()}
	if err := e.writeJSON(id, "exit.json", end); err != nil {
		return errors.Join(why, err)
	}
	if err := discard(ctx, t); err != nil {
		e.log.Warn("shim_not_deleted", "id", id, "err", err)
	}
	return nil
}

// discard deletes a task in which no command runs, and its sandbox with it.
func discard(ctx context.Context, t client.Task) error {
	return poll(ctx, discardTime, func() (bool, error) {
		_, err := t.Delete(ctx)
		switch {
		case err == nil || errdefs.IsNotFound(err):
			return true, nil
		case !errdefs.IsFailedPrecondition(err):
			return false, err
		}
		// A sandbox that was made and never started must be killed first; the
		// shim learns of its end a moment later.
		if err := t.Kill(ctx, unix.SIGKILL, client.WithKillAll); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsFailedPrecondition(err) {
			return false, err
		}
		return false, nil
	})
}

// Stop ends a running or paused allocation: SIGTERM, and after grace SIGKILL. It
// returns once the allocation has ended. Stopping an ended one does nothing; one
// that was never started is runtime.ErrState.
func (e *Engine) Stop(ctx context.Context, id string, grace time.Duration) error {
	if grace > 0 {
		ended, err := e.signal(ctx, id, unix.SIGTERM)
		if ended || err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, grace)
		_, err = e.Wait(short, id)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("stop %s: %w", id, err)
		}
	}
	ended, err := e.signal(ctx, id, unix.SIGKILL)
	if ended || err != nil {
		return err
	}
	_, err = e.Wait(ctx, id)
	return err
}

// signal sends a signal to an allocation, letting it go on first if it is paused:
// a frozen process takes no signal. It reports whether it had ended before.
func (e *Engine) signal(ctx context.Context, id string, sig unix.Signal) (ended bool, err error) {
	err = e.do("stop", id, func(st runtime.Status) error {
		switch {
		case st.Ended():
			ended = true
			return nil
		case st.State == runtime.StateCreated:
			return fmt.Errorf("%w: it is %s", runtime.ErrState, st.State)
		}
		err := e.task(ctx, id, func(t client.Task) error {
			var opts []client.KillOpts
			if sig == unix.SIGKILL {
				opts = append(opts, client.WithKillAll)
			}
			if st.State == runtime.StatePaused {
				if err := t.Resume(ctx); err != nil && !errdefs.IsNotFound(err) {
					return err
				}
			}
			if err := t.Kill(ctx, sig, opts...); err != nil && !errdefs.IsNotFound(err) {
				return err
			}
			return nil
		})
		if errors.Is(err, runtime.ErrState) {
			return nil // it ended just now: Wait tells how
		}
		return err
	}, ctx)
	return ended, err
}
