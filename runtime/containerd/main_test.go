//go:build linux

package containerd_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
)

func TestMain(m *testing.M) {
	if os.Getenv(dieEnv) != "" {
		die() // a node that is killed; see crash_test.go
	}
	code := m.Run()
	if programs.dir != "" {
		os.RemoveAll(programs.dir)
	}
	// The fuzzing engine's own goroutines are none of ours.
	fuzzing := flag.Lookup("test.fuzz").Value.String() != ""
	if err := goleak.Find(); code == 0 && !fuzzing && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// patience bounds every wait: long, because a test must not fail on a loaded
// machine; nothing is expected to take it.
const patience = 2 * time.Minute

// engineBinary returns the engine's file, or skips the test and says why.
func engineBinary(t testing.TB) string {
	t.Helper()
	for _, path := range []string{os.Getenv("ETAL_ENGINE"), "../../bin/etal-engine", "../engine/bin/etal-engine"} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err == nil {
			abs, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			return abs
		}
	}
	t.Skip("no engine to test: build it (make build) or set $ETAL_ENGINE")
	return ""
}

// launch starts an engine in root that ends with t, or skips the test where this
// machine refuses one.
func launch(t testing.TB, root string) *containerd.Engine {
	t.Helper()
	binary := engineBinary(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := containerd.Check(ctx, binary); errors.Is(err, runtime.ErrUnsupported) {
		t.Skipf("this machine runs no engine: %v", err)
	}
	e, err := containerd.Launch(ctx, containerd.Config{Root: root, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := containerd.Kill(ctx, root); err != nil {
			t.Errorf("Kill: %v", err)
		}
		if containerd.Alive(root) {
			t.Error("the engine is alive after Kill")
		}
		if err := containerd.Erase(ctx, root); err != nil {
			t.Errorf("Erase: %v", err)
		}
		if _, err := os.Lstat(root); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after Erase the root is there: %v", err)
		}
	})
	return e
}
