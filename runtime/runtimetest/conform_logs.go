package runtimetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime/runtimetest/job"
)

func (s *suite) testStreams(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "to stdout", ";", "warn", "to stderr", ";", "print", "more", ";", "exit", "7")
	if st := s.run(ctx, t, spec); st.Code != 7 {
		t.Errorf("code %d, want 7", st.Code)
	}
	out, errs := s.output(ctx, t, spec.ID)
	if out != "to stdout\nmore\n" || errs != "to stderr\n" {
		t.Errorf("stdout %q, stderr %q", out, errs)
	}
	// Without follow an ended log is just as complete.
	var n int
	for _, r := range s.records(ctx, t, spec.ID, 0, false) {
		n += len(r.Data)
	}
	if n != len(out)+len(errs) {
		t.Errorf("%d bytes without follow, want %d", n, len(out)+len(errs))
	}
}

func (s *suite) testLogResume(t *testing.T) {
	ctx := s.context(t)
	const size = 100_000
	spec := s.spec(t, "", "flood", "100000")
	if st := s.run(ctx, t, spec); st.Code != 0 {
		t.Fatalf("code %d", st.Code)
	}
	for _, seq := range []int64{0, 1, 4097, size - 1, size, size + 1000} {
		var b []byte
		for _, r := range s.records(ctx, t, spec.ID, seq, true) {
			if r.Dropped != 0 {
				t.Errorf("from %d: %d bytes dropped", seq, r.Dropped)
			}
			b = append(b, r.Data...)
		}
		if want := job.Pattern(seq, int(max(0, size-seq))); !bytes.Equal(b, want) {
			t.Errorf("from %d: %d bytes, want %d", seq, len(b), len(want))
		}
	}
	if _, err := s.eng.Logs(ctx, spec.ID, -1, false); err == nil {
		t.Error("Logs accepts a negative seq")
	}
}

func (s *suite) testLogFollow(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "ready", ";", "sleep", "1h")
	s.start(ctx, t, spec)
	r, err := s.eng.Logs(ctx, spec.ID, 0, true)
	if err != nil {
		t.Fatalf("Logs: %v", err)
	}
	rec, err := r.Next(ctx)
	if err != nil || string(rec.Data) != "ready\n" {
		t.Fatalf("first record: %q, %v", rec.Data, err)
	}
	// A reader that has nothing to read waits, and ends when asked to.
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if rec, err := r.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next with nothing to read: %q, %v, want DeadlineExceeded", rec.Data, err)
	}
	// Without follow the end of what there is is the end.
	if rs := s.records(ctx, t, spec.ID, 6, false); len(rs) != 0 {
		t.Errorf("read past the end without follow: %v", rs)
	}
	// The end of the job ends the log.
	if err := s.eng.Stop(ctx, spec.ID, 0); err != nil {
		t.Fatal(err)
	}
	if rec, err := r.Next(ctx); err != io.EOF {
		t.Errorf("Next after the job's end: %q, %v, want EOF", rec.Data, err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func (s *suite) testLogBounded(t *testing.T) {
	ctx := s.context(t)
	const size, limit = 4 << 20, 256 << 10
	spec := s.spec(t, "", "flood", "4194304", ";", "exit", "7")
	spec.LogLimit = limit
	if st := s.run(ctx, t, spec); st.Code != 7 {
		t.Fatalf("code %d, want 7: a full log must not disturb the job", st.Code)
	}
	var kept, dropped int64
	for _, r := range s.records(ctx, t, spec.ID, 0, true) {
		kept += int64(len(r.Data))
		dropped += r.Dropped
		if !bytes.Equal(r.Data, job.Pattern(r.Seq, len(r.Data))) {
			t.Fatalf("the record at %d does not hold what was written there", r.Seq)
		}
	}
	if kept > limit || kept < limit/4 || kept+dropped != size {
		t.Errorf("kept %d and dropped %d of %d bytes, under a limit of %d", kept, dropped, size, limit)
	}
	// A reader that asks for the last bytes gets them without a gap.
	rs := s.records(ctx, t, spec.ID, size-1000, false)
	if len(rs) == 0 || rs[0].Dropped != 0 || rs[0].Seq != size-1000 {
		t.Errorf("the last bytes are not there: %d records", len(rs))
	}
}
