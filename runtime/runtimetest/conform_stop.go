package runtimetest

import (
	"errors"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

func (s *suite) testStopGentle(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "trap", "9")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "ready\n")
	if err := s.eng.Stop(ctx, spec.ID, patience); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	if st := s.status(ctx, t, spec.ID); st.State != runtime.StateExited || st.Code != 9 {
		t.Errorf("when Stop returns: %s with code %d, want exited with the program's own 9", st.State, st.Code)
	}
	if out, _ := s.output(ctx, t, spec.ID); out != "ready\nterminated\n" {
		t.Errorf("it printed %q", out)
	}
}

func (s *suite) testStopStubborn(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "ignore")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "ready\n")
	const grace = 700 * time.Millisecond
	before := time.Now()
	if err := s.eng.Stop(ctx, spec.ID, grace); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	st := s.status(ctx, t, spec.ID)
	if st.State != runtime.StateExited || st.Code != 137 {
		t.Errorf("when Stop returns: %s with code %d, want exited with 137", st.State, st.Code)
	}
	if st.Exited.Before(before.Add(grace - slack)) {
		t.Errorf("killed after %v, before its grace of %v was over", st.Exited.Sub(before), grace)
	}
}

func (s *suite) testStopPaused(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "ignore")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "ready\n")
	if err := s.eng.Pause(ctx, spec.ID); err != nil {
		t.Fatalf("Pause: %v", err)
	}
	if err := s.eng.Remove(ctx, spec.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Remove of a paused allocation: %v, want ErrState", err)
	}
	if err := s.eng.Stop(ctx, spec.ID, 0); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	if st := s.wait(ctx, t, spec.ID); st.State != runtime.StateExited || st.Code != 137 {
		t.Errorf("stopped while paused: %s with code %d, want exited with 137", st.State, st.Code)
	}
}

// testPause checks the billed time by what must hold on any machine, however
// slow: it lies between the time that surely was running and the time that
// surely was not paused.
func (s *suite) testPause(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "tick", "20ms", "1000000")
	s.create(ctx, t, spec)
	before := time.Now()
	if err := s.eng.Start(ctx, spec.ID); err != nil {
		t.Fatal(err)
	}
	running := time.Now()
	s.follow(ctx, t, spec.ID, "tick 5\n")
	ran := time.Since(running)
	for range 2 { // the second one does nothing
		if err := s.eng.Pause(ctx, spec.ID); err != nil {
			t.Fatalf("Pause: %v", err)
		}
	}
	paused := time.Now()
	st := s.status(ctx, t, spec.ID)
	if st.State != runtime.StatePaused || st.Ran < ran-slack || st.Ran > paused.Sub(before)+slack {
		t.Errorf("paused: %s, ran %v, want between %v and %v", st.State, st.Ran, ran, paused.Sub(before))
	}
	s.settled(t, spec.ID)
	if again := s.status(ctx, t, spec.ID); again.Ran != st.Ran {
		t.Errorf("the billed time went on from %v to %v while paused", st.Ran, again.Ran)
	}
	// A new client sees the pause too, and the same billed time.
	s.eng = s.reopen()
	if again := s.status(ctx, t, spec.ID); again.State != runtime.StatePaused || again.Ran != st.Ran {
		t.Errorf("seen by a new client: %s, ran %v; want paused, %v", again.State, again.Ran, st.Ran)
	}
	end := s.end(ctx, t, spec.ID)
	pause := time.Since(paused)
	for range 2 {
		if err := s.eng.Resume(ctx, spec.ID); err != nil {
			t.Fatalf("Resume: %v", err)
		}
	}
	if st := s.status(ctx, t, spec.ID); st.State != runtime.StateRunning {
		t.Errorf("resumed: %s, want running", st.State)
	}
	resumed := time.Now()
	for s.end(ctx, t, spec.ID) == end { // until it writes again
		if ctx.Err() != nil {
			t.Fatal("it never wrote again after Resume")
		}
		time.Sleep(20 * time.Millisecond)
	}
	ran += time.Since(resumed)
	if err := s.eng.Stop(ctx, spec.ID, 0); err != nil {
		t.Fatal(err)
	}
	st = s.wait(ctx, t, spec.ID)
	if most := time.Since(before) - pause + slack; st.Ran < ran-2*slack || st.Ran > most {
		t.Errorf("ran %v in all, want between %v and %v: the pause of %v is not billed", st.Ran, ran, most, pause)
	}
}

// settled waits until an allocation's log stands still for longer than many of
// the job's ticks. What was written before a pause may arrive a little after it.
func (s *suite) settled(t *testing.T, id string) {
	t.Helper()
	ctx := s.context(t)
	for last := int64(-1); ; {
		at := s.end(ctx, t, id)
		if at == last {
			return
		}
		last = at
		if ctx.Err() != nil {
			t.Fatal("it goes on writing while paused")
		}
		time.Sleep(500 * time.Millisecond)
	}
}
