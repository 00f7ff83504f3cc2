//go:build linux

package containerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	client "github.com/containerd/containerd/v2/client"
	"github.com/containerd/errdefs"

	"github.com/etal-cloud/etal/runtime"
)

// Status observes one allocation. Where the engine cannot be reached the state
// is runtime.StateUnknown, with what is known without it, and the error nil.
func (e *Engine) Status(ctx context.Context, id string) (runtime.Status, error) {
	if checkID(id) != nil {
		return runtime.Status{}, fmt.Errorf("status %.64q: %w", id, runtime.ErrNotFound)
	}
	defer e.lock(id).Unlock()
	st, err := e.observe(ctx, id)
	if errors.Is(err, runtime.ErrUnavailable) {
		return e.unknown(id, err)
	}
	if err != nil {
		return runtime.Status{}, fmt.Errorf("status %s: %w", id, err)
	}
	return st, nil
}

// unknown is the status of an allocation whose engine does not answer.
func (e *Engine) unknown(id string, why error) (runtime.Status, error) {
	var j job
	if err := e.readJSON(id, "job.json", &j); err != nil {
		return runtime.Status{}, fmt.Errorf("status %s: %w", id, why)
	}
	return runtime.Status{ID: id, Epoch: j.Epoch, Labels: j.Labels, State: runtime.StateUnknown, Reason: why.Error()}, nil
}

// observe compares what containerd says with what is written in the job's folder,
// and writes down an end that it is the first to see. The caller holds the lock.
func (e *Engine) observe(ctx context.Context, id string) (runtime.Status, error) {
	var j job
	if err := e.readJSON(id, "job.json", &j); errors.Is(err, os.ErrNotExist) {
		return runtime.Status{}, runtime.ErrNotFound
	} else if err != nil {
		return runtime.Status{}, err
	}
	st := runtime.Status{ID: id, Epoch: j.Epoch, Labels: j.Labels}
	if end, ok, err := e.ended(id); err != nil {
		return runtime.Status{}, err
	} else if ok {
		return e.complete(st, end)
	}
	c, err := e.client.LoadContainer(ctx, id)
	if errdefs.IsNotFound(err) {
		return runtime.Status{}, runtime.ErrNotFound // a Create or a Remove that was interrupted
	}
	if err != nil {
		return runtime.Status{}, unavailable(err)
	}
	t, err := c.Task(ctx, nil)
	var ts client.Status
	if err == nil {
		ts, err = t.Status(ctx)
	}
	if err != nil && !errdefs.IsNotFound(err) {
		return runtime.Status{}, unavailable(err)
	}
	events, terr := e.times(id)
	if terr != nil {
		return runtime.Status{}, terr
	}
	if err != nil { // no shim
		if len(events) == 0 {
			st.State = runtime.StateCreated
			return st, nil
		}
		return e.lost(st)
	}

	now := time.Now()
	switch ts.Status {
	case client.Created:
		st.State = runtime.StateCreated
		return st, nil
	case client.Running, client.Pausing:
		if last(events) == eventPause && ts.Status == client.Running {
			events = append(events, event{eventResume, now})
			err = e.note(id, eventResume, now)
		}
		st.State = runtime.StateRunning
	case client.Paused:
		if last(events) != eventPause {
			events = append(events, event{eventPause, now})
			err = e.note(id, eventPause, now)
		}
		st.State = runtime.StatePaused
	case client.Stopped:
		return e.exited(ctx, st, t, ts)
	default:
		st.State, st.Reason = runtime.StateUnknown, "containerd says "+string(ts.Status)
	}
	st.Started, st.Ran = ran(events, now)
	return st, err
}

// ended reads how an allocation ended, if that was written.
func (e *Engine) ended(id string) (ending, bool, error) {
	var end ending
	err := e.readJSON(id, "exit.json", &end)
	if errors.Is(err, os.ErrNotExist) {
		return ending{}, false, nil
	}
	return end, err == nil, err
}

// complete fills in the status of an allocation that ended.
func (e *Engine) complete(st runtime.Status, end ending) (runtime.Status, error) {
	events, err := e.times(st.ID)
	if err != nil {
		return runtime.Status{}, err
	}
	st.State, st.Code, st.OOM, st.Exited, st.Reason = runtime.StateExited, end.Code, end.OOM, end.Exited, end.Reason
	if end.Lost {
		st.State, st.Code = runtime.StateLost, 0
	}
	st.Started, st.Ran = ran(events, end.Exited)
	if end.Unrun {
		st.Ran = 0
	}
	if st.Exited.Before(st.Started) {
		st.Exited = st.Started
	}
	return st, nil
}

// exited writes down the end that the shim reports, and then lets the shim go.
func (e *Engine) exited(ctx context.Context, st runtime.Status, t client.Task, ts client.Status) (runtime.Status, error) {
	end := ending{Code: int(ts.ExitStatus), Exited: ts.ExitTime}
	if why, err := os.ReadFile(filepath.Join(e.jobDir(st.ID), "oom")); err == nil {
		end.OOM, end.Reason = true, "out of memory: it used "+strings.TrimSpace(string(why))
	} else if why, err := os.ReadFile(filepath.Join(e.jobDir(st.ID), "over")); err == nil {
		end.Reason = "above its limits: it had " + strings.TrimSpace(string(why))
	}
	if err := e.writeJSON(st.ID, "exit.json", end); err != nil {
		return runtime.Status{}, err
	}
	// Without killing: everything in it has ended. A shim that stays is found
	// again by Remove.
	if _, err := t.Delete(ctx); err != nil && !errdefs.IsNotFound(err) {
		e.log.Warn("shim_not_deleted", "id", st.ID, "err", err)
	}
	return e.complete(st, end)
}

// lost writes down that an allocation ran and has no shim any more.
func (e *Engine) lost(st runtime.Status) (runtime.Status, error) {
	// Somebody else may have seen the end between our two looks.
	if end, ok, err := e.ended(st.ID); err != nil {
		return runtime.Status{}, err
	} else if ok {
		return e.complete(st, end)
	}
	end := ending{Lost: true, Reason: "its shim or its engine was killed", Exited: e.seen(st.ID)}
	if _, err := os.Stat(filepath.Join(e.jobDir(st.ID), "oom")); err == nil {
		end.OOM = true
	}
	if err := e.writeJSON(st.ID, "exit.json", end); err != nil {
		return runtime.Status{}, err
	}
	return e.complete(st, end)
}

// seen returns when an allocation was alive at last: when the engine saw it, or
// when something was done with it after that.
func (e *Engine) seen(id string) (at time.Time) {
	if events, err := e.times(id); err == nil && len(events) > 0 {
		at = events[len(events)-1].at
	}
	if info, err := os.Stat(filepath.Join(e.jobDir(id), "seen")); err == nil && info.ModTime().After(at) {
		at = info.ModTime()
	}
	return at
}

// List observes all allocations, sorted by id.
func (e *Engine) List(ctx context.Context) ([]runtime.Status, error) {
	names, err := os.ReadDir(filepath.Join(e.root, "jobs"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list: %w", err)
	}
	var all []runtime.Status
	for _, n := range names {
		st, err := e.Status(ctx, n.Name())
		if errors.Is(err, runtime.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
		all = append(all, st)
	}
	sort.Slice(all, func(i, k int) bool { return all[i].ID < all[k].ID })
	return all, nil
}

// Waits between looks at an allocation, where nothing tells of a change.
const (
	idlePause = 50 * time.Millisecond
	awayPause = 250 * time.Millisecond
)

// Wait blocks until the allocation has ended. An engine that is restarted or
// cannot be reached is waited for; only ctx ends that.
func (e *Engine) Wait(ctx context.Context, id string) (runtime.Status, error) {
	for {
		st, err := e.Status(ctx, id)
		if err != nil && !errors.Is(err, runtime.ErrUnavailable) || err == nil && st.Ended() {
			return st, err
		}
		pause := idlePause
		switch {
		case ctx.Err() != nil:
		case err != nil || st.State == runtime.StateUnknown:
			pause = awayPause
		case st.State == runtime.StateRunning || st.State == runtime.StatePaused:
			if e.untilChange(ctx, id) {
				pause = 0
			}
		}
		select {
		case <-ctx.Done():
			return runtime.Status{}, fmt.Errorf("wait %s: %w", id, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// untilChange blocks until containerd says that a job exited, and reports that;
// or false when it cannot say so. It is a hint: what happened is looked up.
func (e *Engine) untilChange(ctx context.Context, id string) bool {
	c, err := e.client.LoadContainer(ctx, id)
	if err != nil {
		return false
	}
	t, err := c.Task(ctx, nil)
	if err != nil {
		return false
	}
	ch, err := t.Wait(ctx)
	if err != nil {
		return false
	}
	return (<-ch).Error() == nil
}
