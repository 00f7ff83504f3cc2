package main

import (
	"os/exec"
	"syscall"
)

// detach puts a process into a group of its own: no Ctrl-C of ours reaches it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
