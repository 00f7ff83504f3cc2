//go:build unix

package main

import (
	"errors"
	"syscall"
)

// processGone reports whether no process has a number. A node that no longer
// answers may still be writing.
func processGone(pid int) bool {
	return pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
