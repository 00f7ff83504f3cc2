package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/etal-cloud/etal/runtime"
)

// The names of the events of a stream.
const (
	eventJob   = "job"
	eventLog   = "log"
	eventEnd   = "end"
	eventError = "error"
)

// maxEventBytes bounds one event that a client reads. A log record is far
// smaller; a job with many leases fits too.
const maxEventBytes = 16 << 20

// logEvent is a runtime.LogRecord in JSON.
type logEvent struct {
	Seq     int64     `json:"seq" doc:"bytes of both streams that came before"`
	Time    time.Time `json:"time"`
	Stream  int       `json:"stream" doc:"1: standard output, 2: standard error"`
	Data    []byte    `json:"data" doc:"base64"`
	Dropped int64     `json:"dropped,omitempty" doc:"bytes lost between the record before and this one"`
}

func eventOf(r runtime.LogRecord) logEvent {
	return logEvent{Seq: r.Seq, Time: r.Time, Stream: int(r.Stream), Data: r.Data, Dropped: r.Dropped}
}

func (e logEvent) record() runtime.LogRecord {
	return runtime.LogRecord{Seq: e.Seq, Time: e.Time, Stream: runtime.Stream(e.Stream), Data: e.Data, Dropped: e.Dropped}
}

// event is one encoded message of a stream.
type event struct {
	name string
	data []byte
}

// stream answers with the events that produce sends. It flushes whenever no
// event waits, so that a slow job is seen at once and a fast one is not slowed
// by a system call for each line. An error before the first event becomes an
// ordinary answer; a later one ends the stream with an error event.
func stream(hc huma.Context, produce func(ctx context.Context, send func(name string, v any) error) error) {
	_, w := humago.Unwrap(hc)
	ctx, cancel := context.WithCancel(hc.Context())
	defer cancel()
	events := make(chan event, 64)
	failed := make(chan error, 1)
	go func() { // ends with produce; the loop below waits for it
		defer close(events)
		failed <- produce(ctx, func(name string, v any) error {
			data, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("encode event: %w", err)
			}
			select {
			case events <- event{name, data}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()

	out := bufio.NewWriterSize(w, 64<<10)
	flush := func() error {
		if err := out.Flush(); err != nil {
			return err
		}
		return http.NewResponseController(w).Flush()
	}
	var broken error // the reader went away: produce is told, its events are drained
	begun := false
	begin := func() {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusOK)
		}
	}
	for e := range events {
		if broken != nil {
			continue
		}
		begin()
		if broken = writeEvent(out, e); broken == nil && len(events) == 0 {
			broken = flush()
		}
		if broken != nil {
			cancel()
		}
	}
	err := <-failed
	if broken != nil {
		return
	}
	last := event{eventEnd, []byte("{}")}
	if err != nil {
		if cancelled(hc.Context(), err) {
			return
		}
		p := problemOf(err)
		if !begun {
			writeProblem(w, p)
			return
		}
		data, err := json.Marshal(p)
		if err != nil {
			return
		}
		last = event{eventError, data}
	}
	begin()
	if writeEvent(out, last) == nil {
		_ = flush() // nobody is left to be told
	}
}

func writeEvent(w *bufio.Writer, e event) error {
	// JSON holds no line break, so an event is one data line.
	for _, s := range []string{"event: ", e.name, "\ndata: "} {
		if _, err := w.WriteString(s); err != nil {
			return err
		}
	}
	if _, err := w.Write(e.data); err != nil {
		return err
	}
	_, err := w.WriteString("\n\n")
	return err
}

// writeProblem answers with an error where huma no longer does it for us.
func writeProblem(w http.ResponseWriter, p *Problem) {
	data, err := json.Marshal(p)
	if err != nil {
		data = []byte(`{"code":"internal","text":"the error could not be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(p.GetStatus())
	_, _ = w.Write(data) // nobody is left to be told
}

// errCut means that a stream ended without saying how.
var errCut = errors.New("the node went away in the middle of its answer")

// readEvents calls f with each event until the stream ends. It returns the
// problem that the stream ended with, f's error, or errCut.
func readEvents(r io.Reader, f func(name string, data []byte) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var name string
	var data []byte
	for {
		line, err := readLine(in)
		if err != nil {
			return err
		}
		switch {
		case len(line) == 0: // the event is complete
			if name == "" {
				continue
			}
			switch name {
			case eventEnd:
				return nil
			case eventError:
				p := &Problem{}
				if err := json.Unmarshal(data, p); err != nil {
					return fmt.Errorf("read error event: %w", err)
				}
				return p
			}
			if err := f(name, data); err != nil {
				return err
			}
			name, data = "", nil
		case bytes.HasPrefix(line, []byte("event: ")):
			name = string(line[len("event: "):])
		case bytes.HasPrefix(line, []byte("data: ")):
			data = append([]byte(nil), line[len("data: "):]...)
		}
	}
}

// readLine returns the next line without its end, at most maxEventBytes long.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && line == nil {
			return part[:len(part)-1], nil
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case len(line) > maxEventBytes:
			return nil, fmt.Errorf("an event of more than %d bytes", maxEventBytes)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil, errCut
		default:
			return nil, fmt.Errorf("read events: %w", err)
		}
	}
}
