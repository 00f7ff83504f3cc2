package main_test

import (
	"strings"
	"testing"

	main "github.com/etal-cloud/etal/.ci/summary"
)

const house = `"Package":"github.com/etal-cloud/etal/market"`

// told returns what a person sees of events, and the outcome.
func told(t *testing.T, events []string, allowed string, strict bool) (string, error) {
	t.Helper()
	var out, log strings.Builder
	s := main.NewSummary(&out, &log)
	if err := s.Read(strings.NewReader(strings.Join(events, "\n"))); err != nil {
		t.Fatal(err)
	}
	skips, err := main.ParseSkips(strings.NewReader(allowed))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Finish(skips, strict)
	return out.String(), err
}

var skipping = []string{
	`{"Action":"run",` + house + `,"Test":"TestRoot"}`,
	`{"Action":"output",` + house + `,"Test":"TestRoot","Output":"=== RUN   TestRoot\n"}`,
	`{"Action":"output",` + house + `,"Test":"TestRoot","Output":"    a_test.go:12: only root can\n"}`,
	`{"Action":"output",` + house + `,"Test":"TestRoot","Output":"--- SKIP: TestRoot (0.00s)\n"}`,
	`{"Action":"skip",` + house + `,"Test":"TestRoot","Elapsed":0}`,
	`{"Action":"pass",` + house + `,"Test":"TestOther","Elapsed":0}`,
	`{"Action":"pass",` + house + `,"Elapsed":1.25}`,
}

func TestSkips(t *testing.T) {
	for name, c := range map[string]struct {
		allowed string
		strict  bool
		want    []string
		fails   string
	}{
		"told":      {want: []string{"1 packages, 1 tests passed, 0 failed, 1 skipped", "skip  market.TestRoot: only root can", "ok    market"}},
		"in order":  {allowed: "# why\nmarket.TestRoot  needs two users\n", strict: true, want: []string{"in order: needs two users"}},
		"not so":    {allowed: "market.TestOther  for another reason\n", strict: true, fails: "market.TestRoot"},
		"unmatched": {strict: true, fails: "skipped where it must run"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := told(t, skipping, c.allowed, c.strict)
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is not in:\n%s", w, got)
				}
			}
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("ended with %v, want %q", err, c.fails)
			}
		})
	}
}

// A test that runs its own binary once more repeats what that one skipped.
func TestNestedSkips(t *testing.T) {
	got, err := told(t, []string{
		`{"Action":"output",` + house + `,"Test":"TestAsUser","Output":"    a_test.go:5: as uid 7:\n"}`,
		`{"Action":"output",` + house + `,"Test":"TestAsUser","Output":"            b_test.go:66: no engine here\n"}`,
		`{"Action":"output",` + house + `,"Test":"TestAsUser","Output":"        --- SKIP: TestEngine (0.01s)\n"}`,
		`{"Action":"pass",` + house + `,"Test":"TestAsUser"}`,
		`{"Action":"pass",` + house + `}`,
	}, "", true)
	if want := "skip  market.TestAsUser/TestEngine: no engine here"; err == nil || !strings.Contains(got, want) {
		t.Errorf("ended with %v; %q is not in:\n%s", err, want, got)
	}
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		events []string
		want   string
	}{
		"a test": {[]string{
			`{"Action":"output",` + house + `,"Test":"TestSum","Output":"    a_test.go:3: one too many\n"}`,
			`{"Action":"fail",` + house + `,"Test":"TestSum"}`,
			`{"Action":"fail",` + house + `,"Elapsed":1}`,
		}, "one too many"},
		"a panic in a test that never ended": {[]string{
			`{"Action":"output",` + house + `,"Test":"TestSum","Output":"panic: oh no\n"}`,
			`{"Action":"fail",` + house + `,"Elapsed":1}`,
		}, "panic: oh no"},
		"the package": {[]string{
			`{"Action":"output",` + house + `,"Output":"goleak: a goroutine is left\n"}`,
			`{"Action":"fail",` + house + `,"Elapsed":1}`,
		}, "goleak"},
		"a build": {[]string{
			`{"Action":"build-output","ImportPath":"market","Output":"a.go:1: undefined: Lease\n"}`,
			`{"Action":"build-fail","ImportPath":"market"}`,
			`{"Action":"fail",` + house + `,"FailedBuild":"market"}`,
		}, "undefined: Lease"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := told(t, c.events, "", false)
			if err == nil {
				t.Error("a failure ended well")
			}
			if !strings.Contains(got, c.want) || !strings.Contains(got, "FAIL  market") {
				t.Errorf("%q is not in:\n%s", c.want, got)
			}
		})
	}
}

// Nothing tested is no success: a filter that matches nothing, a tool that died.
func TestNothing(t *testing.T) {
	if got, err := told(t, []string{"go: no such tool"}, "", false); err == nil || !strings.Contains(got, "no such tool") {
		t.Errorf("ended with %v and\n%s", err, got)
	}
}

func TestSkipsNeedReasons(t *testing.T) {
	if _, err := main.ParseSkips(strings.NewReader("market.TestRoot\n")); err == nil {
		t.Error("a skip without a reason was accepted")
	}
}
