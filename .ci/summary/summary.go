package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// module is cut off from what is shown: all packages are of it.
const module = "github.com/etal-cloud/etal/"

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build's output
	Test        string
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string
}

// test is a test's name in its package.
type test struct{ pkg, name string }

func (t test) String() string { return path.Base(t.pkg) + "." + t.name }

// Summary collects what tests said.
type Summary struct {
	out, log io.Writer

	output  map[test][]string   // of tests that have not ended; name "" is the package itself
	built   map[string][]string // what building a package said
	passed  int
	packs   int
	skipped []skip
	failed  []string
}

type skip struct {
	test test
	why  string
}

// NewSummary returns an empty summary that tells a person on out, and writes all
// that the tests wrote to log.
func NewSummary(out, log io.Writer) *Summary {
	return &Summary{out: out, log: log, output: map[test][]string{}, built: map[string][]string{}}
}

// Read takes in events until r ends. A line that is no event is a message of the
// go tool itself and is shown as it is.
func (s *Summary) Read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			s.line(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *Summary) line(line string) {
	var e event
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil {
		fmt.Fprint(s.log, line)
		fmt.Fprint(s.out, line)
		return
	}
	s.take(e)
}

func (s *Summary) take(e event) {
	t := test{e.Package, e.Test}
	switch e.Action {
	case "output":
		fmt.Fprint(s.log, e.Output)
		s.output[t] = append(s.output[t], e.Output)
	case "build-output":
		fmt.Fprint(s.log, e.Output)
		s.built[e.ImportPath] = append(s.built[e.ImportPath], e.Output)
	case "pass", "skip", "fail":
		if e.Test == "" {
			s.endPackage(e)
		} else {
			s.endTest(e.Action, t)
		}
		delete(s.output, t)
	}
}

func (s *Summary) endTest(action string, t test) {
	switch action {
	case "pass":
		s.passed++
		s.skipped = append(s.skipped, nested(t, s.output[t])...)
	case "skip":
		s.skipped = append(s.skipped, skip{t, reason(s.output[t])})
	case "fail":
		s.failed = append(s.failed, t.String())
		s.show(s.output[t])
	}
}

// endPackage shows a package's line. What the package wrote outside of its tests
// is shown where it failed: a panic and its trace, a race, a goroutine leak. What
// tests wrote that never ended is shown too.
func (s *Summary) endPackage(e event) {
	name := strings.TrimPrefix(e.Package, module)
	switch e.Action {
	case "pass":
		s.packs++
		fmt.Fprintf(s.out, "ok    %-34s %6.1f s\n", name, e.Elapsed)
		return
	case "skip": // it has no tests
		return
	}
	s.packs++
	s.failed = append(s.failed, name)
	for t, lines := range s.output {
		if t.pkg == e.Package && t.name != "" {
			s.show(lines)
		}
	}
	s.show(s.output[test{pkg: e.Package}])
	s.show(s.built[e.FailedBuild])
	fmt.Fprintf(s.out, "FAIL  %-34s %6.1f s\n", name, e.Elapsed)
}

// most is how many lines of one failure are shown; the log has all.
const most = 200

func (s *Summary) show(lines []string) {
	if cut := len(lines) - most; cut > 0 {
		fmt.Fprintf(s.out, "      … %d lines more in the log\n", cut)
		lines = lines[cut:]
	}
	for _, l := range lines {
		fmt.Fprint(s.out, "      ", l)
	}
}

// reason is what a test said when it skipped itself: the last of its lines that
// is not the testing package's own.
func reason(lines []string) string {
	why := "no reason given"
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "=== ") || strings.Contains(l, "--- SKIP: ") {
			continue
		}
		if _, text, ok := strings.Cut(l, ".go:"); ok {
			if _, text, ok = strings.Cut(text, ": "); ok {
				l = text
			}
		}
		why = l
	}
	return why
}

// nested returns what was skipped by a test binary that a test ran again, as
// another user for example, and whose output it repeats.
func nested(t test, lines []string) (all []skip) {
	for i, l := range lines {
		_, name, ok := strings.Cut(l, "--- SKIP: ")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, " ")
		all = append(all, skip{test{t.pkg, t.name + "/" + strings.TrimSpace(name)}, reason(lines[max(i-1, 0) : i+1])})
	}
	return all
}

// Finish tells the count and the skips. It returns an error when a test failed,
// when nothing was tested, and, with strict, when a skip is not allowed.
func (s *Summary) Finish(allowed Skips, strict bool) error {
	slices.SortFunc(s.skipped, func(a, b skip) int { return strings.Compare(a.test.String(), b.test.String()) })
	fmt.Fprintf(s.out, "\n%d packages, %d tests passed, %d failed, %d skipped\n", s.packs, s.passed, len(s.failed), len(s.skipped))
	var wrong []string
	for _, k := range s.skipped {
		fmt.Fprintf(s.out, "skip  %s: %s\n", k.test, k.why)
		if why, ok := allowed[k.test.String()]; ok {
			fmt.Fprintf(s.out, "      in order: %s\n", why)
		} else if strict {
			wrong = append(wrong, k.test.String())
		}
	}
	for _, f := range s.failed {
		fmt.Fprintf(s.out, "FAIL  %s\n", f)
	}
	switch {
	case len(s.failed) > 0:
		return fmt.Errorf("%d failed", len(s.failed))
	case s.packs == 0:
		return errors.New("nothing was tested")
	case len(wrong) > 0:
		return fmt.Errorf("skipped where it must run: %s", strings.Join(wrong, ", "))
	}
	return nil
}
