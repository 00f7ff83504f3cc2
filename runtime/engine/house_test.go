package main

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func TestInstall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bin")
	for range 2 { // again does nothing
		if err := install(dir); err != nil {
			t.Fatal(err)
		}
		for _, name := range links {
			if !same(filepath.Join(dir, links[0]), filepath.Join(dir, name)) {
				t.Errorf("%s is another file", name)
			}
			if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%s is no hard link: %v, %v", name, info.Mode(), err)
			}
		}
	}
	// An older engine's file is replaced under every name.
	for _, name := range links {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := install(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range links {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 3 {
			t.Errorf("%s is still the old one: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new-*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestRecord(t *testing.T) {
	root := t.TempDir()
	started, err := startTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := strconv.ParseUint(started, 10, 64); err != nil {
		t.Errorf("start time %q", started)
	}
	if err := writeRecord(root, record{PID: os.Getpid(), Started: started, Boot: bootID(), Version: Version}); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(root, "engine.json")); err != nil || len(raw) == 0 {
		t.Errorf("%q, %v", raw, err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, "*.new")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestSignalOne asks for every signal that the kernel would send to many.
func TestSignalOne(t *testing.T) {
	for _, pid := range []int{1, 0, -1, -2} {
		if err := signalOne(pid, 0); err == nil {
			t.Errorf("process %d is accepted", pid)
		}
	}
	if err := signalOne(os.Getpid(), 0); err != nil {
		t.Error(err)
	}
}

func TestDescendants(t *testing.T) {
	c := exec.Command("/bin/sh", "-c", "sleep 60 & echo $!; wait")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 20)
	n, err := out.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	grandchild, err := strconv.Atoi(string(b[:n-1]))
	if err != nil {
		t.Fatal(err)
	}
	got := descendants(os.Getpid())
	if !slices.Contains(got, c.Process.Pid) || !slices.Contains(got, grandchild) || slices.Contains(got, os.Getpid()) {
		t.Errorf("%v lack %d or %d, or hold us", got, c.Process.Pid, grandchild)
	}
	for _, pid := range []int{grandchild, c.Process.Pid} {
		if err := signalOne(pid, unix.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	_ = c.Wait() // killed
}

func TestKeepEntry(t *testing.T) {
	keep := keepEntry()
	for typ, want := range map[byte]bool{tar.TypeReg: true, tar.TypeDir: true, tar.TypeSymlink: true, tar.TypeChar: false, tar.TypeBlock: false} {
		h := &tar.Header{Typeflag: typ, PAXRecords: map[string]string{"SCHILY.xattr.user.x": "y", "mtime": "1"}}
		ok, err := keep(h)
		if ok != want || err != nil {
			t.Errorf("type %c: %v, %v", typ, ok, err)
		}
		if ok && len(h.PAXRecords) != 1 {
			t.Errorf("attributes stay: %v", h.PAXRecords)
		}
	}
	var err error
	for n := 0; n <= maxLayerEntries && err == nil; n++ {
		_, err = keep(&tar.Header{Typeflag: tar.TypeReg})
	}
	if !errors.Is(err, errTooLarge) {
		t.Errorf("endless entries: %v", err)
	}
}

// zeros is an endless layer, read in large steps.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestBounded(t *testing.T) {
	b := &bounded{r: zeros{}, dir: t.TempDir(), n: maxLayerBytes - 100}
	if _, err := io.Copy(io.Discard, b); !errors.Is(err, errTooLarge) {
		t.Errorf("an endless layer: %v", err)
	}
}

func TestSandboxOf(t *testing.T) {
	if id, ok := sandboxOf(os.Getpid()); ok {
		t.Errorf("this test is the sandbox of %q", id)
	}
	c := exec.Command("/bin/sleep", "60")
	c.Args = []string{"runsc-sandbox", "60"}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if id, ok := sandboxOf(c.Process.Pid); ok {
		t.Errorf("what does not boot is the sandbox of %q", id)
	}
	if err := c.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.Wait() // killed
}
