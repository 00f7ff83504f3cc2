package runtimetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// defaultLogLimit is what a LogLimit of 0 means.
const defaultLogLimit = 32 << 20

// maxRecord is the largest piece of output in one record.
const maxRecord = 32 << 10

// boundedLog keeps the newest bytes of a job's output.
type boundedLog struct {
	limit int64

	mu      sync.Mutex // guards the following fields
	records []runtime.LogRecord
	size    int64         // bytes in records
	end     int64         // bytes ever written
	closed  bool          // nothing more will come
	changed chan struct{} // closed and replaced at every change
}

func newLog(limit int64) *boundedLog {
	if limit == 0 {
		limit = defaultLogLimit
	}
	return &boundedLog{limit: limit, changed: make(chan struct{})}
}

// write appends output and drops the oldest above the limit. It never waits.
func (l *boundedLog) write(now time.Time, s runtime.Stream, p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	for len(p) > 0 {
		n := min(len(p), maxRecord)
		l.records = append(l.records, runtime.LogRecord{Seq: l.end, Time: now, Stream: s, Data: bytes.Clone(p[:n])})
		l.end += int64(n)
		l.size += int64(n)
		p = p[n:]
		for l.size > l.limit {
			l.size -= int64(len(l.records[0].Data))
			l.records[0] = runtime.LogRecord{}
			l.records = l.records[1:]
		}
	}
	l.wake()
}

// close says that the job has ended.
func (l *boundedLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.wake()
	}
}

// wake tells readers of a change. The caller holds mu.
func (l *boundedLog) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// next returns the first piece of the log from seq on, or what to wait for.
func (l *boundedLog) next(seq int64) (rec runtime.LogRecord, ok, closed bool, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		if r.Seq+int64(len(r.Data)) <= seq {
			continue
		}
		if skip := seq - r.Seq; skip > 0 {
			r.Data, r.Seq = r.Data[skip:], seq
		}
		r.Data, r.Dropped = bytes.Clone(r.Data), r.Seq-seq
		return r, true, l.closed, nil
	}
	return runtime.LogRecord{}, false, l.closed, l.changed
}

// logReader is one reader of a log.
type logReader struct {
	log    *boundedLog
	follow bool
	seq    int64
	once   sync.Once
	done   chan struct{}
}

// Next returns the next record.
func (r *logReader) Next(ctx context.Context) (runtime.LogRecord, error) {
	for {
		select {
		case <-r.done:
			return runtime.LogRecord{}, fmt.Errorf("read log: %w", io.ErrClosedPipe)
		default:
		}
		if err := ctx.Err(); err != nil {
			return runtime.LogRecord{}, fmt.Errorf("read log: %w", err)
		}
		rec, ok, closed, changed := r.log.next(r.seq)
		if ok {
			r.seq = rec.Seq + int64(len(rec.Data))
			return rec, nil
		}
		if closed || !r.follow {
			return runtime.LogRecord{}, io.EOF
		}
		select {
		case <-changed:
		case <-r.done:
		case <-ctx.Done():
		}
	}
}

// Close ends the reader; a Next that waits returns.
func (r *logReader) Close() error {
	r.once.Do(func() { close(r.done) })
	return nil
}
