package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// Factory says how the suite gets an engine to test.
type Factory struct {
	// Open starts an engine that holds nothing. What it starts ends with t.
	//
	// The function reopen closes the engine, if the suite has not done so
	// already, and opens another one of the same root, as a node does that was
	// restarted: allocations run on meanwhile.
	Open func(t *testing.T) (e runtime.Engine, reopen func() runtime.Engine)

	// Program is the path of runtime/runtimetest/testjob, built static for the
	// engine's architecture. Empty lets the suite build it, which needs the go
	// command and a writable build cache.
	Program string
}

// patience bounds every wait of the suite. It is long because a test must not
// fail on a loaded machine; nothing is expected to take it.
const patience = 2 * time.Minute

// Conformance checks that an engine does what runtime.Engine promises. It opens
// one engine and uses it for all cases, one after the other.
func Conformance(t *testing.T, f Factory) {
	t.Setenv("ETAL_CONFORMANCE_SECRET", "not for jobs")
	s := &suite{}
	s.eng, s.reopen = f.Open(t)
	info, err := s.eng.Info(t.Context())
	if err != nil {
		t.Fatalf("Info: %v", err)
	}
	program := f.Program
	if program == "" {
		program = BuildProgram(t, info.Arch)
	}
	s.image, err = image.Binary(t.Context(), program, info.Arch)
	if err != nil {
		t.Fatalf("pack %s: %v", program, err)
	}
	defer s.image.Close()
	s.arch = info.Arch

	for _, c := range []struct {
		name string
		test func(*suite, *testing.T)
	}{
		{"Info", (*suite).testInfo},
		{"Blobs", (*suite).testBlobs},
		{"TamperedBlob", (*suite).testTamperedBlob},
		{"ImageRefused", (*suite).testImageRefused},
		{"ExitCodes", (*suite).testExitCodes},
		{"Killed", (*suite).testKilled},
		{"CreateTwice", (*suite).testCreateTwice},
		{"Unknown", (*suite).testUnknown},
		{"BadSpec", (*suite).testBadSpec},
		{"Created", (*suite).testCreated},
		{"Ended", (*suite).testEnded},
		{"RemoveRunning", (*suite).testRemoveRunning},
		{"List", (*suite).testList},
		{"WaitIsCancelled", (*suite).testWaitIsCancelled},
		{"StopGentle", (*suite).testStopGentle},
		{"StopStubborn", (*suite).testStopStubborn},
		{"StopPaused", (*suite).testStopPaused},
		{"Pause", (*suite).testPause},
		{"Reattach", (*suite).testReattach},
		{"EndedMeanwhile", (*suite).testEndedMeanwhile},
		{"Streams", (*suite).testStreams},
		{"LogResume", (*suite).testLogResume},
		{"LogFollow", (*suite).testLogFollow},
		{"LogBounded", (*suite).testLogBounded},
		{"CommandAndArgs", (*suite).testCommandAndArgs},
		{"NoSuchCommand", (*suite).testNoSuchCommand},
		{"Environment", (*suite).testEnvironment},
		{"WorkDir", (*suite).testWorkDir},
		{"Mounts", (*suite).testMounts},
		{"Scratch", (*suite).testScratch},
		{"Apart", (*suite).testApart},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(s, t) })
	}

	list, err := s.eng.List(t.Context())
	if err != nil || len(list) != 0 {
		t.Errorf("left behind after every case: %v, %v", list, err)
	}
}

// BuildProgram builds the suite's program for linux and arch into a folder
// that goes with t, and returns its path.
func BuildProgram(t testing.TB, arch string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "testjob")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path,
		"github.com/etal-cloud/etal/runtime/runtimetest/testjob")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the job program: %v\n%s", err, out)
	}
	return path
}

// suite is one run of Conformance.
type suite struct {
	eng    runtime.Engine
	reopen func() runtime.Engine
	image  *image.Image
	arch   string
}

// notID are the runs of characters that an allocation id cannot hold.
var notID = regexp.MustCompile(`[^a-z0-9]+`)

// spec returns what to run args of the suite's program under an id that is the
// test's own, and removes the allocation when the test ends.
func (s *suite) spec(t *testing.T, suffix string, args ...string) runtime.Spec {
	t.Helper()
	id := notID.ReplaceAllString(strings.ToLower(t.Name()[strings.IndexByte(t.Name(), '/')+1:]), "-") + suffix
	if len(id) > 64 {
		id = id[len(id)-64:]
	}
	id = strings.Trim(id, "-")
	t.Cleanup(func() { s.sweep(t, id) })
	return runtime.Spec{
		ID: id, Epoch: 1, Image: s.image.Digest(), Args: args,
		Resources: market.Resources{MilliCPU: 500, Memory: 256 << 20, Disk: 64 << 20},
		Labels:    map[string]string{"lease": "lease-of-" + id},
	}
}

// sweep stops and removes an allocation whatever its state.
func (s *suite) sweep(t *testing.T, id string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.eng.Stop(ctx, id, 0); err != nil && !errors.Is(err, runtime.ErrNotFound) && !errors.Is(err, runtime.ErrState) {
		t.Errorf("Stop(%s) when cleaning up: %v", id, err)
	}
	if err := s.eng.Remove(ctx, id); err != nil {
		t.Errorf("Remove(%s) when cleaning up: %v", id, err)
	}
}

// context bounds a case.
func (s *suite) context(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// send gives the engine every blob of an image that it lacks.
func (s *suite) send(ctx context.Context, t *testing.T, i *image.Image) {
	t.Helper()
	missing, err := s.eng.Missing(ctx, i.Blobs())
	if err != nil {
		t.Fatalf("Missing: %v", err)
	}
	for _, b := range missing {
		r, err := i.Open(ctx, b.Digest)
		if err != nil {
			t.Fatalf("open blob: %v", err)
		}
		err = s.eng.Put(ctx, b, r)
		r.Close()
		if err != nil {
			t.Fatalf("Put(%s): %v", b.Digest, err)
		}
	}
}

// create makes an allocation of the suite's image.
func (s *suite) create(ctx context.Context, t *testing.T, spec runtime.Spec) {
	t.Helper()
	s.send(ctx, t, s.image)
	if err := s.eng.Create(ctx, spec); err != nil {
		t.Fatalf("Create(%s): %v", spec.ID, err)
	}
}

// start makes an allocation and starts it.
func (s *suite) start(ctx context.Context, t *testing.T, spec runtime.Spec) {
	t.Helper()
	s.create(ctx, t, spec)
	if err := s.eng.Start(ctx, spec.ID); err != nil {
		t.Fatalf("Start(%s): %v", spec.ID, err)
	}
}

// wait waits for an allocation's end.
func (s *suite) wait(ctx context.Context, t *testing.T, id string) runtime.Status {
	t.Helper()
	st, err := s.eng.Wait(ctx, id)
	if err != nil {
		t.Fatalf("Wait(%s): %v", id, err)
	}
	if !st.Ended() {
		t.Fatalf("Wait(%s) returned in state %s", id, st.State)
	}
	return st
}

// run runs an allocation to its end.
func (s *suite) run(ctx context.Context, t *testing.T, spec runtime.Spec) runtime.Status {
	t.Helper()
	s.start(ctx, t, spec)
	return s.wait(ctx, t, spec.ID)
}

// status observes an allocation.
func (s *suite) status(ctx context.Context, t *testing.T, id string) runtime.Status {
	t.Helper()
	st, err := s.eng.Status(ctx, id)
	if err != nil {
		t.Fatalf("Status(%s): %v", id, err)
	}
	return st
}

// output reads an ended allocation's log whole and returns its two streams.
func (s *suite) output(ctx context.Context, t *testing.T, id string) (stdout, stderr string) {
	t.Helper()
	var b [2]strings.Builder
	for _, r := range s.records(ctx, t, id, 0, true) {
		if r.Dropped != 0 {
			t.Errorf("record at %d: %d bytes dropped before it, want none", r.Seq, r.Dropped)
		}
		b[r.Stream-runtime.Stdout].Write(r.Data)
	}
	return b[0].String(), b[1].String()
}

// records reads a log from seq to its end, checking what every log promises.
func (s *suite) records(ctx context.Context, t *testing.T, id string, seq int64, follow bool) []runtime.LogRecord {
	t.Helper()
	r, err := s.eng.Logs(ctx, id, seq, follow)
	if err != nil {
		t.Fatalf("Logs(%s, %d): %v", id, seq, err)
	}
	defer r.Close()
	var rs []runtime.LogRecord
	for at := seq; ; {
		rec, err := r.Next(ctx)
		if err == io.EOF {
			return rs
		}
		if err != nil {
			t.Fatalf("log of %s at %d: %v", id, at, err)
		}
		if err := checkRecord(rec, at); err != nil {
			t.Fatalf("log of %s: %v", id, err)
		}
		at = rec.Seq + int64(len(rec.Data))
		rs = append(rs, rec)
	}
}

// checkRecord checks a record that follows after the byte at.
func checkRecord(r runtime.LogRecord, at int64) error {
	switch {
	case r.Stream != runtime.Stdout && r.Stream != runtime.Stderr:
		return fmt.Errorf("stream %d", r.Stream)
	case len(r.Data) == 0:
		return fmt.Errorf("an empty record at %d", r.Seq)
	case r.Dropped < 0 || r.Seq != at+r.Dropped:
		return fmt.Errorf("a record at %d that tells of %d dropped bytes, after byte %d", r.Seq, r.Dropped, at)
	case r.Time.IsZero():
		return fmt.Errorf("a record at %d without a time", r.Seq)
	}
	return nil
}

// follow reads an allocation's log until its stdout holds want.
func (s *suite) follow(ctx context.Context, t *testing.T, id, want string) {
	t.Helper()
	r, err := s.eng.Logs(ctx, id, 0, true)
	if err != nil {
		t.Fatalf("Logs(%s): %v", id, err)
	}
	defer r.Close()
	var b strings.Builder
	for !strings.Contains(b.String(), want) {
		rec, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("log of %s: %v; so far %q", id, err, b.String())
		}
		if rec.Stream == runtime.Stdout {
			b.Write(rec.Data)
		}
	}
}
