package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Paths inside a house. /run is a tmpfs of its own; the machine's is beside it,
// for jobs that are given a folder below it.
const (
	house    = "/run/etal"      // the engine's root
	hostRun  = "/run/etal-host" // the machine's /run
	stateDir = "/run/etal-state"
	socket   = house + "/containerd.sock"
)

var (
	errNoProc = errors.New("/proc cannot be mounted")
	errNoRoom = errors.New("mounts are refused")
)

// furnish turns the fresh namespaces of this process into a house. Mounts made
// here are seen by nobody else and go with the last process inside; those that
// the machine undoes are undone here too.
func furnish(k kind, root string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	if k.pid {
		if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
			return fmt.Errorf("%w: %w", errNoProc, err)
		}
	}
	// Both are opened before /run is covered: root may be below it.
	rootFD, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", root, err)
	}
	defer unix.Close(rootFD)
	runFD, err := unix.Open("/run", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		if err := os.Mkdir("/run", 0o755); err != nil {
			return fmt.Errorf("%w: this machine has no /run, and it cannot be made: %w", errNoRoom, err)
		}
		runFD, err = unix.Open("/run", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return fmt.Errorf("open /run: %w", err)
	}
	defer unix.Close(runFD)

	if err := unix.Mount("etal", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755,size=64m"); err != nil {
		return fmt.Errorf("%w: tmpfs on /run: %w", errNoRoom, err)
	}
	for path, fd := range map[string]int{house: rootFD, hostRun: runFD} {
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
		if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", fd), path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%w: bind %s: %w", errNoRoom, path, err)
		}
	}
	for _, d := range []string{"containerd", "jobs"} {
		if err := os.MkdirAll(filepath.Join(house, d), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// configuration is containerd's, written anew at every start of a house.
func configuration() string {
	return fmt.Sprintf(`version = 3
root = %q
state = %q
[grpc]
  address = %q
[ttrpc]
  address = %q
[debug]
  level = "warn"
[plugins.'io.containerd.service.v1.diff-service']
  default = ["etal"]
[plugins.'io.containerd.metadata.v1.bolt']
  content_sharing_policy = "shared"
[plugins.'io.containerd.gc.v1.scheduler']
  deletion_threshold = 1
  startup_delay = "1s"
`, house+"/containerd", stateDir, socket, stateDir+"/ttrpc.sock")
}
