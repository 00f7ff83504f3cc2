package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
)

func exited(code int) node.JobView {
	return node.JobView{
		Name: "calm-otter", State: market.AllocExited, Phase: "done", Provider: "fr-2", Exit: &code, ExitBy: "job", Code: code,
		DeliveredMS: 12_000, Paid: amount("0.003"), Returned: amount("0.497"),
	}
}

func amount(s string) market.Amount {
	a, err := market.ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

func TestRunTellsWhatItCostsAndCost(t *testing.T) {
	b := newBench(t)
	b.d.end = exited(0)
	b.d.logs = []runtime.LogRecord{
		{Stream: runtime.Stdout, Data: []byte("out\n")},
		{Stream: runtime.Stderr, Data: []byte("err\n"), Dropped: 3 << 20},
	}
	code, out, talk := b.run("run", "busybox", "--", "echo")
	if code != 0 || out != "out\n" {
		t.Errorf("code %d, output %q", code, out)
	}
	want := `costs ≤ 1 test$ until 11:00, 42 test$ left today
err
etal: 3 MiB of output are missing above: a log keeps its latest part only (` + "`etal help logs`" + `)
ran 12 s on fr-2 · paid 0.003 test$ · 0.497 came back · next: etal bill
`
	if talk != want {
		t.Errorf("talk:\n%s\nwant:\n%s", talk, want)
	}
}

func TestRunPassesTheJobsCode(t *testing.T) {
	b := newBench(t)
	for _, code := range []int{1, 7, 120, 137} {
		b.d.end = exited(code)
		if got, _, talk := b.run("run", "x"); got != code || !strings.Contains(talk, fmt.Sprintf("exit %d", code)) {
			t.Errorf("run ended with %d, want %d: %s", got, code, talk)
		}
		b.d.jobs = []node.JobView{b.d.end}
		if got, _, _ := b.run("wait", "calm"); got != code {
			t.Errorf("wait ended with %d, want %d", got, code)
		}
	}
	b.d.end = node.JobView{Phase: "done", ExitBy: "etal", Code: 124, Reason: "time is up after 10 min", Provider: "fr-2"}
	if got, _, talk := b.run("run", "x"); got != 124 || !strings.HasSuffix(talk, "time is up after 10 min · ran 0 s on fr-2 · paid 0 test$ · next: etal bill\n") {
		t.Errorf("code %d: %s", got, talk)
	}
}

func TestEtalsOwnOutcomes(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		err               error
		codeRun, codeElse int
	}{
		{node.ErrNoOffer, 120, 120},
		{node.ErrLimit, 121, 121},
		{node.ErrNoNetwork, 122, 122},
		{node.ErrProviderLost, 123, 123},
		{node.ErrTime, 124, 124},
		{node.ErrBadRequest, 125, 2},
		{node.ErrNotFound, 125, 1},
		{node.ErrConflict, 125, 1},
		{errors.New("the disk is full"), 125, 1},
	} {
		b.d.err = fmt.Errorf("%w: because", c.err)
		code, out, talk := b.run("run", "x")
		if code != c.codeRun || out != "" || !strings.Contains(talk, "because") {
			t.Errorf("run, %v: code %d, want %d: %s", c.err, code, c.codeRun, talk)
		}
		if code, _, _ := b.run("quote", "x"); code != c.codeElse {
			t.Errorf("quote, %v: code %d, want %d", c.err, code, c.codeElse)
		}
	}
	b.d.err, b.d.quote = nil, node.Quote{Explain: "12 offers, none fits"}
	if code, _, talk := b.run("run", "x"); code != 120 || !strings.Contains(talk, "12 offers") {
		t.Errorf("no offer: code %d: %s", code, talk)
	}
}

func TestFlagsBecomeTheJob(t *testing.T) {
	b := newBench(t)
	b.d.end = exited(0)
	request := market.Request{Resources: market.Resources{MilliCPU: 1000, Memory: 512 << 20, Disk: 1 << 30}, Term: time.Hour}
	for _, c := range []struct {
		args []string
		want market.Job
	}{
		{[]string{"x"}, market.Job{}},
		{[]string{"x", "ls", "-l"}, market.Job{Args: []string{"ls", "-l"}}},
		{[]string{"x", "--", "ls", "--", "-l"}, market.Job{Args: []string{"ls", "--", "-l"}}},
		{[]string{"--", "x", "ls"}, market.Job{Args: []string{"ls"}}},
		{[]string{"-w", "/w", "x", "--name", "n", "ls", "--name", "m"}, market.Job{WorkDir: "/w", Name: "n", Args: []string{"ls", "--name", "m"}}},
		{[]string{"x", "--name", "n", "--", "--name", "m"}, market.Job{Name: "n", Args: []string{"--name", "m"}}},
		{[]string{"--entrypoint", "sh", "x", "-e", "A=b", "-e", "MINE", "-e", "EMPTY=", "a"}, market.Job{Command: []string{"sh", "a"}, Env: []string{"A=b", "MINE=yes", "EMPTY="}}},
		{
			[]string{"--cpus", "0.5", "-m", "1g", "--disk", "2g", "--for", "1d2h", "--max", "0.5/min", "--budget", "3", "--on", "region=fr,de provider=fr-1 arch=arm64", "x"},
			market.Job{Request: market.Request{
				Resources: market.Resources{MilliCPU: 500, Memory: 1 << 30, Disk: 2 << 30}, Term: 26 * time.Hour,
				MaxPerHour: market.Units(30), Budget: market.Units(3), Regions: []string{"fr", "de"}, Providers: []string{"fr-1"}, Arch: "arm64",
			}},
		},
	} {
		c.want.Image = "x"
		if c.want.Request.Term == 0 {
			c.want.Request = request
		}
		if code, _, talk := b.run(append([]string{"run"}, c.args...)...); code != 0 {
			t.Errorf("%q: code %d: %s", c.args, code, talk)
		}
		if !reflect.DeepEqual(b.d.job, c.want) {
			t.Errorf("%q became\n%+v, want\n%+v", c.args, b.d.job, c.want)
		}
	}
}

func TestDetached(t *testing.T) {
	b := newBench(t)
	code, out, talk := b.run("run", "-d", "--rm", "x")
	if code != 0 || out != "calm-otter\n" || !strings.Contains(talk, "--prepay 1h") || !b.d.options.Remove {
		t.Errorf("code %d, output %q, options %+v: %s", code, out, b.d.options, talk)
	}
	code, _, talk = b.run("run", "-d", "--prepay", "30m", "x")
	if code != 0 || b.d.options.Prepay != 30*time.Minute || !strings.Contains(talk, "30 min ahead") {
		t.Errorf("code %d, options %+v: %s", code, b.d.options, talk)
	}
	b.d.end = exited(0)
	if code, _, _ := b.run("run", "--rm", "x"); code != 0 || len(b.d.removed) != 1 || b.d.options.Remove {
		t.Errorf("code %d, removed %q", code, b.d.removed)
	}
}

func TestRunAsJSON(t *testing.T) {
	b := newBench(t)
	b.d.end = exited(7)
	code, out, _ := b.run("run", "-o", "json", "x")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 7 || got["exit_by"] != "job" || got["exit"] != 7.0 {
		t.Errorf("code %d, %v: %s", code, err, out)
	}
}

// A log that breaks off does not change how the job ended.
func TestLogBreaksOff(t *testing.T) {
	b := newBench(t)
	b.d.end = exited(0)
	b.d.logsErr = errors.New("the stream is gone")
	if code, _, talk := b.run("run", "x"); code != 0 || !strings.Contains(talk, "the end of the log did not come: the stream is gone") {
		t.Errorf("code %d: %s", code, talk)
	}
}

// An output that does not come is a failure, unless the job has one of its own.
func TestOutputDoesNotCome(t *testing.T) {
	b := newBench(t)
	b.d.end = exited(0)
	if code, _, talk := b.run("run", "--out", "/o:"+t.TempDir(), "x"); code != 125 || !strings.Contains(talk, "no output in this test") {
		t.Errorf("code %d: %s", code, talk)
	}
	b.d.end = exited(7)
	if code, _, talk := b.run("run", "--out", "/o:"+t.TempDir(), "x"); code != 7 || !strings.Contains(talk, "no output in this test") {
		t.Errorf("code %d: %s", code, talk)
	}
}

func TestNamesCanBeShort(t *testing.T) {
	b := newBench(t)
	b.d.jobs = []node.JobView{{Name: "calm-otter"}, {Name: "calm-fig"}, {Name: "calm"}}
	for name, want := range map[string]int{"calm": 0, "calm-o": 0, "calm-": 2, "x": 1, "": 1} {
		if code, _, talk := b.run("rm", name); code != want {
			t.Errorf("%q: code %d, want %d: %s", name, code, want, talk)
		}
	}
	if !reflect.DeepEqual(b.d.removed, []string{"calm", "calm-otter"}) && !reflect.DeepEqual(b.d.removed, []string{"calm-otter", "calm"}) {
		t.Errorf("removed %q", b.d.removed)
	}
}
