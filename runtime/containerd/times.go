//go:build linux

package containerd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The events of a times file. See runtime.go of runtime/engine, which writes them.
const (
	eventStarting = "starting" // about to start: from here on it may have run
	eventStart    = "start"
	eventPause    = "pause"
	eventResume   = "resume"
)

// maxTimes bounds a times file: some 100,000 pauses.
const maxTimes = 4 << 20

// event is one line of a times file.
type event struct {
	name string
	at   time.Time
}

// parseTimes reads a times file. A last line that was cut off by a crash is left
// out; any other line that makes no sense is an error.
func parseTimes(r io.Reader) ([]event, error) {
	var events []event
	br := bufio.NewReader(io.LimitReader(r, maxTimes))
	for {
		line, err := br.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		name, ns, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, err := strconv.ParseInt(ns, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("times: %.80q", line)
		}
		switch name {
		case eventStarting, eventStart, eventPause, eventResume:
		default:
			return nil, fmt.Errorf("times: %.80q", line)
		}
		events = append(events, event{name, time.Unix(0, at)})
	}
}

// times reads an allocation's times. One that never started has none.
func (e *Engine) times(id string) ([]event, error) {
	f, err := os.Open(filepath.Join(e.jobDir(id), "times"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseTimes(f)
}

// note adds an event that the engine was kept from writing.
func (e *Engine) note(id, name string, at time.Time) error {
	f, err := os.OpenFile(filepath.Join(e.jobDir(id), "times"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %d\n", name, at.UnixNano())
	return errors.Join(err, f.Sync(), f.Close())
}

// ran adds up the intervals between starts or resumes and pauses, the last one
// up to end. An interval that a clock set back would make negative counts
// nothing. It also returns when the job started: zero when it never did.
func ran(events []event, end time.Time) (started time.Time, total time.Duration) {
	var since time.Time
	for _, ev := range events {
		switch ev.name {
		case eventStarting: // counts only where the engine was kept from writing the start
			if started.IsZero() {
				started, since = ev.at, ev.at
			}
		case eventStart:
			started, since = ev.at, ev.at
		case eventResume:
			if since.IsZero() {
				since = ev.at
			}
		case eventPause:
			if !since.IsZero() {
				total += max(0, ev.at.Sub(since))
			}
			since = time.Time{}
		}
	}
	if !since.IsZero() {
		total += max(0, end.Sub(since))
	}
	return started, total
}

// last returns the name of the last event, empty when there is none.
func last(events []event) string {
	if len(events) == 0 {
		return ""
	}
	return events[len(events)-1].name
}
