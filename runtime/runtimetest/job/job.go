package job

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Process is the world of a job. Every field must be set.
type Process struct {
	Args    []string // words after the program's name
	Env     []string
	WorkDir string
	Stdout  io.Writer
	Stderr  io.Writer
	// Term is closed or receives when the job is asked to end with SIGTERM.
	Term <-chan struct{}
	// Sleep returns true once the job has run for d, and false at once when
	// SIGTERM arrives while wake is set, or when the job is killed.
	Sleep func(d time.Duration, wake bool) bool
	// Files is the job's own view of its file system.
	Files Files
	// Processes returns the command line of every process that the job sees.
	Processes func() ([]string, error)
}

// Files is a file system with absolute names.
type Files interface {
	ReadFile(name string) ([]byte, error)
	WriteFile(name string, data []byte) error
	ReadDir(name string) ([]fs.DirEntry, error)
}

// Codes with which commands end that could not do what was asked.
const (
	CodeFailed = 1 // the command failed; stderr says why
	CodeUsage  = 2 // no such command, or wrong words after it
)

// Run runs the commands in p.Args and returns the exit code.
func Run(p Process) int {
	args := p.Args
	for {
		command, rest, more := args, []string(nil), false
		if n := slices.Index(args, ";"); n >= 0 {
			command, rest, more = args[:n], args[n+1:], true
		}
		if code := run(p, command); code != 0 || !more {
			return code
		}
		args = rest
	}
}

// run runs one command.
func run(p Process, words []string) int {
	if len(words) == 0 {
		fmt.Fprintln(p.Stderr, "no command")
		return CodeUsage
	}
	arg := func(n int) string {
		if n < len(words) {
			return words[n]
		}
		return ""
	}
	fail := func(err error) int {
		if err != nil {
			fmt.Fprintln(p.Stderr, err)
			return CodeFailed
		}
		return 0
	}
	switch words[0] {
	case "exit": // exit N
		n, err := strconv.Atoi(arg(1))
		if err != nil {
			return CodeUsage
		}
		return n
	case "print": // print TEXT: to stdout
		fmt.Fprintln(p.Stdout, arg(1))
	case "warn": // warn TEXT: to stderr
		fmt.Fprintln(p.Stderr, arg(1))
	case "args": // args …: each on a line
		for _, a := range words[1:] {
			fmt.Fprintln(p.Stdout, a)
		}
	case "env": // the environment, sorted
		env := slices.Clone(p.Env)
		sort.Strings(env)
		for _, e := range env {
			fmt.Fprintln(p.Stdout, e)
		}
	case "pwd":
		fmt.Fprintln(p.Stdout, p.WorkDir)
	case "ps": // every process that the job sees
		ps, err := p.Processes()
		for _, c := range ps {
			fmt.Fprintln(p.Stdout, c)
		}
		return fail(err)
	case "cat": // cat FILE
		b, err := p.Files.ReadFile(arg(1))
		if err == nil {
			_, err = p.Stdout.Write(b)
		}
		return fail(err)
	case "write": // write FILE TEXT
		return fail(p.Files.WriteFile(arg(1), []byte(arg(2))))
	case "ls": // ls FOLDER: names, sorted
		es, err := p.Files.ReadDir(arg(1))
		for _, e := range es {
			fmt.Fprintln(p.Stdout, e.Name())
		}
		return fail(err)
	case "sleep": // sleep DURATION; ends with 143 on SIGTERM, as a program without a handler does
		d, err := time.ParseDuration(arg(1))
		if err != nil {
			return CodeUsage
		}
		if !p.Sleep(d, true) {
			return 128 + 15
		}
	case "tick": // tick DURATION COUNT: a line with a number, COUNT times
		d, err := time.ParseDuration(arg(1))
		n, err2 := strconv.Atoi(arg(2))
		if err != nil || err2 != nil {
			return CodeUsage
		}
		for k := range n {
			fmt.Fprintf(p.Stdout, "tick %d\n", k)
			if !p.Sleep(d, true) {
				return 128 + 15
			}
		}
	case "trap": // trap CODE: says ready, waits for SIGTERM, says so, ends with CODE
		n, err := strconv.Atoi(arg(1))
		if err != nil {
			return CodeUsage
		}
		fmt.Fprintln(p.Stdout, "ready")
		<-p.Term
		fmt.Fprintln(p.Stdout, "terminated")
		return n
	case "ignore": // ignore: says ready, then sleeps through SIGTERM
		fmt.Fprintln(p.Stdout, "ready")
		for p.Sleep(time.Hour, false) {
			continue
		}
		return 128 + 9
	case "flood": // flood BYTES: a pattern that tells every offset
		n, err := strconv.ParseInt(arg(1), 10, 64)
		if err != nil {
			return CodeUsage
		}
		return fail(flood(p.Stdout, n))
	default:
		fmt.Fprintf(p.Stderr, "no command %q\n", words[0])
		return CodeUsage
	}
	return 0
}

// flood writes n bytes of Pattern.
func flood(w io.Writer, n int64) error {
	const chunk = 32 << 10
	for at := int64(0); at < n; at += chunk {
		if _, err := w.Write(Pattern(at, int(min(chunk, n-at)))); err != nil {
			return err
		}
	}
	return nil
}

// lineLength is that of a line of Pattern, line end included.
const lineLength = 16

// Pattern returns n bytes of flood's output from offset at on: lines of 16
// bytes, each holding the offset at which it begins.
func Pattern(at int64, n int) []byte {
	var b strings.Builder
	b.Grow(n + 2*lineLength)
	first := at - at%lineLength
	for line := first; int64(b.Len()) < at-first+int64(n); line += lineLength {
		fmt.Fprintf(&b, "%0*d\n", lineLength-1, line)
	}
	return []byte(b.String()[at-first:][:n])
}
