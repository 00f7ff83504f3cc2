//go:build linux

package containerd_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/etal-cloud/etal/runtime/containerd"
)

func compress(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	carried := compress(t, "#!/bin/sh\nexit 7\n")
	check := func(path string) {
		t.Helper()
		raw, err := os.ReadFile(path)
		if err != nil || string(raw) != "#!/bin/sh\nexit 7\n" {
			t.Errorf("%q, %v", raw, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	var wg sync.WaitGroup
	for range 4 { // several nodes at once
		wg.Go(func() {
			path, err := containerd.Unpack(carried, dir)
			if err != nil {
				t.Error(err)
				return
			}
			check(path)
		})
	}
	wg.Wait()
	path, err := containerd.Unpack(carried, dir)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := containerd.Unpack(carried, dir); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Error("what was whole was unpacked again")
	}
	// What was cut off, as by a full disk, is made anew.
	if err := os.Truncate(path, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := containerd.Unpack(carried, dir); err != nil {
		t.Fatal(err)
	}
	check(path)
	// A folder that others can write to is not trusted.
	if err := os.Chmod(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := containerd.Unpack(carried, dir); err == nil {
		t.Error("a program is run from a folder that everybody can write to")
	}
	if other, err := containerd.Unpack(compress(t, "newer"), dir); err != nil || other == path {
		t.Errorf("another engine is unpacked to %s, %v", other, err)
	}
	if _, err := containerd.Unpack([]byte("no gzip"), dir); err == nil {
		t.Error("what is no gzip was unpacked")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "new-*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
