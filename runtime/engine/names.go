package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Version is the engine's own version, part of engine.json. It rises whenever
// the format of anything in a root changes.
const Version = "1"

// The names this file is started as. Every name that begins with nameRunsc, and
// nameExe, is gVisor, which starts itself under several.
const (
	nameEngine     = "etal-engine"
	nameRuntime    = "etal-runsc"
	nameLogger     = "etal-log"
	nameContainerd = "containerd"
	nameShim       = "containerd-shim-runc-v2"
	nameRunsc      = "runsc"
	nameExe        = "exe"
)

// links are the names that must lie beside each other in a root's bin folder.
var links = []string{nameEngine, nameRuntime, nameLogger, nameContainerd, nameShim, nameRunsc}

// install puts every name into dir as a hard link to the running file, or as
// links to one copy of it where dir is on another file system or linking to a
// stranger's file is forbidden. Names of an older engine are replaced.
func install(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	first := filepath.Join(dir, links[0])
	if same(self, first) {
		self = first
	} else if err := place(self, first); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	for _, name := range links[1:] {
		to := filepath.Join(dir, name)
		if same(first, to) {
			continue
		}
		if err := replace(to, func(tmp string) error { return os.Link(first, tmp) }); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
	}
	return nil
}

// place makes to the same file as from, by a link or else by a copy.
func place(from, to string) error {
	err := replace(to, func(tmp string) error { return os.Link(from, tmp) })
	if err == nil {
		return nil
	}
	return replace(to, func(tmp string) error { return copyFile(from, tmp) })
}

// replace makes a file under a temporary name and renames it, so that a name is
// never seen half done.
func replace(to string, make func(tmp string) error) error {
	tmp := fmt.Sprintf("%s.new-%d", to, os.Getpid())
	defer os.Remove(tmp)
	if err := make(tmp); err != nil {
		return err
	}
	return os.Rename(tmp, to)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// same reports whether both paths are one file.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
