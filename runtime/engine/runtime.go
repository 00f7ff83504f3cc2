package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// runtime is the name etal-runsc: runc's command line, with runsc behind it.
// Commands that change whether a job runs are written to its times file; all
// others become runsc at once.
func runtime(args []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "etal-runsc:", err)
		return 1
	}
	runsc := filepath.Join(filepath.Dir(self), nameRunsc)
	command, rest := split(args)
	id := ""
	if len(rest) > 0 {
		id = rest[len(rest)-1]
	}
	job := filepath.Join(house, "jobs", id)

	argv := append([]string{runsc}, flags(command, rest, job)...)
	argv = append(argv, args...)
	switch command {
	case "start":
		// Written first: a job that may have run must never run twice.
		if err := note(job, "starting"); err != nil {
			fmt.Fprintln(os.Stderr, "etal-runsc:", err)
			return 1
		}
		return after(argv, func() error { return note(job, "start") })
	case "resume":
		return after(argv, func() error { return note(job, "resume") })
	case "pause":
		// The time before: what pausing takes is the provider's, not the renter's.
		now := time.Now()
		return after(argv, func() error { return noteAt(job, "pause", now) })
	}
	fmt.Fprintln(os.Stderr, "etal-runsc:", unix.Exec(runsc, argv, os.Environ()))
	return 1
}

// flags are runsc's, before the shim's own.
func flags(command string, rest []string, job string) []string {
	f := []string{
		"--platform=systrap",
		"--network=none", // the sandbox's own loopback, and nothing else
		"--ignore-cgroups",
		"--host-settings=ignore",
		"--oci-seccomp=false",
		"--host-uds=none",
		"--file-access=exclusive",
	}
	overlay := "--overlay2=root:memory"
	if command == "create" {
		bundle := "."
		for i, a := range rest {
			if a == "--bundle" && i+1 < len(rest) {
				bundle = rest[i+1]
			}
		}
		// What the job writes outside its mounts goes to one unlinked file in
		// its folder, bounded by the sandbox itself.
		scratch := filepath.Join(job, "scratch")
		if os.MkdirAll(scratch, 0o700) == nil {
			overlay = "--overlay2=root:dir=" + scratch
			if n := annotations(bundle)[annotationDisk]; n > 0 {
				overlay += fmt.Sprintf(",size=%d", n)
			}
		}
	}
	return append(f, overlay)
}

// split finds the command among runc's global flags, which come as "--flag
// value", "--flag=value" or a bare boolean.
func split(args []string) (command string, rest []string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !strings.HasPrefix(a, "-") {
			return a, args[i+1:]
		}
		switch strings.TrimLeft(a, "-") {
		case "root", "log", "log-format", "criu":
			i++
		}
	}
	return "", nil
}

// after runs argv and, when it succeeds, calls done. It returns argv's code.
func after(argv []string, done func() error) int {
	c := exec.Command(argv[0], argv[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	if err == nil {
		err = done()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "etal-runsc:", err)
		return 1
	}
	return 0
}

// note appends a line "EVENT NANOSECONDS" to the times file of a job. The
// events are starting, start, pause and resume; the times are Unix's. The end
// comes from the shim. The client may add what a crash kept from being written.
func note(job, event string) error { return noteAt(job, event, time.Now()) }

func noteAt(job, event string, t time.Time) error {
	f, err := os.OpenFile(filepath.Join(job, "times"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %d\n", event, t.UnixNano())
	return errors.Join(err, f.Sync(), f.Close())
}
