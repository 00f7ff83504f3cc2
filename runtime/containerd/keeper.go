//go:build linux

package containerd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// record is engine.json, which the engine writes when it is up. runtime/engine
// explains its fields.
type record struct {
	PID     int    `json:"pid"`
	Started string `json:"started"`
	Boot    string `json:"boot"`
	Version string `json:"version"`
	Binary  string `json:"binary"`
	PIDs    bool   `json:"pids"`
	UserNS  string `json:"userns"`
}

func readRecord(root string) (record, error) {
	raw, err := os.ReadFile(filepath.Join(root, "engine.json"))
	if err != nil {
		return record{}, err
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return record{}, fmt.Errorf("engine.json: %w", err)
	}
	return r, nil
}

// Alive reports whether an engine runs in root.
func Alive(root string) bool {
	held, err := locked(filepath.Join(root, "engine.lock"))
	return err == nil && held
}

// Kill ends the engine of a root with everything in it, as Shutdown does, but
// needs nothing of it to work. It returns once nothing is left. Where there is
// no engine it does nothing.
func Kill(ctx context.Context, root string) error {
	if !Alive(root) {
		return killStrays(ctx, root)
	}
	var rec record
	// A launcher takes the lock a moment before it writes the record.
	err := poll(ctx, launchTime, func() (bool, error) {
		r, err := readRecord(root)
		if err != nil || !r.current() {
			return !Alive(root), nil
		}
		rec = r
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("kill engine of %s: its engine.json does not tell who it is: %w", root, err)
	}
	if rec.PID == 0 {
		return nil // it ended by itself
	}
	if err := rec.end(ctx, root); err != nil {
		return fmt.Errorf("kill engine of %s: %w", root, err)
	}
	return killStrays(ctx, root)
}

// current reports whether the process that the record names is there and is the
// one that was meant.
func (r record) current() bool {
	if r.PID <= 1 {
		return false
	}
	started, err := startTime(r.PID)
	return err == nil && started == r.Started && bootID() == r.Boot
}

// Time a keeper is given to end everything inside before it is killed.
const endTime = 15 * time.Second

// end ends the keeper by a handle on the process itself, taken before it is
// looked at: a pid that was used again is never hit.
func (r record) end(ctx context.Context, root string) error {
	fd, err := unix.PidfdOpen(r.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("process %d: %w", r.PID, err)
	}
	defer unix.Close(fd)
	if !r.current() {
		return nil
	}
	gone := func() (bool, error) { return !Alive(root), nil }
	if err := unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("end process %d: %w", r.PID, err)
	}
	if err := poll(ctx, endTime, gone); err == nil {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %d: %w", r.PID, err)
	}
	// Even when ctx is over: the caller asked for an end.
	return poll(context.WithoutCancel(ctx), endTime, gone)
}

// poll calls f until it reports true or fails, for at most d.
func poll(ctx context.Context, d time.Duration, f func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		ok, err := f()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// startTime returns field 22 of /proc/PID/stat: when a process started.
func startTime(pid int) (string, error) {
	f, err := statOf(pid)
	if err != nil {
		return "", err
	}
	return f[19], nil
}

// statOf returns the fields of /proc/PID/stat after the name, at least 20.
func statOf(pid int) ([]string, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(string(raw[max(0, strings.LastIndexByte(string(raw), ')')):]), " ")
	f := strings.Fields(rest)
	if len(f) < 20 {
		return nil, fmt.Errorf("stat of process %d is cut off", pid)
	}
	return f, nil
}

// bootID names this boot of the machine.
func bootID() string {
	raw, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(raw))
}
