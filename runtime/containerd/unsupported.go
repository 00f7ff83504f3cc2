//go:build !linux

package containerd

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/etal-cloud/etal/runtime"
)

// Config says how to launch an engine.
type Config struct {
	Root   string
	Binary string
	Log    *slog.Logger
}

// Engine is not there on this operating system.
type Engine struct{ runtime.Engine }

var errLinux = fmt.Errorf("%w: jobs run on Linux only; this machine can rent, not provide", runtime.ErrUnsupported)

// Launch fails with runtime.ErrUnsupported.
func Launch(context.Context, Config) (*Engine, error) { return nil, errLinux }

// Check fails with runtime.ErrUnsupported.
func Check(context.Context, string) error { return errLinux }

// Kill does nothing: there is no engine.
func Kill(context.Context, string) error { return nil }

// Alive reports false: there is no engine.
func Alive(string) bool { return false }

// Shutdown fails with runtime.ErrUnsupported.
func (*Engine) Shutdown(context.Context) error { return errLinux }

// Root returns the empty string.
func (*Engine) Root() string { return "" }

// Erase does nothing: there is no engine.
func Erase(context.Context, string) error { return nil }
