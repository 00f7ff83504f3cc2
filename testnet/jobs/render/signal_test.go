//go:build unix

package main_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	render "github.com/etal-cloud/etal/testnet/jobs/render"
)

// reader ends the render when the first pixels come.
type reader struct {
	seen func() error
}

func (r reader) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("pixels ")) {
		if err := r.seen(); err != nil {
			return 0, err
		}
	}
	return len(line), nil
}

func TestStopped(t *testing.T) {
	for name, c := range map[string]struct {
		seen func() error
		code int
		says string
	}{
		"by a signal":   {func() error { return syscall.Kill(os.Getpid(), syscall.SIGTERM) }, 128 + 15, "stopped by the signal terminated"},
		"by its reader": {func() error { return io.ErrClosedPipe }, 1, "closed pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			big := strings.NewReplacer("width = 40", "width = 4000", "height = 30", "height = 3000").Replace(string(read(t, tiny)))
			scene := filepath.Join(t.TempDir(), "big.toml")
			if err := os.WriteFile(scene, []byte(big), 0o644); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out.png")
			var stderr bytes.Buffer
			code := render.Run([]string{"-scene", scene, "-stream", "-o", out}, reader{c.seen}, &stderr)
			if code != c.code || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("ends with %d and says %q", code, &stderr)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("half a picture was written")
			}
		})
	}
}
