package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestDiskOf(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	before, files := diskOf([]string{dir})
	if files != 1 {
		t.Errorf("%d files in an empty folder, want itself", files)
	}
	for _, path := range []string{filepath.Join(dir, "a"), filepath.Join(dir, "sub", "b"), filepath.Join(elsewhere, "c")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	used, files := diskOf([]string{dir})
	if used-before < 2<<20 || used-before > 2<<20+64<<10 || files != 5 {
		t.Errorf("%d bytes and %d files more, want 2 MiB in 5: a link leads to nothing of the job's", used-before, files)
	}
	if both, _ := diskOf([]string{dir, elsewhere, filepath.Join(dir, "gone")}); both < used+1<<20 {
		t.Errorf("%d bytes in two folders", both)
	}
}

func TestDiskOfIsBounded(t *testing.T) {
	dir := t.TempDir()
	for n := range maxFiles + 10 {
		if err := os.Symlink("x", filepath.Join(dir, strconv.Itoa(n))); err != nil {
			t.Fatal(err)
		}
	}
	if _, files := diskOf([]string{dir, dir}); files != maxFiles+1 {
		t.Errorf("it counted %d files", files)
	}
}
