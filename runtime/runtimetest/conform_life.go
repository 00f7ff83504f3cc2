package runtimetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

func (s *suite) testInfo(t *testing.T) {
	info, err := s.eng.Info(s.context(t))
	if err != nil {
		t.Fatal(err)
	}
	if info.Name == "" || info.Version == "" || info.Arch == "" || len(info.Tiers) == 0 {
		t.Errorf("Info leaves out who it is: %+v", info)
	}
	limits := []runtime.Limits{runtime.LimitsNone, runtime.LimitsWatchdog, runtime.LimitsCgroup1, runtime.LimitsCgroup2}
	if !slices.Contains(limits, info.Limits) {
		t.Errorf("limits %q", info.Limits)
	}
	if info.Capacity.MilliCPU <= 0 || info.Capacity.Memory <= 0 || info.Capacity.Disk <= 0 {
		t.Errorf("a machine without capacity: %+v", info.Capacity)
	}
}

func (s *suite) testExitCodes(t *testing.T) {
	for _, code := range []struct {
		words []string
		want  int
	}{{[]string{"exit", "0"}, 0}, {[]string{"exit", "7"}, 7}, {[]string{"exit", "137"}, 137}, {[]string{"exit", "255"}, 255}} {
		t.Run(code.words[1], func(t *testing.T) {
			ctx := s.context(t)
			before := time.Now()
			st := s.run(ctx, t, s.spec(t, "", code.words...))
			after := time.Now()
			if st.State != runtime.StateExited || st.Code != code.want || st.OOM {
				t.Errorf("ended %s with code %d (OOM %v, %s), want exited with %d", st.State, st.Code, st.OOM, st.Reason, code.want)
			}
			checkTimes(t, st, before, after)
		})
	}
}

// slack is how far apart two clocks of one machine may be: the shim's and ours.
const slack = 100 * time.Millisecond

// checkTimes checks an ended job's times against what surely was before and
// after it.
func checkTimes(t *testing.T, st runtime.Status, before, after time.Time) {
	t.Helper()
	if st.Started.Before(before.Add(-slack)) || st.Exited.Before(st.Started) || st.Exited.After(after.Add(slack)) {
		t.Errorf("started %v, exited %v; it was created after %v and had ended by %v", st.Started, st.Exited, before, after)
	}
	if st.Ran < 0 || st.Ran > st.Exited.Sub(st.Started)+slack {
		t.Errorf("ran %v within %v", st.Ran, st.Exited.Sub(st.Started))
	}
}

func (s *suite) testKilled(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "ignore")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "ready\n")
	if err := s.eng.Stop(ctx, spec.ID, 0); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	if st := s.wait(ctx, t, spec.ID); st.State != runtime.StateExited || st.Code != 137 {
		t.Errorf("killed: %s with code %d, want exited with 137", st.State, st.Code)
	}
}

func (s *suite) testCreateTwice(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "once", ";", "sleep", "1h")
	s.create(ctx, t, spec)
	if err := s.eng.Create(ctx, spec); !errors.Is(err, runtime.ErrExists) {
		t.Errorf("Create of a created id: %v, want ErrExists", err)
	}
	for range 2 {
		if err := s.eng.Start(ctx, spec.ID); err != nil {
			t.Fatalf("Start: %v", err)
		}
	}
	s.follow(ctx, t, spec.ID, "once\n")
	if err := s.eng.Create(ctx, spec); !errors.Is(err, runtime.ErrExists) {
		t.Errorf("Create of a running id: %v, want ErrExists", err)
	}
	if st := s.status(ctx, t, spec.ID); st.State != runtime.StateRunning {
		t.Errorf("the first allocation is %s after a second Create, want running", st.State)
	}
	if err := s.eng.Stop(ctx, spec.ID, 0); err != nil {
		t.Fatal(err)
	}
	if out, _ := s.output(ctx, t, spec.ID); out != "once\n" {
		t.Errorf("started twice, it printed %q", out)
	}
	if err := s.eng.Remove(ctx, spec.ID); err != nil {
		t.Fatalf("Remove: %v", err)
	}
	// The id is free again, and nothing of its former owner is left.
	spec.Epoch, spec.Args = 2, []string{"print", "again"}
	st := s.run(ctx, t, spec)
	if out, _ := s.output(ctx, t, spec.ID); st.Code != 0 || st.Epoch != 2 || out != "again\n" {
		t.Errorf("an id used again: code %d, epoch %d, printed %q", st.Code, st.Epoch, out)
	}
}

func (s *suite) testUnknown(t *testing.T) {
	ctx := s.context(t)
	const id = "never-created"
	for name, do := range map[string]func() error{
		"Start":  func() error { return s.eng.Start(ctx, id) },
		"Status": func() error { _, err := s.eng.Status(ctx, id); return err },
		"Wait":   func() error { _, err := s.eng.Wait(ctx, id); return err },
		"Pause":  func() error { return s.eng.Pause(ctx, id) },
		"Resume": func() error { return s.eng.Resume(ctx, id) },
		"Stop":   func() error { return s.eng.Stop(ctx, id, time.Second) },
		"Logs":   func() error { _, err := s.eng.Logs(ctx, id, 0, false); return err },
	} {
		if err := do(); !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("%s of an unknown id: %v, want ErrNotFound", name, err)
		}
	}
	for range 2 {
		if err := s.eng.Remove(ctx, id); err != nil {
			t.Errorf("Remove of an unknown id: %v, want nil", err)
		}
	}
}

func (s *suite) testBadSpec(t *testing.T) {
	ctx := s.context(t)
	s.send(ctx, t, s.image)
	long := make([]byte, 65)
	for i := range long {
		long[i] = 'a'
	}
	for _, id := range []string{"", "..", "a/b", "Upper", "under_score", "nul\x00", string(long)} {
		spec := s.spec(t, "", "exit", "0")
		spec.ID = id
		if err := s.eng.Create(ctx, spec); err == nil {
			t.Errorf("Create accepts the id %q", id)
		}
	}
	for name, change := range map[string]func(*runtime.Spec){
		"a relative mount": func(p *runtime.Spec) { p.Mounts = []runtime.Mount{{Host: t.TempDir(), Path: "data"}} },
		"a mount from nowhere": func(p *runtime.Spec) {
			p.Mounts = []runtime.Mount{{Host: "relative", Path: "/data"}}
		},
		"a variable without =":   func(p *runtime.Spec) { p.Env = []string{"NOTHING"} },
		"a variable with a NUL":  func(p *runtime.Spec) { p.Env = []string{"A=b\x00c"} },
		"a negative log":         func(p *runtime.Spec) { p.LogLimit = -1 },
		"a digest of no meaning": func(p *runtime.Spec) { p.Image = "latest" },
	} {
		spec := s.spec(t, "", "exit", "0")
		change(&spec)
		if err := s.eng.Create(ctx, spec); err == nil {
			t.Errorf("Create accepts %s", name)
			s.sweep(t, spec.ID)
		}
	}
}

func (s *suite) testCreated(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "exit", "0")
	s.create(ctx, t, spec)
	st := s.status(ctx, t, spec.ID)
	if st.ID != spec.ID || st.Epoch != spec.Epoch || st.State != runtime.StateCreated || st.Ran != 0 || !st.Started.IsZero() || !st.Exited.IsZero() {
		t.Errorf("created: %+v", st)
	}
	if got := st.Labels["lease"]; got != spec.Labels["lease"] {
		t.Errorf("label lease is %q, want %q", got, spec.Labels["lease"])
	}
	if err := s.eng.Pause(ctx, spec.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Pause of a created allocation: %v, want ErrState", err)
	}
	for range 2 {
		if err := s.eng.Remove(ctx, spec.ID); err != nil {
			t.Errorf("Remove of a created allocation: %v", err)
		}
	}
	if _, err := s.eng.Status(ctx, spec.ID); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("Status after Remove: %v, want ErrNotFound", err)
	}
}

func (s *suite) testEnded(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "done", ";", "exit", "3")
	st := s.run(ctx, t, spec)
	for range 2 {
		if err := s.eng.Stop(ctx, spec.ID, time.Second); err != nil {
			t.Errorf("Stop of an ended allocation: %v, want nil", err)
		}
		if again := s.wait(ctx, t, spec.ID); again.Code != 3 || again.Ran != st.Ran || !again.Exited.Equal(st.Exited) {
			t.Errorf("Wait of an ended allocation: %+v, want %+v", again, st)
		}
	}
	if err := s.eng.Start(ctx, spec.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Start of an ended allocation: %v, want ErrState", err)
	}
	if err := s.eng.Pause(ctx, spec.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Pause of an ended allocation: %v, want ErrState", err)
	}
	if err := s.eng.Resume(ctx, spec.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Resume of an ended allocation: %v, want ErrState", err)
	}
	if out, _ := s.output(ctx, t, spec.ID); out != "done\n" {
		t.Errorf("its log is %q, want it kept until Remove", out)
	}
	for range 2 {
		if err := s.eng.Remove(ctx, spec.ID); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if _, err := s.eng.Logs(ctx, spec.ID, 0, false); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("Logs after Remove: %v, want ErrNotFound", err)
	}
}

func (s *suite) testRemoveRunning(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "ready", ";", "sleep", "1h")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "ready\n")
	if err := s.eng.Remove(ctx, spec.ID); !errors.Is(err, runtime.ErrState) {
		t.Errorf("Remove of a running allocation: %v, want ErrState", err)
	}
	if st := s.status(ctx, t, spec.ID); st.State != runtime.StateRunning {
		t.Errorf("it is %s after that, want running", st.State)
	}
}

func (s *suite) testList(t *testing.T) {
	ctx := s.context(t)
	created, ended := s.spec(t, "-created", "exit", "0"), s.spec(t, "-ended", "exit", "4")
	s.create(ctx, t, created)
	s.run(ctx, t, ended)
	list, err := s.eng.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]runtime.Status)
	for _, st := range list {
		got[st.ID] = st
	}
	if len(list) != 2 || got[created.ID].State != runtime.StateCreated || got[ended.ID].State != runtime.StateExited || got[ended.ID].Code != 4 {
		t.Errorf("List: %+v", list)
	}
}

func (s *suite) testWaitIsCancelled(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "print", "ready", ";", "sleep", "1h")
	s.start(ctx, t, spec)
	s.follow(ctx, t, spec.ID, "ready\n")
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := s.eng.Wait(short, spec.ID); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait past its deadline: %v, want DeadlineExceeded", err)
	}
	if st := s.status(ctx, t, spec.ID); st.State != runtime.StateRunning {
		t.Errorf("it is %s after that, want running", st.State)
	}
}
