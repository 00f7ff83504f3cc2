package devnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// process is an operating system's process that cannot be taken for a later one
// with the same number. The zero value is none.
type process struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks after the boot
	Boot  string `json:"boot"`  // the boot's id
}

// markName is the environment variable that carries a Net's mark.
const markName = "ETAL_DEVNET"

// spawn starts a program in a session of its own, with its output appended to a
// file. It outlives this process.
func spawn(binary string, args []string, env []string, logFile string) (process, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return process{}, fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, log, log
	cmd.Dir = filepath.Dir(logFile)
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return process{}, fmt.Errorf("start: %w", err)
	}
	p, err := identify(cmd.Process.Pid)
	if err != nil {
		return process{}, fmt.Errorf("start: %w", err)
	}
	return p, nil
}

// identify says which process has a number now. The child of this process that
// has just been started cannot have been replaced: it is not reaped yet.
func identify(pid int) (process, error) {
	start, _, err := stat(pid)
	if err != nil {
		return process{}, err
	}
	boot, err := bootID()
	if err != nil {
		return process{}, err
	}
	return process{PID: pid, Start: start, Boot: boot}, nil
}

// bootID names the time since the machine was last switched on.
func bootID() (string, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read the boot id: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// stat returns a process's start time and whether it still does anything.
func stat(pid int) (start uint64, alive bool, err error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false, err
	}
	// The name, in brackets, may hold anything; the fields after it may not.
	_, rest, ok := strings.Cut(string(b[bytes.LastIndexByte(b, ')')+1:]), " ")
	f := strings.Fields(rest)
	if !ok || len(f) < 20 {
		return 0, false, fmt.Errorf("read the state of process %d: unknown form", pid)
	}
	start, err = strconv.ParseUint(f[19], 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	return start, f[0] != "Z" && f[0] != "X", nil
}

// alive reports whether the process runs. One that ended and is a child of this
// process is buried on the way.
func (p process) alive() bool {
	if p.PID <= 0 {
		return false
	}
	start, alive, err := stat(p.PID)
	if err != nil || start != p.Start {
		return false
	}
	if boot, err := bootID(); err != nil || boot != p.Boot {
		return false
	}
	if !alive {
		_, _ = unix.Wait4(p.PID, nil, unix.WNOHANG, nil) // not our child: not our grave
	}
	return alive
}

// signal sends a signal to exactly this process; to none if it has ended.
func (p process) signal(s unix.Signal) error {
	if p.PID <= 0 {
		return nil
	}
	// The descriptor stands for whoever has the number when it is opened. The
	// check after that tells who that is, so no later process can be hit.
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ENOSYS) {
		if p.alive() {
			return ignoreGone(unix.Kill(p.PID, s))
		}
		return nil
	}
	if err != nil {
		return ignoreGone(err)
	}
	defer func() { _ = unix.Close(fd) }()
	if !p.alive() {
		return nil
	}
	return ignoreGone(unix.PidfdSendSignal(fd, s, nil, 0))
}

func ignoreGone(err error) error {
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// end asks a process to end, forces it after grace, and waits until it is gone.
// With no grace it is forced at once.
func (p process) end(ctx context.Context, grace time.Duration) error {
	if grace > 0 {
		if err := p.signal(unix.SIGTERM); err != nil {
			return fmt.Errorf("end process %d: %w", p.PID, err)
		}
		if p.gone(ctx, grace) {
			return nil
		}
	}
	if err := p.signal(unix.SIGKILL); err != nil {
		return fmt.Errorf("end process %d: %w", p.PID, err)
	}
	if !p.gone(ctx, 10*time.Second) {
		return fmt.Errorf("end process %d: it does not go away", p.PID)
	}
	return nil
}

// gone waits until the process has ended, at most for d.
func (p process) gone(ctx context.Context, d time.Duration) bool {
	end := time.Now().Add(d)
	for p.alive() {
		if time.Now().After(end) || ctx.Err() != nil {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.bury()
	return true
}

// bury takes a child that has ended off the list of processes. Its first thread
// may be gone a moment before the others are.
func (p process) bury() {
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		pid, err := unix.Wait4(p.PID, nil, unix.WNOHANG, nil)
		if pid != 0 || err != nil && !errors.Is(err, unix.EINTR) {
			return // buried, or no child of ours
		}
	}
}

// marked finds the processes that carry a mark, but this one.
func marked(mark string) []process {
	want := []byte(markName + "=" + mark)
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		p, err := identify(pid)
		if err != nil {
			continue
		}
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err != nil { // another user's, or gone
			continue
		}
		for _, v := range bytes.Split(env, []byte{0}) {
			if bytes.Equal(v, want) {
				out = append(out, p)
			}
		}
	}
	return out
}

// lock keeps two commands from changing one network at once. The returned
// function lets go and leaves no file.
func lock(path string) (func(), error) {
	for {
		fd, err := unix.Open(path, unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		var mine, there unix.Stat_t
		if err == nil && unix.Fstat(fd, &mine) == nil && unix.Stat(path, &there) == nil && mine.Ino == there.Ino {
			return func() {
				_ = unix.Unlink(path) // before it is let go, so that it is ours
				_ = unix.Close(fd)
			}, nil
		}
		_ = unix.Close(fd)
		switch {
		case errors.Is(err, unix.EWOULDBLOCK):
			return nil, ErrBusy
		case err != nil:
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		// The file was removed by its last holder after it was opened: once more.
	}
}
