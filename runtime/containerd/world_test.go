//go:build linux

package containerd_test

import (
	"archive/tar"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
	"github.com/etal-cloud/etal/runtime/image"
)

// programs are built once per run of the tests.
var programs struct {
	sync.Mutex
	dir  string
	path map[string]string
}

// program builds a main package static and returns its path. A test process
// that runs as another user finds them built, in the folder $ETAL_PROGRAMS.
func program(t testing.TB, pkg string) string {
	t.Helper()
	if dir := os.Getenv("ETAL_PROGRAMS"); dir != "" {
		return filepath.Join(dir, filepath.Base(pkg))
	}
	programs.Lock()
	defer programs.Unlock()
	if p := programs.path[pkg]; p != "" {
		return p
	}
	if programs.dir == "" {
		dir, err := os.MkdirTemp("", "etal-programs-")
		if err != nil {
			t.Fatal(err)
		}
		programs.dir, programs.path = dir, map[string]string{}
	}
	out := filepath.Join(programs.dir, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "github.com/etal-cloud/etal/runtime/"+pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, said)
	}
	programs.path[pkg] = out
	return out
}

// The programs that jobs of these tests run.
const (
	testjob = "runtimetest/testjob"
	abuse   = "containerd/abuse"
)

// pack packs a program alone.
func pack(t testing.TB, pkg string) *image.Image {
	t.Helper()
	i, err := image.Binary(context.Background(), program(t, pkg), goruntime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

// packAs packs a program as /job with more layers above it, to be run as user.
func packAs(t testing.TB, pkg, user string, layers ...image.Layer) *image.Image {
	t.Helper()
	raw, err := os.ReadFile(program(t, pkg))
	if err != nil {
		t.Fatal(err)
	}
	first := files(entry{tar.Header{Name: "job", Mode: 0o755, Typeflag: tar.TypeReg}, string(raw)})
	i, err := image.Pack(context.Background(), image.Config{OS: "linux", Arch: goruntime.GOARCH, Entrypoint: []string{"/job"}, User: user},
		append([]image.Layer{first}, layers...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

// entry is one of a layer's.
type entry struct {
	tar.Header
	text string
}

// files makes a layer.
func files(entries ...entry) image.Layer {
	return func(w io.Writer) error {
		tw := tar.NewWriter(w)
		for _, e := range entries {
			e.Size = int64(len(e.text))
			if err := tw.WriteHeader(&e.Header); err != nil {
				return err
			}
			if _, err := io.WriteString(tw, e.text); err != nil {
				return err
			}
		}
		return tw.Close()
	}
}

// send gives an engine an image.
func send(t testing.TB, e runtime.Engine, i *image.Image) {
	t.Helper()
	ctx := context.Background()
	missing, err := e.Missing(ctx, i.Blobs())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range missing {
		r, err := i.Open(ctx, b.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Put(ctx, b, r); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// spec of a job.
func spec(i *image.Image, id string, args ...string) runtime.Spec {
	return runtime.Spec{
		ID: id, Epoch: 1, Image: i.Digest(), Args: args,
		Resources: market.Resources{MilliCPU: 1000, Memory: 256 << 20, Disk: 64 << 20},
	}
}

// start sends, creates and starts.
func start(t testing.TB, e *containerd.Engine, i *image.Image, s runtime.Spec) {
	t.Helper()
	send(t, e, i)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := e.Create(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := e.Start(ctx, s.ID); err != nil {
		t.Fatal(err)
	}
}

// wait waits for a job's end.
func wait(t testing.TB, e *containerd.Engine, id string) runtime.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	st, err := e.Wait(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// status observes a job.
func status(t testing.TB, e *containerd.Engine, id string) runtime.Status {
	t.Helper()
	st, err := e.Status(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// run runs a job to its end and returns what it wrote.
func run(t testing.TB, e *containerd.Engine, i *image.Image, s runtime.Spec) (st runtime.Status, stdout string) {
	t.Helper()
	start(t, e, i, s)
	st = wait(t, e, s.ID)
	return st, output(t, e, s.ID)
}

// output reads an ended job's stdout.
func output(t testing.TB, e *containerd.Engine, id string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := e.Logs(ctx, id, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b strings.Builder
	for {
		rec, err := r.Next(ctx)
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec.Stream == runtime.Stdout {
			b.Write(rec.Data)
		}
	}
}

// until waits until a running job's stdout holds want.
func until(t testing.TB, e *containerd.Engine, id, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := e.Logs(ctx, id, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b strings.Builder
	for !strings.Contains(b.String(), want) {
		rec, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("%v; so far %q", err, b.String())
		}
		b.Write(rec.Data)
	}
}
