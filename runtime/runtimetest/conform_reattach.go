package runtimetest

import (
	"context"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// end returns the number of bytes that an allocation has logged so far.
func (s *suite) end(ctx context.Context, t *testing.T, id string) int64 {
	t.Helper()
	rs := s.records(ctx, t, id, 0, false)
	if len(rs) == 0 {
		return 0
	}
	last := rs[len(rs)-1]
	return last.Seq + int64(len(last.Data))
}

func (s *suite) testReattach(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "before", ";", "sleep", "3s", ";", "print", "after", ";", "exit", "7")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "before\n")
	started := s.status(ctx, t, spec.ID).Started
	s.eng = s.reopen()
	st := s.status(ctx, t, spec.ID)
	if st.ID != spec.ID || st.Epoch != spec.Epoch || st.Labels["lease"] != spec.Labels["lease"] || !st.Started.Equal(started) {
		t.Errorf("seen by a new client: %+v, started at %v before", st, started)
	}
	st = s.wait(ctx, t, spec.ID)
	if st.State != runtime.StateExited || st.Code != 7 {
		t.Errorf("%s with code %d, want exited with 7", st.State, st.Code)
	}
	if out, _ := s.output(ctx, t, spec.ID); out != "before\nafter\n" {
		t.Errorf("its log is %q", out)
	}
}

func (s *suite) testEndedMeanwhile(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "before", ";", "sleep", "1s", ";", "print", "after", ";", "exit", "7")
	before := time.Now()
	s.start(ctx, t, spec)
	if err := s.eng.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	time.Sleep(3 * time.Second) // the job ends while nobody looks, unless the machine is very slow
	s.eng = s.reopen()
	st := s.wait(ctx, t, spec.ID)
	if st.State != runtime.StateExited || st.Code != 7 {
		t.Errorf("%s with code %d, want exited with 7", st.State, st.Code)
	}
	checkTimes(t, st, before, time.Now())
	if st.Ran < time.Second-slack {
		t.Errorf("ran %v, and it slept a second", st.Ran)
	}
	if out, _ := s.output(ctx, t, spec.ID); out != "before\nafter\n" {
		t.Errorf("its log is %q", out)
	}
}
