//go:build linux

package containerd_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
)

// dieEnv makes the test program a node that starts a job in the engine of the
// root it names, says so, and waits to be killed.
const dieEnv = "ETAL_TEST_DIE"

func die() {
	ctx := context.Background()
	e, err := containerd.Launch(ctx, containerd.Config{Root: os.Getenv(dieEnv), Binary: os.Getenv("ETAL_ENGINE")})
	if err == nil {
		err = e.Start(ctx, "orphan")
	}
	fmt.Println("started", err)
	select {}
}

// inside returns the engine's processes of a name, as seen from here.
func inside(t *testing.T, root, name string) []int {
	t.Helper()
	var out []int
	for _, pid := range containerd.Inside(root) {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && strings.HasPrefix(string(comm), name) {
			out = append(out, pid)
		}
	}
	return out
}

// kill kills one process of the engine.
func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("not killing process %d", pid)
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until f reports true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to: %s", what)
		}
	}
}

// TestNodeKilled kills the process that launched the engine and started the job.
func TestNodeKilled(t *testing.T) {
	root := t.TempDir()
	e := launch(t, root)
	i := pack(t, testjob)
	send(t, e, i)
	s := spec(i, "orphan", "print", "before", ";", "sleep", "2s", ";", "print", "after", ";", "exit", "9")
	s.Labels = map[string]string{"lease": "abc"}
	if err := e.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command(self)
	node.Env = append(os.Environ(), dieEnv+"="+root, "ETAL_ENGINE="+engineBinary(t))
	said, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	n, err := said.Read(line)
	if string(line[:n]) != "started <nil>\n" {
		t.Errorf("the node says %q, %v", line[:n], err)
	}
	if err := node.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = node.Wait() // killed
	next, err := containerd.Launch(t.Context(), containerd.Config{Root: root, Binary: engineBinary(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	st := wait(t, next, s.ID)
	if st.State != runtime.StateExited || st.Code != 9 || st.Labels["lease"] != "abc" || st.Ran < 1900*time.Millisecond {
		t.Errorf("after the node was killed: %+v", st)
	}
	if out := output(t, next, s.ID); out != "before\nafter\n" {
		t.Errorf("its log: %q", out)
	}
}

// TestDaemonKilled kills containerd while one job runs and another one ends.
func TestDaemonKilled(t *testing.T) {
	root := t.TempDir()
	e := launch(t, root)
	i := pack(t, testjob)
	long, short := spec(i, "long", "sleep", "1h"), spec(i, "short", "print", "x", ";", "sleep", "1s", ";", "exit", "5")
	start(t, e, i, long)
	start(t, e, i, short)
	until(t, e, short.ID, "x")
	waited := make(chan runtime.Status, 1)
	go func() {
		st, _ := e.Wait(context.Background(), short.ID)
		waited <- st
	}()
	daemons := inside(t, root, "containerd\x00")
	if len(daemons) != 1 {
		t.Fatalf("%d daemons", len(daemons))
	}
	kill(t, daemons[0])
	eventually(t, "the daemon is back", func() bool {
		st, err := e.Status(t.Context(), long.ID)
		if err != nil || st.State != runtime.StateRunning && st.State != runtime.StateUnknown {
			t.Fatalf("while the daemon is away: %+v, %v", st, err)
		}
		return st.State == runtime.StateRunning && len(inside(t, root, "containerd\x00")) == 1
	})
	select {
	case st := <-waited:
		if st.State != runtime.StateExited || st.Code != 5 || st.Ran < 900*time.Millisecond {
			t.Errorf("ended meanwhile: %+v", st)
		}
	case <-time.After(patience):
		t.Fatal("Wait did not survive the daemon")
	}
	if err := e.Stop(t.Context(), long.ID, 0); err != nil {
		t.Error(err)
	}
	if st := wait(t, e, long.ID); st.State != runtime.StateExited || st.Code != 137 {
		t.Errorf("%+v", st)
	}
}

// TestShimKilled kills a job's shim.
func TestShimKilled(t *testing.T) {
	root := t.TempDir()
	e := launch(t, root)
	i := pack(t, testjob)
	s := spec(i, "orphaned", "print", "x", ";", "sleep", "1h")
	start(t, e, i, s)
	until(t, e, s.ID, "x")
	shims := inside(t, root, root+"/bin/containerd-shim")
	if len(shims) == 0 {
		shims = inside(t, root, "/run/etal/bin/containerd-shim")
	}
	if len(shims) != 1 {
		t.Fatalf("%d shims", len(shims))
	}
	// Until the engine has seen it alive after its start.
	started := status(t, e, s.ID).Started
	eventually(t, "the engine sees the job", func() bool {
		info, err := os.Stat(filepath.Join(root, "jobs", s.ID, "seen"))
		return err == nil && info.ModTime().After(started)
	})
	kill(t, shims[0])
	st := wait(t, e, s.ID)
	if st.State != runtime.StateLost || st.Code != 0 || st.Ran <= 0 || st.Exited.IsZero() || st.Exited.After(time.Now()) {
		t.Errorf("%+v, want lost", st)
	}
	eventually(t, "the sandbox is gone", func() bool { return len(inside(t, root, "runsc")) == 0 })
	if out := output(t, e, s.ID); out != "x\n" {
		t.Errorf("its log: %q", out)
	}
	if err := e.Remove(t.Context(), s.ID); err != nil {
		t.Error(err)
	}
}

// TestEngineKilled kills the engine with all that is in it, and launches it again.
func TestEngineKilled(t *testing.T) {
	root := t.TempDir()
	e := launch(t, root)
	i := pack(t, testjob)
	s, c, d := spec(i, "running", "print", "x", ";", "sleep", "1h"), spec(i, "created", "exit", "3"), spec(i, "done", "exit", "4")
	start(t, e, i, s)
	until(t, e, s.ID, "x")
	if st, _ := run(t, e, i, d); st.Code != 4 {
		t.Fatalf("%+v", st)
	}
	if err := e.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	processes := containerd.Inside(root)
	kill(t, containerd.Keeper(root))
	eventually(t, "the engine is gone", func() bool { return !containerd.Alive(root) })
	if st, err := e.Status(t.Context(), s.ID); err != nil || st.State != runtime.StateUnknown {
		t.Errorf("without its engine a job is %+v, %v, want unknown", st, err)
	}
	if err := e.Start(t.Context(), c.ID); !errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("Start without an engine: %v, want ErrUnavailable", err)
	}
	if _, err := e.Missing(t.Context(), i.Blobs()); !errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("Missing without an engine: %v, want ErrUnavailable", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := containerd.Kill(t.Context(), root); err != nil { // nothing to do with a pid namespace
		t.Error(err)
	}
	for _, pid := range processes {
		eventually(t, "process "+strconv.Itoa(pid)+" is gone", func() bool {
			_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
			return err != nil
		})
	}
	next, err := containerd.Launch(t.Context(), containerd.Config{Root: root, Binary: engineBinary(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if st := wait(t, next, s.ID); st.State != runtime.StateLost || st.Ran > time.Since(st.Started) {
		t.Errorf("%+v, want lost", st)
	}
	if err := next.Start(t.Context(), s.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Start of a lost job: %v, want ErrState: it must not run twice", err)
	}
	if st := wait(t, next, d.ID); st.State != runtime.StateExited || st.Code != 4 {
		t.Errorf("%+v, want exited with 4", st)
	}
	if err := next.Start(t.Context(), c.ID); err != nil {
		t.Error(err)
	}
	if st := wait(t, next, c.ID); st.Code != 3 {
		t.Errorf("%+v, want exited with 3", st)
	}
	for _, id := range []string{s.ID, c.ID, d.ID} {
		if err := next.Remove(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(root, "jobs", "*")); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
