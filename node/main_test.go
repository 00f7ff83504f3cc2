package node_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/etal-cloud/etal/chain/chaintest"
	"go.uber.org/goleak"
)

// TestMain builds the program that the fake engines' jobs are of, and looks for
// goroutines that a node left behind.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "etal-node-test")
	if err != nil {
		panic(err)
	}
	path := filepath.Join(dir, "testjob")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "github.com/etal-cloud/etal/runtime/runtimetest/testjob")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the test program: %v\n%s", err, out)
		os.Exit(1)
	}
	os.Setenv("ETAL_TEST_PROGRAM", path)
	code := m.Run()
	os.RemoveAll(dir)
	if code == 0 {
		if err := goleak.Find(chaintest.Leaks()...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
