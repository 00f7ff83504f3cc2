//go:build linux

package containerd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// launchTime bounds how long an engine may take to come up.
const launchTime = 60 * time.Second

// refusedCode is with what the engine ends where the machine refuses it.
const refusedCode = 3

// Config says how to launch an engine.
type Config struct {
	// Root is the engine's folder, made where missing. It must be on a file
	// system of this machine that has room for images.
	Root string
	// Binary is the path of etal-engine. Empty means $ETAL_ENGINE, the one that
	// this program carries, or the one beside it.
	Binary string
	// Log takes what an operator should know. Nil discards it.
	Log *slog.Logger
}

// Check finds out, in well under a second and leaving nothing behind, whether
// this machine can run an engine. Where it cannot the error is
// runtime.ErrUnsupported and says in one sentence what would help. binary is as
// in Config.
func Check(ctx context.Context, binary string) error {
	path, err := findBinary(binary)
	if err != nil {
		return err
	}
	return run(ctx, path, "check")
}

// Launch adopts the engine that runs in Config.Root, or starts one. An engine of
// another version is replaced when no job of it is left, and adopted otherwise.
func Launch(ctx context.Context, c Config) (*Engine, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Root == "" {
		return nil, errors.New("launch engine: no root")
	}
	root, err := filepath.Abs(c.Root)
	if err != nil {
		return nil, fmt.Errorf("launch engine: %w", err)
	}
	path, err := findBinary(c.Binary)
	if err != nil {
		return nil, err
	}
	if Alive(root) {
		e, err := adopt(ctx, root, c.Log)
		if err != nil {
			return nil, err
		}
		old, err := e.outdated(ctx, path)
		if err != nil || !old {
			return e, err
		}
		c.Log.Info("engine_replaced", "root", root)
		if err := e.Shutdown(ctx); err != nil {
			return nil, err
		}
	}
	if err := killStrays(ctx, root); err != nil {
		return nil, err
	}
	if err := run(ctx, path, "serve", "--root", root); err != nil {
		return nil, err
	}
	return adopt(ctx, root, c.Log)
}

// run runs one of the engine's own commands. What it launches goes on in a
// session of its own.
func run(ctx context.Context, path string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, launchTime)
	defer cancel()
	c := exec.CommandContext(ctx, path, args...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, not for it
	var said bytes.Buffer
	c.Stderr = &said
	c.WaitDelay = time.Second
	err := c.Run()
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(strings.TrimSpace(said.String()), "etal-engine: ")
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == refusedCode:
		return fmt.Errorf("%w: %s", runtime.ErrUnsupported, text)
	case errors.As(err, &exit) && text != "":
		return fmt.Errorf("launch engine: %s", text)
	case ctx.Err() != nil:
		return fmt.Errorf("launch engine: %w", context.Cause(ctx))
	}
	return fmt.Errorf("launch engine: %w", err)
}

// outdated reports whether the engine was started from another file than path,
// and has no job that is not over.
func (e *Engine) outdated(ctx context.Context, path string) (bool, error) {
	rec, err := readRecord(e.root)
	if err != nil {
		return false, fmt.Errorf("launch engine: %w", err)
	}
	sum, err := sumFile(path)
	if err != nil {
		return false, fmt.Errorf("launch engine: %w", err)
	}
	if rec.Binary == sum {
		return false, nil
	}
	list, err := e.List(ctx)
	if err != nil {
		return false, err
	}
	for _, s := range list {
		if !s.Ended() && s.State != runtime.StateCreated {
			return false, nil
		}
	}
	return true, nil
}

func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := newSum()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
