package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ line, command, rest string }{
		{"--root /r --log /l --log-format json create --bundle /b --pid-file /p id", "create", "--bundle /b --pid-file /p id"},
		{"--root=/r start id", "start", "id"},
		{"--systemd-cgroup --rootless=true pause start", "pause", "start"},
		{"features", "features", ""},
		{"--root", "", ""},
		{"", "", ""},
	} {
		command, rest := split(strings.Fields(c.line))
		if command != c.command || strings.Join(rest, " ") != c.rest {
			t.Errorf("%q: %q, %q", c.line, command, rest)
		}
	}
}

// bundle makes a job's configuration with annotations.
func bundle(t *testing.T, notes string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"annotations":{`+notes+`}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFlags(t *testing.T) {
	job := t.TempDir()
	b := bundle(t, `"cloud.etal.disk":"4096","other":"x"`)
	got := flags("create", []string{"--bundle", b, "id"}, job)
	if !slices.Contains(got, "--overlay2=root:dir="+filepath.Join(job, "scratch")+",size=4096") || !slices.Contains(got, "--network=none") {
		t.Errorf("%q", got)
	}
	if got := flags("create", []string{"--bundle", bundle(t, ""), "id"}, job); !slices.Contains(got, "--overlay2=root:dir="+filepath.Join(job, "scratch")) {
		t.Errorf("%q", got)
	}
	if got := flags("kill", []string{"id", "9"}, job); slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, "dir=") }) {
		t.Errorf("%q", got)
	}
}

func TestWithLimits(t *testing.T) {
	b := bundle(t, `"cloud.etal.memory":"1000","cloud.etal.cpus":"3"`)
	for _, c := range []struct{ in, want string }{
		{"runsc-sandbox --root /r boot --bundle=" + b + " --total-memory 5000 id", "runsc-sandbox --root /r boot --cpu-num 3 --bundle=" + b + " --total-memory 1000 id"},
		{"runsc-sandbox boot --bundle=" + b + " --total-memory 500 id", "runsc-sandbox boot --cpu-num 3 --bundle=" + b + " --total-memory 500 id"},
		{"runsc-sandbox boot --cpu-num 3 --bundle=" + b + " --total-memory 1000 id", "runsc-sandbox boot --cpu-num 3 --bundle=" + b + " --total-memory 1000 id"},
		{"runsc-sandbox boot --bundle=/nowhere --total-memory 5000 id", "runsc-sandbox boot --bundle=/nowhere --total-memory 5000 id"},
		{"runsc-gofer gofer --bundle=" + b, "runsc-gofer gofer --bundle=" + b},
		{"runsc kill boot 9", "runsc kill boot 9"},
		{"runsc", "runsc"},
	} {
		if got := strings.Join(withLimits(strings.Fields(c.in)), " "); got != c.want {
			t.Errorf("%q becomes\n%q, want\n%q", c.in, got, c.want)
		}
	}
}

func TestAnnotations(t *testing.T) {
	for notes, want := range map[string]int{
		`"cloud.etal.memory":"5"`: 1, `"cloud.etal.memory":"-5"`: 0, `"cloud.etal.memory":"5 "`: 0, `"other":"5"`: 0, `broken`: 0,
	} {
		if got := annotations(bundle(t, notes)); len(got) != want {
			t.Errorf("%s: %v", notes, got)
		}
	}
}

func TestNote(t *testing.T) {
	job := t.TempDir()
	for _, ev := range []string{"starting", "start"} {
		if err := noteAt(job, ev, at); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(job, "times"))
	if err != nil || string(raw) != "starting 1700000000000000005\nstart 1700000000000000005\n" {
		t.Errorf("%q, %v", raw, err)
	}
	if err := note(filepath.Join(job, "gone"), "start"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a job without a folder: %v", err)
	}
}

func TestAfter(t *testing.T) {
	done := 0
	count := func() error { done++; return nil }
	for _, c := range []struct {
		script     string
		code, done int
	}{{"exit 0", 0, 1}, {"exit 128", 128, 1}, {"kill -9 $$", 1, 1}} {
		if code := after([]string{"/bin/sh", "-c", c.script}, count); code != c.code || done != c.done {
			t.Errorf("%s: code %d, done %d times", c.script, code, done)
		}
	}
	if code := after([]string{"/no/such/program"}, count); code == 0 || done != 1 {
		t.Errorf("a program that is not there: code %d, done %d times", code, done)
	}
}
