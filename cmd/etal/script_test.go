package main_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/etal-cloud/etal/runtime/containerd"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// Every command that the documentation shows is run by a script. Scripts that
// need a network start one of their own, and are skipped with the reason where
// this machine has no engine.
func TestScripts(t *testing.T) {
	engine := sync.OnceValues(findEngine)
	dir := t.TempDir()
	job := sync.OnceValues(func() (string, error) { return buildJob(filepath.Join(dir, "job")) })
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("ETAL_HOME", filepath.Join(e.WorkDir, "home"))
			e.Defer(func() { // what a script that fails leaves behind
				o := devnet.Options{Dir: filepath.Join(e.WorkDir, "home", "networks", devnet.NetworkName), KillEngine: containerd.Kill}
				if n, err := devnet.Load(o); err == nil {
					if err := n.Down(context.Background()); err != nil {
						t.Errorf("take the script's devnet down: %v", err)
					}
				}
			})
			if path, err := engine(); err == nil {
				e.Setenv("ETAL_ENGINE", path)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "engine" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			_, err := engine()
			if err != nil {
				t.Logf("scripts that run jobs are skipped: %v", err)
			}
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"job":   func(ts *testscript.TestScript, neg bool, args []string) { putJob(ts, neg, args, job) },
			"until": until,
		},
	})
}

// findEngine returns the engine's binary, or why no job can be run here.
func findEngine() (string, error) {
	var tried []string
	for _, p := range []string{os.Getenv("ETAL_ENGINE"), "../../bin/etal-engine", "../../runtime/engine/bin/etal-engine"} {
		if p == "" {
			continue
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(abs); err == nil {
			return abs, check(abs)
		}
		tried = append(tried, abs)
	}
	return "", fmt.Errorf("no engine at %v: make build makes it", tried)
}

func check(engine string) error {
	c := exec.Command(engine, "check")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s check: %w: %s", engine, err, out)
	}
	return nil
}

// exits runs a program and wants a certain exit code: exits CODE PROGRAM ARG…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("run %v: %v", args[1:], err)
	}
	if got != want {
		ts.Fatalf("%v ended with %d, want %d\nstdout: %s\nstderr: %s", args[1:], got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// putJob puts the static program that tests run in jobs to a path: job PATH
func putJob(ts *testscript.TestScript, neg bool, args []string, job func() (string, error)) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: job PATH")
	}
	path, err := job()
	ts.Check(err)
	b, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o755))
}

// buildJob builds that program.
func buildJob(path string) (string, error) {
	c := exec.Command("go", "build", "-o", path, "github.com/etal-cloud/etal/runtime/runtimetest/testjob")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the job: %w: %s", err, out)
	}
	return path, nil
}

// until runs a program again and again until its output matches, at most for a
// minute: until PATTERN PROGRAM ARG…
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARG…")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("it did not happen: %v: %v", args, err)
		}
	}
}
