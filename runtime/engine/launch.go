package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// nameKeeper is the argv[0] of the keeper. It is no link: only the launcher
// starts it, through /proc/self/exe.
const nameKeeper = "etal-keeper"

// errRefused says that this machine does not let us make the house.
var errRefused = errors.New("this machine refuses unprivileged user namespaces")

// wayOut is appended to errRefused, for whoever reads it.
const wayOut = "allow them (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with userns for this binary; " +
	"sysctl user.max_user_namespaces above 0; kernel.unprivileged_userns_clone=1), or run as root"

// report prints an error, if any, and returns the exit code that tells it.
func report(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRefused):
		fmt.Fprintf(os.Stderr, "etal-engine: %v: %s\n", err, wayOut)
		return 3
	default:
		fmt.Fprintln(os.Stderr, "etal-engine:", err)
		return 1
	}
}

// kind is a way to make the house, tried in order of preference. A pid namespace
// needs a /proc of its own, which a container that hides a part of its /proc is
// refused. There is no kind without a user namespace, not even for root: gVisor
// makes some of its own, so where they are refused no job would start.
type kind struct{ pid bool }

func kinds() []kind { return []kind{{pid: true}, {pid: false}} }

// attributes of a process that is the first of a house.
func (k kind) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{
		Setsid:      true,
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if k.pid {
		a.Cloneflags |= unix.CLONE_NEWPID
	}
	return a
}

// Exit codes of the keeper that the launcher understands.
const (
	exitNoProc = 77 // /proc cannot be mounted here: try without a pid namespace
	exitNoRoom = 78 // mounts are refused: this kind of house is not possible
)

// check tries to make each kind of house with nothing in it.
func check() error {
	var last error
	for _, k := range kinds() {
		c := exec.Command("/proc/self/exe", "check", k.String())
		c.Args[0] = nameKeeper
		c.SysProcAttr = k.attributes()
		if last = c.Run(); last == nil {
			return nil
		}
	}
	return fmt.Errorf("%w (%w)", errRefused, last)
}

func (k kind) String() string {
	return fmt.Sprintf("pid=%t", k.pid)
}

// serve is the launcher.
func serve(root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	// Files of images keep their set-uid bits: nobody else may reach them.
	if err := os.Chmod(root, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(root, "engine.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("an engine runs in %s already", root)
	}
	if err := install(filepath.Join(root, "bin")); err != nil {
		return err
	}
	sum, err := sumFile("/proc/self/exe")
	if err != nil {
		return err
	}
	var last error
	for _, k := range kinds() {
		pid, err := build(k, root, lock)
		if err == nil {
			r := record{PID: pid, Boot: bootID(), Version: Version, Binary: sum, PIDs: k.pid}
			if r.Started, err = startTime(pid); err == nil {
				r.UserNS, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/user", pid))
			}
			if err == nil {
				err = writeRecord(root, r)
			}
			if err != nil {
				return errors.Join(err, signalOne(pid, unix.SIGTERM))
			}
			return nil
		}
		last = err
		if !errors.Is(err, errRefused) {
			return err
		}
	}
	return last
}

// build starts a keeper in a new house and waits until it is ready. It returns
// errRefused where this kind of house is not possible.
func build(k kind, root string, lock *os.File) (pid int, err error) {
	logFile, err := os.OpenFile(filepath.Join(root, "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer logFile.Close()
	if info, err := logFile.Stat(); err == nil && info.Size() > maxEngineLog {
		if err := logFile.Truncate(0); err != nil {
			return 0, err
		}
	}
	ready, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer ready.Close()

	c := exec.Command("/proc/self/exe", "keep", k.String(), root)
	c.Args[0] = nameKeeper
	c.Dir = "/"
	c.Env = []string{"PATH=" + filepath.Join(house, "bin"), "LANG=C"}
	c.Stdout, c.Stderr = logFile, logFile
	c.ExtraFiles = []*os.File{w, lock}
	c.SysProcAttr = k.attributes()
	err = c.Start()
	w.Close()
	if err != nil {
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EINVAL) ||
			errors.Is(err, unix.EACCES) || errors.Is(err, unix.EUSERS) || errors.Is(err, unix.ENOSYS) {
			return 0, fmt.Errorf("%w (%w)", errRefused, err)
		}
		return 0, err
	}
	said, err := io.ReadAll(io.LimitReader(ready, 4096))
	if err == nil && string(said) == "ready" {
		pid := c.Process.Pid // Release forgets it
		return pid, c.Process.Release()
	}
	err = c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && (exit.ExitCode() == exitNoProc || exit.ExitCode() == exitNoRoom) {
		return 0, fmt.Errorf("%w (%s)", errRefused, said)
	}
	return 0, fmt.Errorf("engine did not start: %s (see %s)", strings.TrimSpace(string(said)), logFile.Name())
}

func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
