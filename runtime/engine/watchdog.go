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

// What a job may use that no limit of its own says.
const (
	// sentryAllowance is what a sandbox may use for itself before it counts as
	// the job's: gVisor's own heap grows with the files and processes of a job.
	sentryAllowance = 96 << 20
	// maxProcesses bounds the processes of one job: each is one here as well,
	// and this machine has room for some ten thousand.
	maxProcesses = 2048
	// slowLook is the pause between looks that cost more: at disks and processes.
	slowLook = time.Second
)

// Marks that a job was ended, and why: files in its folder.
const (
	markMemory = "oom"
	markOther  = "over"
)

// limits are what the watchdog needs of job.json.
type limits struct {
	Memory   int64    `json:"memory"`   // bytes; 0 for none
	Disk     int64    `json:"disk"`     // bytes of Writable together; 0 for none
	Writable []string `json:"writable"` // folders given to the job, as seen here
}

// watchdog ends jobs that pass their limits, where no cgroup and no quota does.
// It looks from outside at what a sandbox holds: the file in memory that backs
// everything the job allocated, the sandbox's own heap above an allowance, the
// folders it was given to write to, its processes. Between two looks a job can
// pass a limit by what it can touch or write in that time.
type watchdog struct {
	jobs string
	of   map[string]limits // by job id, as long as it runs
	slow time.Time         // of the last slow look
}

func newWatchdog(jobs string) *watchdog {
	return &watchdog{jobs: jobs, of: map[string]limits{}}
}

// look measures every sandbox once, and ends those above a limit.
func (w *watchdog) look() {
	now, sandboxes := time.Now(), map[int]string{}
	for _, pid := range pids() {
		if id, ok := sandboxOf(pid); ok {
			sandboxes[pid] = id
		}
	}
	slow := now.Sub(w.slow) >= slowLook && len(sandboxes) > 0
	if slow {
		w.slow = now
	}
	running := map[string]bool{}
	for pid, id := range sandboxes {
		running[id] = true
		w.mark(id, now)
		l, ok := w.limits(id)
		if !ok {
			continue
		}
		if used := memoryOf(pid); l.Memory > 0 && used > l.Memory {
			w.end(pid, id, markMemory, fmt.Sprintf("%d of %d bytes", used, l.Memory))
		}
		if !slow {
			continue
		}
		if n := len(descendants(pid)); n > maxProcesses {
			w.end(pid, id, markOther, fmt.Sprintf("%d processes, and no job may have more than %d", n, maxProcesses))
		}
		if used, files := diskOf(l.Writable); l.Disk > 0 && (used > l.Disk || files > maxFiles) {
			w.end(pid, id, markOther, fmt.Sprintf("%d of %d bytes of disk, in %d files", used, l.Disk, files))
		}
	}
	for id := range w.of {
		if !running[id] {
			delete(w.of, id)
		}
	}
}

// end writes the mark and ends a sandbox. The mark is first, so that the end is
// never taken for the job's own.
func (w *watchdog) end(pid int, id, mark, why string) {
	if err := os.WriteFile(filepath.Join(w.jobs, id, mark), []byte(why+"\n"), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "etal-keeper: mark:", err)
	}
	if err := signalOne(pid, unix.SIGKILL); err != nil {
		fmt.Fprintln(os.Stderr, "etal-keeper: end a job above its limits:", err)
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

// limits reads a job's limits once. They are not there for what is no job of ours.
func (w *watchdog) limits(id string) (limits, bool) {
	if l, ok := w.of[id]; ok {
		return l, true
	}
	var l limits
	raw, err := os.ReadFile(filepath.Join(w.jobs, id, "job.json"))
	if err != nil || json.Unmarshal(raw, &l) != nil {
		return limits{}, false
	}
	w.of[id] = l
	return l, true
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
