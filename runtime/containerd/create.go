//go:build linux

package containerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/api/types/runc/options"
	client "github.com/containerd/containerd/v2/client"
	"github.com/containerd/errdefs"

	"github.com/etal-cloud/etal/runtime"
)

const (
	shimName    = "io.containerd.runc.v2"
	runtimeName = "etal-runsc"            // in the engine's PATH
	runtimeRoot = "/run/etal-state/runsc" // where the sandboxes keep their own state
	jobLabel    = "cloud.etal.job"        // marks a container as an allocation
)

// Create prepares an allocation: unpacks the image, makes its root file system
// and its container. A Create that was interrupted can be done again.
func (e *Engine) Create(ctx context.Context, s runtime.Spec) error {
	if err := e.create(ctx, s); err != nil {
		return fmt.Errorf("create %.64s: %w", s.ID, unavailable(err))
	}
	return nil
}

func (e *Engine) create(ctx context.Context, s runtime.Spec) (err error) {
	if err := checkSpec(s); err != nil {
		return err
	}
	defer e.lock(s.ID).Unlock()
	switch _, err := e.client.LoadContainer(ctx, s.ID); {
	case err == nil:
		return runtime.ErrExists
	case !errdefs.IsNotFound(err):
		return err
	}
	img, err := e.prepare(ctx, s.Image)
	if err != nil {
		return err
	}
	who, err := e.userOf(ctx, img)
	if err != nil {
		return err
	}
	spec, err := e.specOf(s, img.config, who)
	if err != nil {
		return err
	}

	// What an interrupted Create or Remove left.
	if err := e.clean(ctx, s.ID); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.clean(context.WithoutCancel(ctx), s.ID))
		}
	}()
	if err := os.MkdirAll(filepath.Join(e.jobDir(s.ID), "log"), 0o700); err != nil {
		return err
	}
	limit := s.LogLimit
	if limit == 0 {
		limit = DefaultLogLimit
	}
	j := job{Epoch: s.Epoch, Memory: s.Resources.Memory, Disk: max(s.Resources.Disk, minScratch), LogLimit: limit, Labels: s.Labels}
	for _, m := range s.Mounts {
		if m.ReadOnly {
			continue
		}
		path, err := e.inside(m.Host)
		if err != nil {
			return err
		}
		j.Writable = append(j.Writable, path)
	}
	if err := e.writeJSON(s.ID, "job.json", j); err != nil {
		return err
	}
	_, err = e.client.NewContainer(ctx, s.ID,
		client.WithContainerLabels(map[string]string{jobLabel: "1"}),
		client.WithSnapshotter(e.snapshotter),
		client.WithNewSnapshot(s.ID, img),
		client.WithRuntime(shimName, &options.Options{BinaryName: runtimeName, Root: runtimeRoot}),
		client.WithSpec(spec),
	)
	return err
}

// Remove deletes an ended or a created allocation with all that is its own. The
// image's blobs and layers stay for the next job.
func (e *Engine) Remove(ctx context.Context, id string) error {
	if err := e.remove(ctx, id); err != nil {
		return fmt.Errorf("remove %.64s: %w", id, unavailable(err))
	}
	return nil
}

func (e *Engine) remove(ctx context.Context, id string) error {
	if checkID(id) != nil {
		return nil // what cannot be is not there
	}
	defer e.lock(id).Unlock()
	st, err := e.observe(ctx, id)
	switch {
	case errors.Is(err, runtime.ErrNotFound):
	case err != nil:
		return err
	case !st.Ended() && st.State != runtime.StateCreated:
		return fmt.Errorf("%w: it is %s", runtime.ErrState, st.State)
	}
	if err := e.clean(ctx, id); err != nil {
		return err
	}
	e.forget(id)
	return nil
}

// clean deletes whatever there is of an allocation that does not run, in an order
// that can be interrupted anywhere: the folder, which tells what it was, is last.
func (e *Engine) clean(ctx context.Context, id string) error {
	if c, err := e.client.LoadContainer(ctx, id); err == nil {
		if t, err := c.Task(ctx, nil); err == nil {
			if err := discard(ctx, t); err != nil {
				return err
			}
		} else if !errdefs.IsNotFound(err) {
			return err
		}
		if err := c.Delete(ctx); err != nil && !errdefs.IsNotFound(err) {
			return err
		}
	} else if !errdefs.IsNotFound(err) {
		return err
	}
	if err := e.client.SnapshotService(e.snapshotter).Remove(ctx, id); err != nil && !errdefs.IsNotFound(err) {
		return err
	}
	// A logger that is still at work would write into a deleted folder.
	logDir := filepath.Join(e.jobDir(id), "log")
	if err := poll(ctx, logEndTime, func() (bool, error) {
		held, err := locked(filepath.Join(logDir, "lock"))
		return !held, err
	}); err != nil && ctx.Err() != nil {
		return err
	}
	return os.RemoveAll(e.jobDir(id))
}
