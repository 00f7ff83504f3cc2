//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach puts a process into a session of its own: no Ctrl-C of ours reaches it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
