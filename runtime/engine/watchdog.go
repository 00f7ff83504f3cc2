package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sentryAllowance is what a sandbox may use for itself before it counts as the
// job's: gVisor's own heap grows with the files and processes a job opens.
const sentryAllowance = 96 << 20

// watchdog ends jobs that pass their memory, where no cgroup does. It looks from
// outside at what a sandbox holds: the file in memory that backs everything the
// job allocated, and the sandbox's own heap above an allowance. Between two
// looks a job can go past its limit by what it can touch in that time.
type watchdog struct {
	jobs   string
	limits map[string]int64 // job id → bytes; 0 for none
}

func newWatchdog(jobs string) *watchdog {
	return &watchdog{jobs: jobs, limits: map[string]int64{}}
}

// look measures every sandbox once, and ends those above their limit. The mark
// is written first, so that the end is never taken for the job's own.
func (w *watchdog) look() {
	now, seen := time.Now(), map[string]bool{}
	for _, pid := range pids() {
		id, ok := sandboxOf(pid)
		if !ok {
			continue
		}
		seen[id] = true
		w.mark(id, now)
		limit := w.limit(id)
		if limit <= 0 {
			continue
		}
		used := memoryOf(pid)
		if used <= limit {
			continue
		}
		mark := filepath.Join(w.jobs, id, "oom")
		if err := os.WriteFile(mark, fmt.Appendf(nil, "%d of %d bytes\n", used, limit), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, "etal-keeper: mark:", err)
		}
		if err := signalOne(pid, unix.SIGKILL); err != nil {
			fmt.Fprintln(os.Stderr, "etal-keeper: end a job above its memory:", err)
		}
	}
	for id := range w.limits {
		if !seen[id] {
			delete(w.limits, id)
		}
	}
}

// mark notes that a job's sandbox is alive: should its end be seen by nobody, the
// time of its file "seen" is when it was alive at last.
func (w *watchdog) mark(id string, now time.Time) {
	path := filepath.Join(w.jobs, id, "seen")
	if os.Chtimes(path, now, now) != nil {
		_ = os.WriteFile(path, nil, 0o600) // fails where the job's folder is gone: nothing to note
	}
}

// limit reads a job's limit once.
func (w *watchdog) limit(id string) int64 {
	if n, ok := w.limits[id]; ok {
		return n
	}
	var job struct {
		Memory int64 `json:"memory"`
	}
	raw, err := os.ReadFile(filepath.Join(w.jobs, id, "job.json"))
	if err == nil {
		err = json.Unmarshal(raw, &job)
	}
	if err != nil {
		return 0 // written by the client in a moment, or not a job of ours
	}
	w.limits[id] = job.Memory
	return job.Memory
}

// sandboxOf returns the job of a sandbox process: its argv[0] is runsc-sandbox,
// it is booting or has booted, and its last argument is the id.
func sandboxOf(pid int) (id string, ok bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !strings.HasPrefix(string(raw), "runsc-sandbox\x00") {
		return "", false
	}
	args := strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00")
	for _, a := range args {
		if a == "boot" {
			id = args[len(args)-1]
			return id, id != "" && !strings.ContainsAny(id, "/.")
		}
	}
	return "", false
}

// memoryOf returns the bytes a sandbox holds for its job.
func memoryOf(pid int) int64 {
	var used int64
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	d, err := os.Open(dir)
	if err != nil {
		return 0
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	counted := map[uint64]bool{}
	for _, n := range names {
		path := filepath.Join(dir, n)
		if to, err := os.Readlink(path); err != nil || !strings.HasPrefix(to, "/memfd:runsc-memory") {
			continue
		}
		var st unix.Stat_t
		if unix.Stat(path, &st) == nil && !counted[st.Ino] {
			counted[st.Ino] = true
			used += st.Blocks * 512
		}
	}
	return used + max(0, anonymous(pid)-sentryAllowance)
}

// anonymous returns a process's own memory in bytes.
func anonymous(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}
