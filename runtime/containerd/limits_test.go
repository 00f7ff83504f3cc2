//go:build linux

package containerd_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/runtime"
)

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// TestMemoryLimit runs one job that takes more than it has and one beside it
// that does not.
func TestMemoryLimit(t *testing.T) {
	e := launch(t, t.TempDir())
	i := pack(t, abuse)
	modest := spec(i, "modest", "eat", strconv.Itoa(64<<20))
	start(t, e, i, modest)
	greedy := spec(i, "greedy", "eat", strconv.Itoa(4<<30))
	start(t, e, i, greedy)
	if st := wait(t, e, greedy.ID); st.State != runtime.StateExited || st.Code != 137 || !st.OOM || !strings.Contains(st.Reason, "memory") {
		t.Errorf("a job above its memory: %+v, want exited with 137 and OOM", st)
	}
	until(t, e, modest.ID, "ready\n")
	if st, err := e.Status(t.Context(), modest.ID); err != nil || st.State != runtime.StateRunning {
		t.Errorf("the job beside it: %+v, %v", st, err)
	}
}

// TestDiskLimit fills a job's root file system.
func TestDiskLimit(t *testing.T) {
	e := launch(t, t.TempDir())
	i := pack(t, abuse)
	s := spec(i, "fill", "fill", "/big", strconv.Itoa(1<<30))
	st, out := run(t, e, i, s)
	wrote, _, _ := strings.Cut(out, "\n")
	n, err := strconv.ParseInt(wrote, 10, 64)
	if err != nil || st.Code != 1 || n > s.Resources.Disk || n < s.Resources.Disk/4 {
		t.Errorf("code %d, wrote %q; want no more than %d and a failure", st.Code, out, s.Resources.Disk)
	}
	if scratch, err := filepath.Glob(filepath.Join(e.Root(), "jobs", s.ID, "scratch", "*")); err != nil || len(scratch) != 0 {
		t.Errorf("left in its scratch folder: %v, %v", scratch, err)
	}
}

// TestVolumeLimit fills a folder that a job was given.
func TestVolumeLimit(t *testing.T) {
	e := launch(t, t.TempDir())
	i := pack(t, abuse)
	s := spec(i, "volume", "trickle", "/out/big", strconv.Itoa(1<<30))
	s.Mounts = []runtime.Mount{{Host: t.TempDir(), Path: "/out"}}
	if st, out := run(t, e, i, s); st.State != runtime.StateExited || st.Code != 137 || st.OOM || !strings.Contains(st.Reason, "disk") {
		t.Errorf("a job above its disk: %+v, %q; want exited with 137 and why", st, out)
	}
}

// TestProcessLimit starts processes without end.
func TestProcessLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	e := launch(t, t.TempDir())
	i := pack(t, abuse)
	s := spec(i, "forks", "forks", "100000")
	s.Resources.Memory = 16 << 30 // so that it is not that
	if st, out := run(t, e, i, s); st.State != runtime.StateExited || st.Code != 137 || st.OOM || !strings.Contains(st.Reason, "processes") {
		t.Errorf("a job with too many processes: %+v, %q; want exited with 137 and why", st, out)
	}
}

// TestFlood writes 100 MB of log.
func TestFlood(t *testing.T) {
	e := launch(t, t.TempDir())
	i := pack(t, testjob)
	const size, limit = 100_000_000, 4 << 20
	s := spec(i, "flood", "flood", strconv.Itoa(size), ";", "exit", "7")
	s.LogLimit = limit
	start(t, e, i, s)
	if st := wait(t, e, s.ID); st.Code != 7 {
		t.Fatalf("code %d, want 7", st.Code)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := e.Logs(ctx, s.ID, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var kept, dropped int64
	for {
		rec, err := r.Next(ctx)
		if err != nil {
			break
		}
		kept += int64(len(rec.Data))
		dropped += rec.Dropped
	}
	if kept+dropped != size || kept > limit || kept < limit/2 {
		t.Errorf("kept %d and dropped %d of %d, with a limit of %d", kept, dropped, size, limit)
	}
	var onDisk int64
	names, err := os.ReadDir(filepath.Join(e.Root(), "jobs", s.ID, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		info, err := n.Info()
		if err != nil {
			t.Fatal(err)
		}
		onDisk += info.Size()
	}
	if onDisk > limit+1024 {
		t.Errorf("the log takes %d bytes, with a limit of %d", onDisk, limit)
	}
}
