package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// logPath is where a node's process writes what it has to say.
func logPath(data string) string { return filepath.Join(data, "node.log") }

// child is a node's process that this command launched.
type child struct {
	log  string
	done chan struct{} // closed when the process has ended
}

// Ended reports whether the process has ended, and its last words.
func (c child) Ended() (bool, string) {
	select {
	case <-c.done:
		return true, devnet.LastWords(c.log)
	default:
		return false, ""
	}
}

// launchNode starts the user's own node in a session of its own, so that it
// outlives the command and the terminal.
func launchNode(_ context.Context, p place) (started, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start your node: %w", err)
	}
	if err := os.MkdirAll(p.data, 0o700); err != nil {
		return nil, tell(node.ErrNoNetwork, "Your node cannot start: %s", err)
	}
	log, err := os.OpenFile(logPath(p.data), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, tell(node.ErrNoNetwork, "Your node cannot start: %s", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(exe, "node", "run", "--data", p.data, "--profile", p.profile)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, p.data
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(node.ErrNoNetwork, fmt.Errorf("start your node: %w", err))
	}
	c := child{log: log.Name(), done: make(chan struct{})}
	go func() { // ends with the node, or with this short-lived command
		defer close(c.done)
		_ = cmd.Wait() // how it ended is in its log
	}()
	return c, nil
}
