package runtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/runtimetest"
)

// render is the image of the tests below: it has a Program and need not be put.
const render = "sha256:0000000000000000000000000000000000000000000000000000000000000001"

// began is where the tests' clock starts.
var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// fake makes an engine with one program and a clock that stands.
func fake(t *testing.T, p runtimetest.Program) (*runtimetest.Fake, *runtimetest.ManualClock, context.Context) {
	t.Helper()
	clock := runtimetest.NewClock(began)
	f := runtimetest.NewFake(runtimetest.Config{Clock: clock, Programs: map[string]runtimetest.Program{render: p}})
	t.Cleanup(f.Shutdown)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return f, clock, ctx
}

// begin creates and starts an allocation called "a".
func begin(ctx context.Context, t *testing.T, f *runtimetest.Fake) {
	t.Helper()
	if err := f.Create(ctx, runtime.Spec{ID: "a", Epoch: 3, Image: render, Args: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Start(ctx, "a"); err != nil {
		t.Fatal(err)
	}
}

// sleeper sleeps d and ends with code.
func sleeper(d time.Duration, code int) runtimetest.Program {
	return func(_ context.Context, p *runtimetest.Process) int {
		p.Sleep(d, false)
		return code
	}
}

// until waits until the fake's clock has n alarms set.
func until(t *testing.T, c *runtimetest.ManualClock, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); c.Waiting() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d alarms are set, want %d", c.Waiting(), n)
		}
	}
}

// TestBilledTime follows a job through running, paused and ended on a clock
// that the test moves: every duration is exact.
func TestBilledTime(t *testing.T) {
	f, clock, ctx := fake(t, sleeper(10*time.Second, 7))
	begin(ctx, t, f)
	ran := func(want time.Duration, state runtime.State) {
		t.Helper()
		if st, err := f.Status(ctx, "a"); err != nil || st.Ran != want || st.State != state {
			t.Errorf("%s, ran %v, %v; want %s, %v", st.State, st.Ran, err, state, want)
		}
	}
	until(t, clock, 1)
	clock.Advance(4 * time.Second)
	ran(4*time.Second, runtime.StateRunning)
	if err := f.Pause(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour) // fires the alarm of the sleep, which is not over
	ran(4*time.Second, runtime.StatePaused)
	if err := f.Resume(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	until(t, clock, 1)
	clock.Advance(5 * time.Second)
	ran(9*time.Second, runtime.StateRunning)
	until(t, clock, 1)
	clock.Advance(time.Second)
	st, err := f.Wait(ctx, "a")
	if err != nil || st.Code != 7 || st.Ran != 10*time.Second || st.Epoch != 3 ||
		!st.Started.Equal(began) || !st.Exited.Equal(began.Add(time.Hour+10*time.Second)) {
		t.Errorf("ended: %+v, %v", st, err)
	}
	clock.Advance(time.Hour)
	ran(10*time.Second, runtime.StateExited)
}

// TestUnavailable checks that an engine that cannot be reached concludes
// nothing, and that Wait outlasts it.
func TestUnavailable(t *testing.T) {
	f, clock, ctx := fake(t, sleeper(time.Second, 7))
	begin(ctx, t, f)
	until(t, clock, 1)
	got := make(chan runtime.Status, 1)
	go func() {
		st, err := f.Wait(ctx, "a")
		if err != nil {
			t.Errorf("Wait: %v", err)
		}
		got <- st
	}()
	f.Unavailable(true)
	if st, err := f.Status(ctx, "a"); !errors.Is(err, runtime.ErrUnavailable) || st.State != runtime.StateUnknown {
		t.Errorf("Status: %s, %v; want unknown and ErrUnavailable", st.State, err)
	}
	for name, do := range map[string]func() error{
		"Info":   func() error { _, err := f.Info(ctx); return err },
		"List":   func() error { _, err := f.List(ctx); return err },
		"Create": func() error { return f.Create(ctx, runtime.Spec{ID: "b", Image: render}) },
		"Remove": func() error { return f.Remove(ctx, "never") },
		"Logs":   func() error { _, err := f.Logs(ctx, "a", 0, false); return err },
	} {
		if err := do(); !errors.Is(err, runtime.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
	clock.Advance(time.Second) // the job ends while nobody can see it
	f.Unavailable(false)
	if st := <-got; st.State != runtime.StateExited || st.Code != 7 {
		t.Errorf("Wait: %+v, want exited with 7", st)
	}
}

func TestClosed(t *testing.T) {
	f, clock, ctx := fake(t, sleeper(time.Second, 0))
	begin(ctx, t, f)
	until(t, clock, 1)
	ended := make(chan error, 1)
	go func() { _, err := f.Wait(ctx, "a"); ended <- err }()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("Wait of a closed client: %v, want ErrUnavailable", err)
	}
	if _, err := f.List(ctx); !errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("List of a closed client: %v, want ErrUnavailable", err)
	}
	if st, err := f.Reopen().Status(ctx, "a"); err != nil || st.State != runtime.StateRunning {
		t.Errorf("seen by a new client: %s, %v, want running", st.State, err)
	}
}

func TestStrikes(t *testing.T) {
	f, clock, ctx := fake(t, sleeper(time.Hour, 0))
	if err := f.Lose("a"); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("Lose of an unknown id: %v", err)
	}
	begin(ctx, t, f)
	until(t, clock, 1)
	clock.Advance(3 * time.Second)
	if err := f.Lose("a"); err != nil {
		t.Fatal(err)
	}
	if st, err := f.Wait(ctx, "a"); err != nil || st.State != runtime.StateLost || st.Ran != 3*time.Second || st.Reason == "" {
		t.Errorf("lost: %+v, %v", st, err)
	}
	if err := f.ExhaustMemory("a"); !errors.Is(err, runtime.ErrState) {
		t.Errorf("ExhaustMemory of an ended allocation: %v, want ErrState", err)
	}
	if err := f.Remove(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	begin(ctx, t, f)
	if err := f.ExhaustMemory("a"); err != nil {
		t.Fatal(err)
	}
	if st, err := f.Wait(ctx, "a"); err != nil || st.State != runtime.StateExited || st.Code != 137 || !st.OOM {
		t.Errorf("out of memory: %+v, %v", st, err)
	}
}

func TestFailNext(t *testing.T) {
	f, _, ctx := fake(t, sleeper(0, 0))
	if err := f.Create(ctx, runtime.Spec{ID: "a", Image: render, Args: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	one, two := errors.New("one"), errors.New("two")
	f.FailNext("Start", one)
	f.FailNext("Start", two)
	for _, want := range []error{one, two} {
		if err := f.Start(ctx, "a"); !errors.Is(err, want) {
			t.Errorf("Start: %v, want %v", err, want)
		}
		if st, err := f.Status(ctx, "a"); err != nil || st.State != runtime.StateCreated {
			t.Errorf("after a failed start: %s, %v, want created", st.State, err)
		}
	}
	if err := f.Start(ctx, "a"); err != nil {
		t.Errorf("Start after its failures: %v", err)
	}
	if st, err := f.Wait(ctx, "a"); err != nil || st.Code != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestGraceByClock stops a job that ignores SIGTERM, on a clock that stands.
func TestGraceByClock(t *testing.T) {
	f, clock, ctx := fake(t, sleeper(time.Hour, 0))
	begin(ctx, t, f)
	until(t, clock, 1)
	stopped := make(chan error, 1)
	go func() { stopped <- f.Stop(ctx, "a", 10*time.Second) }()
	until(t, clock, 2)
	clock.Advance(9 * time.Second)
	if st, err := f.Status(ctx, "a"); err != nil || st.State != runtime.StateRunning {
		t.Errorf("within its grace it is %s, %v", st.State, err)
	}
	clock.Advance(time.Second)
	if err := <-stopped; err != nil {
		t.Errorf("Stop: %v", err)
	}
	if st, err := f.Status(ctx, "a"); err != nil || st.Code != 137 || st.Ran != 10*time.Second {
		t.Errorf("killed: %+v, %v", st, err)
	}
}

// TestPausedWrites checks that a paused job writes nothing, and loses nothing.
func TestPausedWrites(t *testing.T) {
	paused := make(chan struct{})
	f, _, ctx := fake(t, func(_ context.Context, p *runtimetest.Process) int {
		io.WriteString(p.Stdout, "one\n") // an error would show in the log
		<-paused
		io.WriteString(p.Stderr, "two\n")
		return 0
	})
	begin(ctx, t, f)
	r, err := f.Logs(ctx, "a", 0, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rec, err := r.Next(ctx); err != nil || string(rec.Data) != "one\n" {
		t.Fatalf("%q, %v", rec.Data, err)
	}
	if err := f.Pause(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	close(paused)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if rec, err := r.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("written while paused: %q, %v", rec.Data, err)
	}
	if err := f.Resume(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if rec, err := r.Next(ctx); err != nil || string(rec.Data) != "two\n" || rec.Stream != runtime.Stderr {
		t.Errorf("after Resume: %q on %d, %v", rec.Data, rec.Stream, err)
	}
	if _, err := r.Next(ctx); err != io.EOF {
		t.Errorf("at the end: %v, want EOF", err)
	}
}

// TestShutdownEndsAll ends jobs that wait for anything a job can wait for.
func TestShutdownEndsAll(t *testing.T) {
	f, _, ctx := fake(t, func(ctx context.Context, p *runtimetest.Process) int {
		switch p.Argv[0] {
		case "term":
			<-p.Term
		case "context":
			<-ctx.Done()
		case "sleep":
			p.Sleep(time.Hour, false)
		case "write":
			for {
				if _, err := io.WriteString(p.Stdout, "x"); err != nil {
					break
				}
			}
		}
		return 0
	})
	for _, id := range []string{"term", "context", "sleep", "write"} {
		if err := f.Create(ctx, runtime.Spec{ID: id, Image: render, Command: []string{id}}); err != nil {
			t.Fatal(err)
		}
		if err := f.Start(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Pause(ctx, "write"); err != nil {
		t.Fatal(err)
	}
	f.Shutdown() // hangs if one of them goes on
	if _, err := f.List(ctx); !errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("List after Shutdown: %v, want ErrUnavailable", err)
	}
}

// TestLogTellsOfLoss reads on in a log whose next bytes were dropped meanwhile.
func TestLogTellsOfLoss(t *testing.T) {
	step := make(chan struct{})
	f, _, ctx := fake(t, func(_ context.Context, p *runtimetest.Process) int {
		io.WriteString(p.Stdout, "0123456789")
		<-step
		for range 10 {
			io.WriteString(p.Stdout, strings.Repeat("x", 10))
		}
		return 0
	})
	if err := f.Create(ctx, runtime.Spec{ID: "a", Image: render, Args: []string{"x"}, LogLimit: 25}); err != nil {
		t.Fatal(err)
	}
	if err := f.Start(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	r, err := f.Logs(ctx, "a", 4, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rec, err := r.Next(ctx); err != nil || rec.Seq != 4 || string(rec.Data) != "456789" || rec.Dropped != 0 {
		t.Errorf("%+v, %v", rec, err)
	}
	close(step)
	if _, err := f.Wait(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if rec, err := r.Next(ctx); err != nil || rec.Seq != 90 || rec.Dropped != 80 || len(rec.Data) != 10 {
		t.Errorf("%+v, %v, want the record at 90 after 80 dropped bytes", rec, err)
	}
	r.Close()
	if _, err := r.Next(ctx); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Next after Close: %v", err)
	}
}

func ExampleFake() {
	const hello = "sha256:0000000000000000000000000000000000000000000000000000000000000002"
	f := runtimetest.NewFake(runtimetest.Config{Programs: map[string]runtimetest.Program{
		hello: func(_ context.Context, p *runtimetest.Process) int {
			fmt.Fprintf(p.Stdout, "hello %s\n", p.Argv[0])
			return 7
		},
	}})
	defer f.Shutdown()
	ctx := context.Background()
	if err := f.Create(ctx, runtime.Spec{ID: "greet", Image: hello, Command: []string{"world"}}); err != nil {
		panic(err)
	}
	if err := f.Start(ctx, "greet"); err != nil {
		panic(err)
	}
	st, err := f.Wait(ctx, "greet")
	fmt.Println(st.State, st.Code, err)
	r, err := f.Logs(ctx, "greet", 0, false)
	if err != nil {
		panic(err)
	}
	defer r.Close()
	rec, err := r.Next(ctx)
	fmt.Printf("%s%v\n", rec.Data, err)
	// Output:
	// exited 7 <nil>
	// hello world
	// <nil>
}
