package runtimetest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// alloc is one allocation of a Fake. All but the first group of fields is
// guarded by the machine's mu.
type alloc struct {
	m       *machine
	spec    runtime.Spec
	argv    []string
	env     []string
	dir     string
	program Program
	present bool   // argv[0] is in the image, or has a Program
	scratch string // folder that stands for the job's own file system
	log     *boundedLog

	state   runtime.State
	started time.Time
	exited  time.Time
	before  time.Duration // billed up to since
	since   time.Time     // while running: when it last began to
	code    int
	oom     bool
	reason  string
	asked   bool // SIGTERM was sent
	term    chan struct{}
	kill    context.CancelFunc
}

// ran is the billed time. The caller holds mu.
func (a *alloc) ran(now time.Time) time.Duration {
	if a.state == runtime.StateRunning {
		return a.before + now.Sub(a.since)
	}
	return a.before
}

// ranNow is ran for who does not hold mu.
func (a *alloc) ranNow() time.Duration {
	a.m.mu.Lock()
	defer a.m.mu.Unlock()
	return a.ran(a.m.clock.Now())
}

// status observes a. The caller holds mu.
func (a *alloc) status() runtime.Status {
	return runtime.Status{
		ID: a.spec.ID, Epoch: a.spec.Epoch, State: a.state, Started: a.started, Exited: a.exited,
		Ran: a.ran(a.m.clock.Now()), Code: a.code, OOM: a.oom, Reason: a.reason, Labels: maps.Clone(a.spec.Labels),
	}
}

// end ends a job that runs or is paused, once. The caller holds mu.
func (a *alloc) end(s runtime.State, code int, reason string) {
	if a.state != runtime.StateRunning && a.state != runtime.StatePaused {
		return
	}
	now := a.m.clock.Now()
	a.before = a.ran(now)
	a.state, a.exited, a.code, a.reason = s, now, code, reason
	a.askToEnd() // wakes a Program that waits for nothing else
	a.kill()
	a.log.close()
	a.m.wake()
}

// askToEnd sends SIGTERM, once. The caller holds mu.
func (a *alloc) askToEnd() {
	if !a.asked {
		a.asked = true
		close(a.term)
	}
}

// ids are the names that an allocation can have.
var ids = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// checkSpec refuses what no engine can run.
func checkSpec(s runtime.Spec) error {
	switch {
	case !ids.MatchString(s.ID):
		return fmt.Errorf("allocation id %.80q is not 1 to 64 of a-z, 0-9 and -", s.ID)
	case s.LogLimit < 0:
		return fmt.Errorf("a log of %d bytes", s.LogLimit)
	case s.WorkDir != "" && !path.IsAbs(s.WorkDir):
		return fmt.Errorf("working directory %.80q is not absolute", s.WorkDir)
	}
	for _, e := range s.Env {
		if k, _, ok := strings.Cut(e, "="); !ok || k == "" || strings.ContainsRune(e, 0) {
			return fmt.Errorf("environment variable %.80q is not KEY=VALUE", e)
		}
	}
	for _, m := range s.Mounts {
		if !filepath.IsAbs(m.Host) || !path.IsAbs(m.Path) || path.Clean(m.Path) == "/" {
			return fmt.Errorf("mount of %.80q at %.80q needs two absolute paths", m.Host, m.Path)
		}
		if fi, err := os.Stat(m.Host); err != nil || !fi.IsDir() {
			return fmt.Errorf("mount of %.80q: no such folder", m.Host)
		}
	}
	return nil
}

// Create prepares an allocation.
func (f *Fake) Create(ctx context.Context, s runtime.Spec) error {
	m, err := f.enter(ctx, "Create")
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	if _, ok := m.allocs[s.ID]; ok {
		return fmt.Errorf("create %s: %w", s.ID, runtime.ErrExists)
	}
	if err := checkSpec(s); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	a := &alloc{m: m, spec: s, state: runtime.StateCreated, log: newLog(s.LogLimit), term: make(chan struct{}), dir: "/"}
	a.spec.Labels = maps.Clone(s.Labels)
	a.program = m.programs[s.Image]
	img, err := m.unpack(s.Image)
	if err != nil && a.program == nil {
		return fmt.Errorf("create %s: %w", s.ID, err)
	}
	a.argv, err = img.config.Argv(s.Command, s.Args)
	if err != nil && a.program == nil {
		return fmt.Errorf("create %s: %w", s.ID, err)
	}
	if a.program == nil {
		a.program = m.programs[a.argv[0]]
	}
	a.present = a.program != nil || img.files[a.argv[0]]
	if a.program == nil {
		a.program = interpret
	}
	a.env = merge(img.config.Env, s.Env)
	a.dir = path.Join("/", img.config.WorkDir)
	if s.WorkDir != "" {
		a.dir = path.Clean(s.WorkDir)
	}
	if err := a.makeScratch(img.folders); err != nil {
		return fmt.Errorf("create %s: %w", s.ID, err)
	}
	m.allocs[s.ID] = a
	m.wake()
	return nil
}

// merge adds variables to an environment; the later one of a name wins.
func merge(env, more []string) []string {
	out := slices.Clone(env)
	for _, e := range more {
		name, _, _ := strings.Cut(e, "=")
		out = slices.DeleteFunc(out, func(o string) bool { return strings.HasPrefix(o, name+"=") })
		out = append(out, e)
	}
	return out
}

// makeScratch makes the folder of an allocation's own files, with the folders
// that its image has. The caller holds mu.
func (a *alloc) makeScratch(folders []string) error {
	if a.m.root == "" {
		root, err := os.MkdirTemp("", "etal-fake-")
		if err != nil {
			return err
		}
		a.m.root = root
	}
	a.scratch = filepath.Join(a.m.root, a.spec.ID)
	if err := os.Mkdir(a.scratch, 0o755); err != nil {
		return err
	}
	for _, d := range folders {
		if err := os.MkdirAll(filepath.Join(a.scratch, filepath.FromSlash(d)), 0o755); err != nil {
			os.RemoveAll(a.scratch)
			return err
		}
	}
	return nil
}

// Remove deletes an ended or a created allocation.
func (f *Fake) Remove(ctx context.Context, id string) error {
	m, err := f.enter(ctx, "Remove")
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	a, ok := m.allocs[id]
	switch {
	case !ok:
		return nil
	case a.state == runtime.StateRunning || a.state == runtime.StatePaused:
		return fmt.Errorf("remove %s: %w: it is %s", id, runtime.ErrState, a.state)
	}
	delete(m.allocs, id)
	a.log.close()
	m.wake()
	if err := os.RemoveAll(a.scratch); err != nil {
		return fmt.Errorf("remove %s: %w", id, err)
	}
	return nil
}
