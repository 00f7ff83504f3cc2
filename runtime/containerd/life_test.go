//go:build linux

package containerd_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
)

// mounts returns what is mounted inside an engine.
func mounts(t *testing.T, root string) string {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/mounts", containerd.Keeper(root)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestNothingLeft runs a job and removes it, and ends the engine.
func TestNothingLeft(t *testing.T) {
	root := t.TempDir()
	e := launch(t, root)
	i := pack(t, testjob)
	// The first job makes what all jobs share.
	run(t, e, i, spec(i, "first", "exit", "0"))
	if err := e.Remove(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first job is gone", func() bool { return len(inside(t, root, "runsc")) == 0 && len(containerd.Inside(root)) == 1 })
	before, processes := mounts(t, root), len(containerd.Inside(root))
	// What jobs have of their own; the image's one layer stays.
	files := func() int {
		n := -1
		for _, dir := range []string{"jobs", "containerd/io.containerd.snapshotter.v1.overlayfs/snapshots", "containerd/io.containerd.snapshotter.v1.native/snapshots"} {
			names, err := os.ReadDir(filepath.Join(root, dir))
			if err == nil {
				n += len(names)
			}
		}
		return n
	}
	run(t, e, i, spec(i, "ended", "print", "hello"))
	start(t, e, i, spec(i, "stopped", "sleep", "1h"))
	if err := e.Create(t.Context(), spec(i, "created", "exit", "0")); err != nil {
		t.Fatal(err)
	}
	if n := files(); n < 6 {
		t.Errorf("three jobs have %d folders: the test looks in the wrong place", n)
	}
	if err := e.Stop(t.Context(), "stopped", 0); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"ended", "stopped", "created"} {
		if err := e.Remove(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "no file is left", func() bool { return files() == 0 })
	eventually(t, "no mount is left", func() bool { return mounts(t, root) == before })
	eventually(t, "no process is left", func() bool { return len(containerd.Inside(root)) == processes })
	if list, err := e.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("List: %v, %v", list, err)
	}

	start(t, e, i, spec(i, "running", "sleep", "1h"))
	all := append(containerd.Inside(root), containerd.Keeper(root))
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, pid := range all {
		if _, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil {
			t.Errorf("process %d runs on after Shutdown", pid)
		}
	}
	if err := containerd.Kill(t.Context(), root); err != nil {
		t.Errorf("Kill of an engine that ended: %v", err)
	}
}

// TestAdopt launches an engine that runs, twice at once too.
func TestAdopt(t *testing.T) {
	root := t.TempDir()
	e := launch(t, root)
	keeper := containerd.Keeper(root)
	again, err := containerd.Launch(t.Context(), containerd.Config{Root: root, Binary: engineBinary(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if containerd.Keeper(root) != keeper {
		t.Error("Launch replaced an engine that runs")
	}
	a, err := e.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := again.Info(t.Context()); err != nil || a.Version != b.Version {
		t.Errorf("Info of one engine: %+v and %+v, %v", a, b, err)
	}
	// Another file with the same content is no reason to replace it; another
	// one is, while no job runs.
	raw, err := os.ReadFile(engineBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "etal-engine")
	if err := os.WriteFile(other, append(raw, "newer"...), 0o755); err != nil {
		t.Fatal(err)
	}
	i := pack(t, testjob)
	start(t, e, i, spec(i, "busy", "sleep", "1h"))
	for n := range 2 {
		next, err := containerd.Launch(t.Context(), containerd.Config{Root: root, Binary: other})
		if err != nil {
			t.Fatal(err)
		}
		if replaced := containerd.Keeper(root) != keeper; replaced != (n == 1) {
			t.Errorf("with %d running jobs a newer engine took over: %v", 1-n, replaced)
		}
		if n == 0 {
			if err := next.Stop(t.Context(), "busy", 0); err != nil {
				t.Error(err)
			}
		}
		if err := next.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLongPath uses a root whose socket no socket address can name.
func TestLongPath(t *testing.T) {
	root := filepath.Join(t.TempDir(), strings.Repeat("a-long-name/", 15))
	e := launch(t, root)
	i := pack(t, testjob)
	if st, out := run(t, e, i, spec(i, "far", "print", "hello")); st.Code != 0 || out != "hello\n" {
		t.Errorf("code %d, %q", st.Code, out)
	}
}

// TestSideBySide runs jobs of the same id in three engines at once.
func TestSideBySide(t *testing.T) {
	i := pack(t, testjob)
	var engines []*containerd.Engine
	for range 3 {
		engines = append(engines, launch(t, t.TempDir()))
	}
	var wg sync.WaitGroup
	for n, e := range engines {
		wg.Go(func() {
			s := spec(i, "same", "print", fmt.Sprint(n))
			if st, out := run(t, e, i, s); st.State != runtime.StateExited || out != fmt.Sprint(n)+"\n" {
				t.Errorf("engine %d: %+v, %q", n, st, out)
			}
		})
	}
	wg.Wait()
	if err := engines[0].Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if st, err := engines[1].Status(t.Context(), "same"); err != nil || st.State != runtime.StateExited {
		t.Errorf("another engine's end changed this one: %+v, %v", st, err)
	}
}
