package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	goruntime "runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// maxEngineLog bounds engine.log: at each start of an engine a longer one is
// emptied, and one that grows past it while the engine runs is emptied too.
const maxEngineLog = 4 << 20

// Waits of the keeper.
const (
	bootTime     = 30 * time.Second // for containerd to answer at first
	restartPause = 200 * time.Millisecond
	farewell     = 2 * time.Second // between asking containerd to end and ending everything
)

// keep is the keeper. Its arguments are "keep KIND ROOT" or "check KIND". File
// 3 is a pipe to the launcher, on which it says "ready" or what is wrong; file 4
// is the locked engine.lock, held open for life.
func keep(args []string) int {
	if len(args) < 2 {
		return 2
	}
	k := kind{pid: args[1] == kind{pid: true}.String()}
	if args[0] == "check" {
		return code(furnish(k, "/"))
	}
	if len(args) != 3 {
		return 2
	}
	ready := os.NewFile(3, "ready")
	lock := os.NewFile(4, "lock")
	defer lock.Close()
	unix.CloseOnExec(3)
	unix.CloseOnExec(4)

	err := furnish(k, args[2])
	if err == nil {
		err = (&keeper{kind: k, ready: ready}).run()
	}
	if err != nil {
		fmt.Fprintln(ready, err)
		fmt.Fprintln(os.Stderr, "etal-keeper:", err)
	}
	return code(err)
}

func code(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNoProc):
		return exitNoProc
	case errors.Is(err, errNoRoom):
		return exitNoRoom
	}
	return 1
}

// keeper runs containerd until it is told to end.
type keeper struct {
	kind  kind
	ready *os.File // closed once the launcher was told

	daemon  int       // containerd's pid; 0 when it does not run
	started time.Time // when it was started
}

func (k *keeper) run() error {
	// containerd ends with the thread that started it.
	goruntime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("subreaper: %w", err)
	}
	config := filepath.Join(stateDir, "config.toml")
	if err := os.MkdirAll(stateDir, 0o711); err != nil {
		return err
	}
	if err := os.WriteFile(config, []byte(configuration()), 0o600); err != nil {
		return err
	}
	end := make(chan os.Signal, 2)
	signal.Notify(end, unix.SIGTERM, unix.SIGINT)
	child := make(chan os.Signal, 8)
	signal.Notify(child, unix.SIGCHLD)
	signal.Ignore(unix.SIGHUP, unix.SIGPIPE)

	defer k.endAll()
	if err := k.startDaemon(); err != nil {
		return err
	}
	watch := newWatchdog(filepath.Join(house, "jobs"))
	tick := time.NewTicker(10 * time.Millisecond) // slower once containerd answers
	defer tick.Stop()
	for {
		select {
		case s := <-end:
			fmt.Fprintln(os.Stderr, "etal-keeper: ending on", s)
			return nil
		case <-child:
			k.reap()
		case <-tick.C:
			k.reap()
			watch.look()
			trimLog()
			if k.ready != nil {
				if done, err := k.tellLauncher(); done {
					if err != nil {
						return err
					}
					k.ready = nil
					tick.Reset(250 * time.Millisecond)
				}
			}
			if k.daemon == 0 && time.Since(k.started) > restartPause {
				if k.ready != nil {
					return errors.New("containerd ended while starting")
				}
				if err := k.startDaemon(); err != nil {
					fmt.Fprintln(os.Stderr, "etal-keeper:", err)
				}
			}
		}
	}
}

// startDaemon starts containerd as a child. Its end shows in reap.
func (k *keeper) startDaemon() error {
	k.started = time.Now()
	exe := filepath.Join(house, "bin", nameContainerd)
	p, err := os.StartProcess(exe, []string{nameContainerd, "--config", filepath.Join(stateDir, "config.toml")}, &os.ProcAttr{
		Dir:   "/",
		Env:   os.Environ(),
		Files: []*os.File{nil, os.Stdout, os.Stderr},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL},
	})
	if err != nil {
		return fmt.Errorf("start containerd: %w", err)
	}
	k.daemon = p.Pid
	return p.Release()
}

// tellLauncher says "ready" once containerd listens, or gives up.
func (k *keeper) tellLauncher() (done bool, err error) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		if time.Since(k.started) > bootTime {
			return true, errors.New("containerd did not answer")
		}
		return false, nil
	}
	c.Close()
	if _, err := io.WriteString(k.ready, "ready"); err != nil {
		return true, fmt.Errorf("the launcher is gone: %w", err)
	}
	return true, k.ready.Close()
}

// reap collects every child that ended: containerd and, since this process is
// the parent of all orphans here, shims, loggers and sandboxes.
func (k *keeper) reap() {
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, unix.WNOHANG, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if pid == k.daemon {
			k.daemon = 0
			fmt.Fprintf(os.Stderr, "etal-keeper: containerd ended, status %#x\n", uint32(ws))
		}
	}
}

// endAll ends containerd, then everything else inside.
func (k *keeper) endAll() {
	if k.daemon != 0 {
		_ = signalOne(k.daemon, unix.SIGTERM)
		for t := time.Now(); k.daemon != 0 && time.Since(t) < farewell; time.Sleep(5 * time.Millisecond) {
			k.reap()
		}
	}
	// With a pid namespace the kernel would end the rest with this process; the
	// loop is for the other kind of house, and so that mounts are let go of
	// before engine.lock is.
	for t := time.Now(); time.Since(t) < 5*farewell; time.Sleep(5 * time.Millisecond) {
		left := descendants(os.Getpid())
		for _, pid := range left {
			_ = signalOne(pid, unix.SIGKILL)
		}
		k.reap()
		if len(left) == 0 {
			return
		}
	}
}

// trimLog empties engine.log when it has grown too long.
func trimLog() {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > maxEngineLog {
		_ = os.Stderr.Truncate(0)
	}
}
