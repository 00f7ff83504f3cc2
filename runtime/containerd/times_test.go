//go:build linux

package containerd_test

import (
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime/containerd"
)

func TestRan(t *testing.T) {
	const end = 100
	for _, c := range []struct {
		file    string
		started int64
		ran     time.Duration
		bad     bool
	}{
		{file: ""},
		{file: "starting 10\nstart 20\n", started: 20, ran: 80},
		{file: "starting 10\nstart 20\npause 30\n", started: 20, ran: 10},
		{file: "starting 10\nstart 20\npause 30\nresume 50\n", started: 20, ran: 60},
		{file: "starting 10\nstart 20\npause 30\nresume 50\npause 55\nresume 90\n", started: 20, ran: 25},
		{file: "starting 10\n", started: 10, ran: 90}, // the engine was killed between
		{file: "starting 10\nstart 20\npause 30\nresu", started: 20, ran: 10},
		{file: "starting 10\nstart 20\npause 30\npause 40\n", started: 20, ran: 10},  // told twice
		{file: "starting 10\nstart 20\nresume 30\n", started: 20, ran: 80},           // without a pause
		{file: "starting 10\nstart 20\npause 15\nresume 40\n", started: 20, ran: 60}, // a clock set back
		{file: "starting 10\nstart 120\n", started: 120, ran: 0},                     // so here
		{file: "start\n", bad: true},
		{file: "start x\n", bad: true},
		{file: "stop 10\n", bad: true},
	} {
		started, ran, err := containerd.Ran(strings.NewReader(c.file), time.Unix(0, end))
		if (err != nil) != c.bad {
			t.Errorf("%q: %v", c.file, err)
			continue
		}
		if ran != c.ran || c.started != 0 && started.UnixNano() != c.started || c.started == 0 && !started.IsZero() {
			t.Errorf("%q: started %v, ran %d; want %d, %d", c.file, started.UnixNano(), ran, c.started, c.ran)
		}
	}
}

func FuzzRan(f *testing.F) {
	f.Add("starting 1\nstart 2\npause 3\nresume 4\n", int64(5))
	f.Fuzz(func(t *testing.T, file string, end int64) {
		_, ran, err := containerd.Ran(strings.NewReader(file), time.Unix(0, end))
		if err == nil && ran < 0 {
			t.Errorf("ran %v", ran)
		}
	})
}
