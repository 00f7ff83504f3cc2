package job_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime/runtimetest/job"
)

// run runs words in a world without files and returns what came of it.
func run(words ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	term := make(chan struct{})
	close(term)
	code = job.Run(job.Process{
		Args: words, Env: []string{"B=2", "A=1"}, WorkDir: "/here", Stdout: &out, Stderr: &errs, Term: term,
		Sleep:     func(_ time.Duration, wake bool) bool { return wake },
		Files:     noFiles{},
		Processes: func() ([]string, error) { return []string{"one", "two"}, nil },
	})
	return code, out.String(), errs.String()
}

// noFiles is a file system without files.
type noFiles struct{}

func (noFiles) ReadFile(string) ([]byte, error)       { return nil, fs.ErrNotExist }
func (noFiles) WriteFile(string, []byte) error        { return fs.ErrPermission }
func (noFiles) ReadDir(string) ([]fs.DirEntry, error) { return nil, fs.ErrNotExist }

func TestCommands(t *testing.T) {
	for words, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"":                         {2, "", "no command\n"},
		"dance":                    {2, "", "no command \"dance\"\n"},
		"exit 7":                   {7, "", ""},
		"exit":                     {2, "", ""},
		"print a ; warn b":         {0, "a\n", "b\n"},
		"exit 3 ; print never":     {3, "", ""},
		"print a ;":                {2, "a\n", "no command\n"},
		"args x y":                 {0, "x\ny\n", ""},
		"env":                      {0, "A=1\nB=2\n", ""},
		"pwd":                      {0, "/here\n", ""},
		"ps":                       {0, "one\ntwo\n", ""},
		"cat /x":                   {1, "", "file does not exist\n"},
		"ls /x":                    {1, "", "file does not exist\n"},
		"write /x y ; print never": {1, "", "permission denied\n"},
		"sleep 1s ; print awake":   {0, "awake\n", ""},
		"sleep long":               {2, "", ""},
		"tick 1s 3":                {0, "tick 0\ntick 1\ntick 2\n", ""},
		"trap 9":                   {9, "ready\nterminated\n", ""},
		"ignore":                   {137, "ready\n", ""},
		"flood 20":                 {0, "000000000000000\n0000", ""},
	} {
		code, stdout, stderr := run(strings.Fields(words)...)
		if code != want.code || stdout != want.stdout || stderr != want.stderr {
			t.Errorf("%q: code %d, stdout %q, stderr %q; want %+v", words, code, stdout, stderr, want)
		}
	}
}

// TestPattern compares Pattern at odd offsets with one long run of it.
func TestPattern(t *testing.T) {
	var whole strings.Builder
	for k := range 100 {
		fmt.Fprintf(&whole, "%015d\n", k*16)
	}
	for _, at := range []int64{0, 1, 15, 16, 17, 1000} {
		for _, n := range []int{0, 1, 15, 16, 17, 300} {
			if got := string(job.Pattern(at, n)); got != whole.String()[at:][:n] {
				t.Errorf("Pattern(%d, %d) = %q", at, n, got)
			}
		}
	}
}

func TestFloodStops(t *testing.T) {
	code := job.Run(job.Process{Args: []string{"flood", "1000000"}, Stdout: broken{}, Stderr: &bytes.Buffer{}})
	if code != job.CodeFailed {
		t.Errorf("code %d when stdout is gone, want %d", code, job.CodeFailed)
	}
}

// broken is an output that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }
