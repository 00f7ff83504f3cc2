package provider_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/runtime"
)

// until waits for something that happens beside the test.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

// run runs the provider's own loops until the test ends.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.p.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	}
	w.t.Cleanup(stop)
	return stop
}

func TestAJobsOwnEnd(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	if err := l.start(imageExits); err != nil {
		t.Fatal(err)
	}
	until(t, "its end", func() bool { w.p.Step(t.Context()); return l.status().Ended })
	if st := l.stands("after its end", market.AllocExited); st.Code != 7 || st.Oom {
		t.Errorf("code %d", st.Code)
	}
	is(t, "another job on the lease", l.start(imageSleeps), market.ErrState)
}

func TestOutOfMemory(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(3 * time.Second)
	id, _ := w.p.AllocID(l.id)
	if err := w.engine.ExhaustMemory(id); err != nil {
		t.Fatal(err)
	}
	w.step(time.Second)
	if st := l.stands("after its end", market.AllocExited); st.Code != 137 || !st.Oom || !st.Ended {
		t.Errorf("%+v", st)
	}
}

func TestLostShim(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(3 * time.Second)
	id, _ := w.p.AllocID(l.id)
	if err := w.engine.Lose(id); err != nil {
		t.Fatal(err)
	}
	w.step(5 * time.Second)
	if st := l.stands("without its shim", market.AllocLost); st.DeliveredMs != 3000 || !st.Ended {
		t.Errorf("%+v", st)
	}
}

func TestTheTermEndsIt(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, func(p *market.Proposal) { p.Term = 30 * time.Second })
	l.confirm(3600)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	if err := l.pay(30); err != nil {
		t.Fatal(err)
	}
	w.step(35 * time.Second)
	st := l.stands("after its term", market.AllocStopped)
	if st.Reason != "its time was up" || st.DeliveredMs > 30_000 {
		t.Errorf("%d ms: %s", st.DeliveredMs, st.Reason)
	}
}

func TestAnUnusedLeaseEnds(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	w.step(4 * time.Minute)
	l.stands("for four minutes", market.AllocPending)
	w.step(2 * time.Minute)
	if st := l.stands("for six minutes", market.AllocStopped); !st.Ended || st.DeliveredMs != 0 {
		t.Errorf("%+v", st)
	}
	is(t, "a job that comes later", l.start(imageSleeps), market.ErrState)
}

// A job that does not end when it is asked to keeps nobody else waiting.
func TestAStubbornJobHoldsNothingUp(t *testing.T) {
	w := newWorld(t)
	stubborn := w.buyer(1_000_000).lease(1, 3600, func(p *market.Proposal) { p.Term = 60 * time.Second })
	unpaid := w.buyer(1_000_000).lease(1, 3600, nil)
	stubborn.confirm(3600)
	unpaid.confirm(3600)
	if err := errors.Join(stubborn.start(imageIgnores), stubborn.pay(60), unpaid.start(imageSleeps)); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.clock.Advance(61 * time.Second) // the grace of the first never passes by itself
	until(t, "the second to be paused", func() bool { return unpaid.status().State == string(market.AllocPaused) })
	if st := stubborn.status(); st.State != string(market.AllocRunning) {
		t.Errorf("the first is %s", st.State)
	}
	until(t, "the first to end", func() bool { w.clock.Advance(time.Second); return stubborn.status().Ended })
}

func TestAWaitAnswersAtTheEnd(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	w.run()
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	s := newStream(l.b.Peer())
	answered := make(chan error, 1)
	go func() {
		answered <- l.job(s, &marketpb.JobCall{Call: &marketpb.JobCall_Wait{Wait: &marketpb.JobRef{Lease: l.id[:]}}})
	}()
	if err := l.job(newStream(l.b.Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: l.id[:], GraceMs: 1000}}}); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if st, ok := last[*marketpb.JobStatus](s); !ok || !st.Ended || st.State != string(market.AllocStopped) {
		t.Errorf("answered %v", st)
	}
}

// A renter that leases and then sends nothing is let go of, at its own wish and
// when its time is over.
func TestASlowSenderKeepsNothing(t *testing.T) {
	w := newWorld(t)
	w.run()
	for what, end := range map[string]func(*leased){
		"end": func(l *leased) {
			if err := l.job(newStream(l.b.Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: l.id[:]}}}); err != nil {
				t.Error(err)
			}
		},
		"stop": func(l *leased) {
			if err := l.job(newStream(l.b.Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: l.id[:]}}}); err != nil {
				t.Error(err)
			}
		},
		"term": func(*leased) { w.clock.Advance(61 * time.Second) },
	} {
		l := w.buyer(1_000_000).lease(4, 3600, func(p *market.Proposal) { p.Term = time.Minute })
		s := newStream(l.b.Peer())
		call := &marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: &marketpb.JobStart{
			Lease: l.id[:], Spec: &marketpb.JobSpec{Image: imageSleeps, Inputs: []string{"/in"}, Epoch: 1},
		}}}
		sent := make(chan error, 1)
		go func() { sent <- l.job(s, call) }()
		until(t, "the job to be received", func() bool { _, ok := last[*marketpb.JobNeed](s); return ok })
		is(t, "a second start meanwhile", l.job(newStream(l.b.Peer()), call), market.ErrState)
		end(l)
		if err := <-sent; err == nil {
			t.Errorf("%s: the start did not fail", what)
		}
		until(t, what, func() bool { return l.status().Ended && w.p.Free().MilliCPU == 4000 })
		if _, err := l.engineStatus(); !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("%s: the engine still has it: %v", what, err)
		}
	}
}

// archive is a tar stream of files.
func archive(t *testing.T, files map[string]string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	for name, data := range files {
		if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(data)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestAFailedStartLeavesNothing(t *testing.T) {
	w := newWorld(t)
	broken := errors.New("two\nlines\x1b[2J " + strings.Repeat("é", 400))
	for what, c := range map[string]struct {
		method string
		spec   *marketpb.JobSpec
		input  io.Reader
	}{
		"create":        {"Create", &marketpb.JobSpec{Image: imageSleeps}, nil},
		"start":         {"Start", &marketpb.JobSpec{Image: imageSleeps}, nil},
		"missing image": {"", &marketpb.JobSpec{Image: digest(9)}, nil},
		"a bad input":   {"", &marketpb.JobSpec{Image: imageSleeps, Inputs: []string{"/in"}}, strings.NewReader("no archive at all")},
		"..":            {"", &marketpb.JobSpec{Image: imageSleeps, Inputs: []string{"/in"}}, archive(t, map[string]string{"../../out": "x"})},
		"a large input": {"", &marketpb.JobSpec{Image: imageSleeps, Inputs: []string{"/in"}}, archive(t, map[string]string{"f": strings.Repeat("x", 70<<20)})},
	} {
		l := w.buyer(1_000_000).lease(4, 3600, func(p *market.Proposal) { p.Resources.Disk = 1 << 20 })
		if c.method != "" {
			w.engine.FailNext(c.method, broken)
		}
		if err := l.startSpec(c.spec, c.input); err == nil {
			t.Fatalf("%s: started", what)
		}
		st := l.stands(what, market.AllocFailed)
		if !st.Ended || st.Reason == "" || strings.ContainsAny(st.Reason, "\n\x1b") {
			t.Errorf("%s: %v %q", what, st.Ended, st.Reason)
		}
		if _, err := l.receipt(); err != nil {
			t.Errorf("%s: no receipt: %v", what, err)
		}
		if _, err := l.engineStatus(); !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("%s: the engine still has it: %v", what, err)
		}
		if w.p.Free().MilliCPU != 4000 {
			t.Errorf("%s: the capacity is gone", what)
		}
	}
}

// The inputs of a job share one limit: a full first one leaves nothing, and
// nothing must not mean the default.
func TestInputsShareALimit(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, func(p *market.Proposal) { p.Resources.Disk = 1 << 20 })
	full, more := strings.Repeat("x", 64<<20), strings.Repeat("y", 1<<20)
	err := l.startSpec(&marketpb.JobSpec{Image: imageSleeps, Inputs: []string{"/a", "/b"}},
		archive(t, map[string]string{"f": full}), archive(t, map[string]string{"g": more}))
	if err == nil {
		t.Error("a second input beyond the limit was taken")
	}
}

func TestRestartWithJobs(t *testing.T) {
	w := newWorld(t)
	runs := w.buyer(1_000_000).lease(1, 3600, nil)
	exits := w.buyer(1_000_000).lease(1, 3600, nil)
	gone := w.buyer(1_000_000).lease(1, 3600, nil)
	for _, l := range []*leased{runs, exits, gone} {
		l.confirm(3600)
		if err := l.start(imageSleeps); err != nil {
			t.Fatal(err)
		}
	}
	w.step(5 * time.Second)
	// While etal is away, one ends, one vanishes, and one that no lease knows runs.
	id, _ := w.p.AllocID(exits.id)
	if err := w.engine.Stop(t.Context(), id, time.Second); err != nil {
		t.Fatal(err)
	}
	id, _ = w.p.AllocID(gone.id)
	if err := errors.Join(w.engine.Stop(t.Context(), id, 0), w.engine.Remove(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Create(t.Context(), runtime.Spec{ID: "nobodys-1", Image: imageSleeps}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(10 * time.Second)
	w.open()
	// An engine that cannot be reached says nothing about its jobs.
	w.engine.Unavailable(true)
	if err := w.p.Reconcile(t.Context()); !errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("reconcile without an engine: %v", err)
	}
	w.p.Step(t.Context())
	for _, l := range []*leased{runs, exits, gone} {
		l.stands("without an engine", market.AllocRunning)
	}
	w.engine.Unavailable(false)
	if err := w.p.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.step(time.Second)
	if st := runs.stands("adopted", market.AllocRunning); st.DeliveredMs < 16_000 {
		t.Errorf("%d ms while etal was away", st.DeliveredMs)
	}
	if st := exits.stands("ended unseen", market.AllocExited); st.Code != 143 || st.DeliveredMs != 5000 {
		t.Errorf("code %d after %d ms", st.Code, st.DeliveredMs)
	}
	if st := gone.stands("vanished", market.AllocLost); st.DeliveredMs != 5000 {
		t.Errorf("%d ms of one that vanished", st.DeliveredMs)
	}
	if _, err := w.engine.Status(t.Context(), "nobodys-1"); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("what nobody leased is still there: %v", err)
	}
}

// A lease that ended in the books while its job was just being started must not
// leave a job that nobody is billed for.
func TestAJobWithoutALiveLeaseIsEnded(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(2 * time.Second)
	id, _ := w.p.AllocID(l.id)
	if err := errors.Join(w.engine.Stop(t.Context(), id, 0), w.engine.Remove(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	if err := w.p.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.stands("gone", market.AllocLost)
	if err := errors.Join(w.engine.Create(t.Context(), runtime.Spec{ID: id, Image: imageSleeps}), w.engine.Start(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	if err := w.p.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.engine.Status(t.Context(), id); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("it runs on: %v", err)
	}
}

func TestLeftoversGoAfterAnHour(t *testing.T) {
	w := newWorld(t)
	l := ended(t, w)
	w.clock.Advance(59 * time.Minute)
	w.p.Step(t.Context())
	if _, err := l.engineStatus(); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	w.engine.FailNext("Remove", runtime.ErrUnavailable)
	w.clock.Advance(2 * time.Minute)
	w.p.Step(t.Context())
	w.clock.Advance(2 * time.Minute)
	w.p.Step(t.Context())
	if _, err := l.engineStatus(); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("after the hour: %v", err)
	}
	s := newStream(l.b.Peer())
	if err := l.job(s, &marketpb.JobCall{Call: &marketpb.JobCall_Logs{Logs: &marketpb.JobLogs{Lease: l.id[:]}}}); err != nil {
		t.Fatal(err)
	}
	if rec, ok := last[*marketpb.LogRecord](s); !ok || !rec.End {
		t.Errorf("the log of a removed job: %v", rec)
	}
}
