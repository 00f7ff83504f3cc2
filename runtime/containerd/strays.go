//go:build linux

package containerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// strayTime bounds how long killed processes may take to go.
const strayTime = 10 * time.Second

// killStrays ends what is left of an engine whose keeper is gone. With a pid
// namespace the kernel has done so. Without one, every process in the engine's
// user namespace, or in one that was made in it, is the engine's: no others
// ever enter it.
func killStrays(ctx context.Context, root string) error {
	rec, err := readRecord(root)
	if errors.Is(err, os.ErrNotExist) || err == nil && (rec.PIDs || rec.UserNS == "" || rec.Boot != bootID()) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("kill engine of %s: %w", root, err)
	}
	if mine, err := os.Readlink("/proc/self/ns/user"); err != nil || mine == rec.UserNS {
		return nil // never what this process itself is in
	}
	err = poll(ctx, strayTime, func() (bool, error) {
		left := within(rec.UserNS)
		for _, pid := range left {
			// A handle first, then the question again: a pid that was used
			// again in between is not hit.
			fd, err := unix.PidfdOpen(pid, 0)
			if err != nil {
				continue
			}
			if inUserNS(pid, rec.UserNS) {
				_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
			}
			unix.Close(fd)
		}
		return len(left) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("kill what is left of the engine of %s: %w", root, err)
	}
	return nil
}

// within returns the processes in a user namespace and in those made in it.
func within(ns string) []int {
	names, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var out []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n.Name()); err == nil && inUserNS(pid, ns) {
			out = append(out, pid)
		}
	}
	return out
}

// maxNesting is how deep the kernel lets user namespaces be nested.
const maxNesting = 32

// inUserNS reports whether a process is in the user namespace of that name, as
// /proc/PID/ns/user tells it, or in one made in it. Of a process that may not be
// looked at it reports false: it is nobody's of ours. So it does of one that is
// dead, and only waits for a parent that does not ask.
func inUserNS(pid int, ns string) bool {
	if f, err := statOf(pid); err != nil || f[0] == "Z" || f[0] == "X" {
		return false
	}
	path := fmt.Sprintf("/proc/%d/ns/user", pid)
	if name, err := os.Readlink(path); err != nil || name == ns {
		return err == nil
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	for range maxNesting {
		parent, err := unix.IoctlRetInt(fd, unix.NS_GET_PARENT)
		unix.Close(fd)
		if err != nil {
			return false // above our own
		}
		fd = parent
		var st unix.Stat_t
		if unix.Fstat(fd, &st) == nil && fmt.Sprintf("user:[%d]", st.Ino) == ns {
			unix.Close(fd)
			return true
		}
	}
	unix.Close(fd)
	return false
}
