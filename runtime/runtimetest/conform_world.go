package runtimetest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/runtime"
)

func (s *suite) testCommandAndArgs(t *testing.T) {
	ctx := s.context(t)
	entry := s.image.Config().Entrypoint
	words := []string{"args", "two words", "", `"quoted"`, "$HOME", "*", "ünï"}
	const want = "two words\n\n\"quoted\"\n$HOME\n*\nünï\n"

	byArgs := s.spec(t, "-args", words...)
	s.run(ctx, t, byArgs)
	if out, _ := s.output(ctx, t, byArgs.ID); out != want {
		t.Errorf("with Args: %q, want %q", out, want)
	}
	byCommand := s.spec(t, "-command", "ignored")
	byCommand.Command = append(slices.Clone(entry), words...)
	s.run(ctx, t, byCommand)
	if out, _ := s.output(ctx, t, byCommand.ID); out != want {
		t.Errorf("with Command: %q, want %q", out, want)
	}
}

// testNoSuchCommand checks that a command that is not in the image is an error
// of Create or Start, or an exit with 126 or 127 as a shell's would be; never a
// job that counts as running.
func (s *suite) testNoSuchCommand(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "")
	spec.Command = []string{"/no/such/program"}
	s.send(ctx, t, s.image)
	if err := s.eng.Create(ctx, spec); err != nil {
		return
	}
	if err := s.eng.Start(ctx, spec.ID); err != nil {
		if st := s.status(ctx, t, spec.ID); st.State == runtime.StateRunning || st.Ran != 0 {
			t.Errorf("it never started, and is %s and ran %v", st.State, st.Ran)
		}
		return
	}
	if st := s.wait(ctx, t, spec.ID); st.Code != 126 && st.Code != 127 {
		t.Errorf("code %d, want 126 or 127", st.Code)
	}
}

func (s *suite) testEnvironment(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "env")
	spec.Env = []string{"GREETING=hello, world", "EMPTY=", "EQUALS=a=b"}
	s.run(ctx, t, spec)
	out, _ := s.output(ctx, t, spec.ID)
	got := strings.Split(out, "\n")
	for _, want := range append(slices.Clone(spec.Env), s.image.Config().Env...) {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in the environment: %q", want, got)
		}
	}
	// A variable of the spec wins over the image's, and is there once.
	over := s.spec(t, "-over", "env")
	over.Env = []string{"PATH=/elsewhere"}
	s.run(ctx, t, over)
	out, _ = s.output(ctx, t, over.ID)
	if !slices.Contains(strings.Split(out, "\n"), "PATH=/elsewhere") || strings.Count("\n"+out, "\nPATH=") != 1 {
		t.Errorf("PATH of the spec does not replace the image's: %q", out)
	}
	// Nothing of the host's environment is there.
	if strings.Contains(out, "ETAL_CONFORMANCE_SECRET") {
		t.Error("the host's environment is visible")
	}
}

func (s *suite) testWorkDir(t *testing.T) {
	ctx := s.context(t)
	for dir, want := range map[string]string{"": "/\n", "/tmp": "/tmp\n"} {
		spec := s.spec(t, strings.ReplaceAll(dir, "/", "-"), "pwd")
		spec.WorkDir = dir
		s.run(ctx, t, spec)
		if out, _ := s.output(ctx, t, spec.ID); out != want {
			t.Errorf("WorkDir %q: the job is in %q, want %q", dir, out, want)
		}
	}
}

func (s *suite) testMounts(t *testing.T) {
	ctx := s.context(t)
	in, out := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(in, "scene"), []byte("a sphere\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	spec := s.spec(t, "", "cat", "/in/scene", ";", "write", "/data/out/tile", "pixels", ";", "ls", "/in", ";", "write", "/in/scene", "broken")
	spec.Mounts = []runtime.Mount{{Host: in, Path: "/in", ReadOnly: true}, {Host: out, Path: "/data/out"}}
	st := s.run(ctx, t, spec)
	stdout, stderr := s.output(ctx, t, spec.ID)
	if st.Code != 1 || stdout != "a sphere\nscene\n" || stderr == "" {
		t.Errorf("code %d, stdout %q, stderr %q; want the write to the read-only mount, and only it, to fail", st.Code, stdout, stderr)
	}
	if b, err := os.ReadFile(filepath.Join(out, "tile")); err != nil || string(b) != "pixels" {
		t.Errorf("what the job wrote: %q, %v", b, err)
	}
	if b, err := os.ReadFile(filepath.Join(in, "scene")); err != nil || string(b) != "a sphere\n" {
		t.Errorf("the read-only file is now %q, %v", b, err)
	}
	// What was given to a job outlives it.
	if err := s.eng.Remove(ctx, spec.ID); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(out, "tile")); err != nil || string(b) != "pixels" {
		t.Errorf("after Remove the job's output is %q, %v", b, err)
	}
}

func (s *suite) testScratch(t *testing.T) {
	ctx := s.context(t)
	spec := s.spec(t, "", "write", "/tmp/note", "mine", ";", "cat", "/tmp/note")
	if st := s.run(ctx, t, spec); st.Code != 0 {
		_, stderr := s.output(ctx, t, spec.ID)
		t.Fatalf("code %d: %s", st.Code, stderr)
	}
	if out, _ := s.output(ctx, t, spec.ID); out != "mine" {
		t.Errorf("read back %q", out)
	}
}

// testApart runs two jobs of one image at once. Neither sees the other's
// processes nor files, nor a file of the host.
func (s *suite) testApart(t *testing.T) {
	ctx := s.context(t)
	host := filepath.Join(t.TempDir(), "host-secret")
	if err := os.WriteFile(host, []byte("belongs to the host"), 0o644); err != nil {
		t.Fatal(err)
	}
	first := s.spec(t, "-first", "write", "/tmp/private-of-first", "x", ";", "print", "ready", ";", "sleep", "1h")
	s.start(ctx, t, first)
	s.follow(ctx, t, first.ID, "ready\n")
	second := s.spec(t, "-second", "ps", ";", "ls", "/tmp", ";", "cat", host)
	if st := s.run(ctx, t, second); st.Code != 1 {
		t.Errorf("code %d, want 1: it must not find a file of the host", st.Code)
	}
	out, _ := s.output(ctx, t, second.ID)
	if strings.Contains(out, "private-of-first") || strings.Contains(out, "belongs to the host") {
		t.Errorf("it sees another job, or the host: %q", out)
	}
	if !strings.Contains(out, "ps ; ls /tmp") {
		t.Errorf("it does not see itself: %q", out)
	}
	if st := s.status(ctx, t, first.ID); st.State != runtime.StateRunning {
		t.Errorf("the first job is %s, want running beside the second", st.State)
	}
}
