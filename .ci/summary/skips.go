package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// Skips says why a test may be skipped, by its package's last part and its name:
// "containerd.TestAsUser".
type Skips map[string]string

func readSkips(path string) (Skips, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ParseSkips(f)
}

// ParseSkips reads lines of a test and, after white space, the reason why it may
// be skipped. Empty lines and those that begin with # say nothing.
func ParseSkips(r io.Reader) (Skips, error) {
	s := Skips{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		test, why, ok := strings.Cut(line, " ")
		if !ok {
			return nil, fmt.Errorf("line %d: %s may be skipped, but why", n, test)
		}
		s[test] = strings.TrimSpace(why)
	}
	return s, lines.Err()
}
