// The testjob program runs the commands of runtime/runtimetest/job for real,
// inside a job. It is built static and packed as the image of the conformance
// suite.
package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/etal-cloud/etal/runtime/runtimetest/job"
)

func main() {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	asked := make(chan struct{})
	go func() {
		<-term
		close(asked)
	}()
	dir, err := os.Getwd()
	if err != nil {
		dir = err.Error()
	}
	os.Exit(job.Run(job.Process{
		Args: os.Args[1:], Env: os.Environ(), WorkDir: dir,
		Stdout: os.Stdout, Stderr: os.Stderr,
		Term: asked,
		Sleep: func(d time.Duration, wake bool) bool {
			if !wake {
				time.Sleep(d)
				return true
			}
			select {
			case <-time.After(d):
				return true
			case <-asked:
				return false
			}
		},
		Files:     disk{},
		Processes: processes,
	}))
}

// disk is the file system that the program finds itself in.
type disk struct{}

func (disk) ReadFile(name string) ([]byte, error)       { return os.ReadFile(name) }
func (disk) WriteFile(name string, data []byte) error   { return os.WriteFile(name, data, 0o644) }
func (disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// processes reads /proc.
func processes() ([]string, error) {
	es, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var ps []string
	for _, e := range es {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		// A process may end while we look at it.
		if b, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline")); err == nil {
			ps = append(ps, string(bytes.ReplaceAll(bytes.TrimRight(b, "\x00"), []byte{0}, []byte{' '})))
		}
	}
	return ps, nil
}
