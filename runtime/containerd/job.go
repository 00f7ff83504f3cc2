//go:build linux

package containerd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// Bounds on a Spec. A renter's wish is a stranger's.
const (
	maxWords      = 4096
	maxWordBytes  = 128 << 10 // one argument or variable: what a kernel takes
	maxTotalBytes = 1 << 20   // all of them
	maxMounts     = 64
	maxLabelBytes = 64 << 10
	maxLogLimit   = 1 << 30

	// DefaultLogLimit is how many bytes of log are kept where a Spec does not say.
	DefaultLogLimit = 32 << 20
)

var validID = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// job is job.json: what must be known of an allocation beside its container. The
// engine ends a job that takes more than Memory, or more than Disk in the folders
// it can write to.
type job struct {
	Epoch    uint64            `json:"epoch"`
	Memory   int64             `json:"memory"`             // bytes
	Disk     int64             `json:"disk"`               // bytes
	Writable []string          `json:"writable,omitempty"` // as the engine sees them
	LogLimit int64             `json:"log_limit"`
	Labels   map[string]string `json:"labels,omitempty"`
}

// ending is exit.json: how an allocation ended. Once written it never changes.
type ending struct {
	Lost   bool      `json:"lost,omitempty"`   // no exit code is known
	Unrun  bool      `json:"unrun,omitempty"`  // the command could not be started: nothing ran
	Code   int       `json:"code"`             // meaningless when lost
	OOM    bool      `json:"oom,omitempty"`    // ended for its memory
	Exited time.Time `json:"exited"`           // from the shim, or when it was seen alive at last
	Reason string    `json:"reason,omitempty"` // for a reader
}

func (e *Engine) jobDir(id string) string { return filepath.Join(e.root, "jobs", id) }

// readJSON reads one of the files of an allocation. One that is not there is
// os.ErrNotExist.
func (e *Engine) readJSON(id, name string, v any) error {
	raw, err := os.ReadFile(filepath.Join(e.jobDir(id), name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s of %s: %w", name, id, err)
	}
	return nil
}

func (e *Engine) writeJSON(id, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(e.jobDir(id), name), append(raw, '\n'))
}

// exists reports whether an allocation has a file of that name.
func (e *Engine) exists(id, name string) bool {
	_, err := os.Stat(filepath.Join(e.jobDir(id), name))
	return err == nil
}

// errSpec is a Spec that asks for what cannot be.
var errSpec = errors.New("bad spec")

// checkID keeps an id from ever being a path.
func checkID(id string) error {
	if !validID.MatchString(id) {
		return fmt.Errorf("%w: the id %.80q is not 1 to 64 of a-z, 0-9 and -", errSpec, id)
	}
	return nil
}

// checkSpec refuses what no job can be made of, before anything is made.
func checkSpec(s runtime.Spec) error {
	if err := checkID(s.ID); err != nil {
		return err
	}
	words := len(s.Command) + len(s.Args) + len(s.Env)
	if words > maxWords {
		return fmt.Errorf("%w: more than %d arguments and variables", errSpec, maxWords)
	}
	total := 0
	for _, list := range [][]string{s.Command, s.Args, s.Env, {s.WorkDir}} {
		for _, w := range list {
			if strings.ContainsRune(w, 0) {
				return fmt.Errorf("%w: a NUL character in %.80q", errSpec, w)
			}
			if total += len(w); len(w) > maxWordBytes || total > maxTotalBytes {
				return fmt.Errorf("%w: arguments and variables are too long", errSpec)
			}
		}
	}
	for _, v := range s.Env {
		if k, _, ok := strings.Cut(v, "="); !ok || k == "" {
			return fmt.Errorf("%w: the variable %.80q is not KEY=VALUE", errSpec, v)
		}
	}
	if s.WorkDir != "" && !path.IsAbs(s.WorkDir) {
		return fmt.Errorf("%w: the working directory %.80q is not absolute", errSpec, s.WorkDir)
	}
	if err := s.Resources.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	if s.Resources.GPUs > 0 {
		return fmt.Errorf("%w: this engine gives no GPU to a job", runtime.ErrUnsupported)
	}
	if s.LogLimit < 0 || s.LogLimit > maxLogLimit {
		return fmt.Errorf("%w: a log of %d bytes; 0 to %d can be kept", errSpec, s.LogLimit, int64(maxLogLimit))
	}
	size := 0
	for k, v := range s.Labels {
		size += len(k) + len(v)
	}
	if size > maxLabelBytes {
		return fmt.Errorf("%w: more than %d bytes of labels", errSpec, maxLabelBytes)
	}
	return checkMounts(s.Mounts)
}

// ownPaths are where a job has file systems of its own.
var ownPaths = []string{"/", "/proc", "/sys", "/dev"}

func checkMounts(mounts []runtime.Mount) error {
	if len(mounts) > maxMounts {
		return fmt.Errorf("%w: more than %d mounts", errSpec, maxMounts)
	}
	seen := map[string]bool{}
	for _, m := range mounts {
		if !path.IsAbs(m.Path) || path.Clean(m.Path) != m.Path || len(m.Path) > 4096 || strings.ContainsRune(m.Path, 0) {
			return fmt.Errorf("%w: the mount's path %.80q is not a plain absolute path", errSpec, m.Path)
		}
		for _, own := range ownPaths {
			if m.Path == own || own != "/" && strings.HasPrefix(m.Path, own+"/") {
				return fmt.Errorf("%w: nothing can be mounted on %s", errSpec, m.Path)
			}
		}
		if seen[m.Path] {
			return fmt.Errorf("%w: two mounts on %s", errSpec, m.Path)
		}
		seen[m.Path] = true
		if !filepath.IsAbs(m.Host) || strings.ContainsRune(m.Host, 0) {
			return fmt.Errorf("%w: the host's folder %.80q is not an absolute path", errSpec, m.Host)
		}
		info, err := os.Stat(m.Host)
		if err != nil {
			return fmt.Errorf("%w: mount: %w", errSpec, err)
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %s is neither a folder nor a file", errSpec, m.Host)
		}
	}
	return nil
}

// inside returns where the engine sees a path of this machine.
func (e *Engine) inside(host string) (string, error) {
	real, err := filepath.EvalSymlinks(host)
	if err != nil {
		return "", fmt.Errorf("%w: mount: %w", errSpec, err)
	}
	root, err := filepath.EvalSymlinks(e.root)
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(root, real); err == nil && filepath.IsLocal(rel) {
		return filepath.Join(house, rel), nil
	}
	if rest, ok := strings.CutPrefix(real, "/run/"); ok {
		return filepath.Join(hostRun, rest), nil
	}
	return real, nil
}
