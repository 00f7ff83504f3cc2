package runtimetest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/runtimetest/job"
)

// interpret is the Program of every image that has none of its own: it takes
// the command line for commands of runtimetest/job.
func interpret(_ context.Context, p *Process) int {
	return job.Run(job.Process{
		Args: p.Argv[1:], Env: p.Env, WorkDir: p.WorkDir,
		Stdout: p.Stdout, Stderr: p.Stderr, Term: p.Term, Sleep: p.Sleep,
		Files:     p,
		Processes: func() ([]string, error) { return []string{strings.Join(p.Argv, " ")}, nil },
	})
}

// place finds where a file of the job is on the host: in a mount, or else in
// the folder that stands for the job's own file system.
func (p *Process) place(name string) (host string, readOnly bool, err error) {
	if !path.IsAbs(name) {
		name = path.Join(p.WorkDir, name)
	}
	name = path.Clean(name)
	best := runtime.Mount{Host: p.alloc.scratch, Path: "/"}
	for _, m := range p.Mounts {
		at := path.Clean(m.Path)
		if (name == at || strings.HasPrefix(name, at+"/")) && len(at) >= len(path.Clean(best.Path)) {
			best = m
		}
	}
	rest := strings.TrimPrefix(name, path.Clean(best.Path))
	host = filepath.Join(best.Host, filepath.FromSlash(rest))
	// The job's names must not lead out through a link on the host.
	real, err := filepath.EvalSymlinks(filepath.Dir(host))
	if err != nil {
		return "", false, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	root, err := filepath.EvalSymlinks(best.Host)
	if err != nil {
		return "", false, fmt.Errorf("mount %s: %w", best.Path, err)
	}
	if rel, err := filepath.Rel(root, real); rest != "" && (err != nil || !filepath.IsLocal(rel)) {
		return "", false, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return host, best.ReadOnly, nil
}

// ReadFile reads a file of the job.
func (p *Process) ReadFile(name string) ([]byte, error) {
	host, _, err := p.place(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(host)
}

// WriteFile writes a file of the job.
func (p *Process) WriteFile(name string, data []byte) error {
	host, readOnly, err := p.place(name)
	if err != nil {
		return err
	}
	if readOnly {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return os.WriteFile(host, data, 0o644)
}

// ReadDir lists a folder of the job.
func (p *Process) ReadDir(name string) ([]fs.DirEntry, error) {
	host, _, err := p.place(name)
	if err != nil {
		return nil, err
	}
	return os.ReadDir(host)
}
