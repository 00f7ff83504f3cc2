//go:build linux

package containerd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// The format of a log is in segment.go of runtime/engine.
const (
	recordHeader = 28
	maxRecord    = 32 << 10
)

// logEndTime bounds how long a logger may go on after its job has ended.
const logEndTime = 15 * time.Second

// logPause is how often a reader that follows looks for more.
const logPause = 30 * time.Millisecond

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errPartial is a record that is not whole yet, or never will be.
var errPartial = errors.New("record is cut off")

// readRecord reads the record at offset. io.EOF is the end of the segment.
func readRecordAt(r io.ReaderAt, offset int64) (rec runtime.LogRecord, size int64, err error) {
	var h [recordHeader]byte
	switch n, err := r.ReadAt(h[:], offset); {
	case n == 0 && errors.Is(err, io.EOF):
		return rec, 0, io.EOF
	case n < recordHeader && errors.Is(err, io.EOF):
		return rec, 0, errPartial
	case n < recordHeader:
		return rec, 0, err
	}
	n := binary.BigEndian.Uint32(h[8:])
	stream := runtime.Stream(h[4])
	seq := binary.BigEndian.Uint64(h[20:])
	if n == 0 || n > maxRecord || stream != runtime.Stdout && stream != runtime.Stderr || seq > 1<<62 {
		return rec, 0, errPartial
	}
	data := make([]byte, n)
	if m, err := r.ReadAt(data, offset+recordHeader); m < len(data) {
		if errors.Is(err, io.EOF) {
			err = errPartial
		}
		return rec, 0, err
	}
	sum := crc32.Update(crc32.Checksum(h[4:], castagnoli), castagnoli, data)
	if sum != binary.BigEndian.Uint32(h[:]) {
		return rec, 0, errPartial
	}
	return runtime.LogRecord{
		Seq: int64(seq), Stream: stream, Data: data,
		Time: time.Unix(0, int64(binary.BigEndian.Uint64(h[12:]))),
	}, recordHeader + int64(n), nil
}

// Logs reads the output from byte seq on. It reads the engine's files, and goes
// on while the engine is down.
func (e *Engine) Logs(_ context.Context, id string, seq int64, follow bool) (runtime.LogReader, error) {
	if seq < 0 {
		return nil, fmt.Errorf("logs %.64s: a negative position", id)
	}
	if checkID(id) != nil || !e.exists(id, "job.json") {
		return nil, fmt.Errorf("logs %.64s: %w", id, runtime.ErrNotFound)
	}
	return &logReader{engine: e, id: id, dir: filepath.Join(e.jobDir(id), "log"), at: seq, follow: follow, first: -1}, nil
}

// logReader walks the segments of one log. It is used by one goroutine.
type logReader struct {
	engine *Engine
	id     string
	dir    string
	follow bool
	at     int64 // the byte that comes next

	file   *os.File // the segment being read; nil before the first and between two
	first  int64    // its first seq; -1 before the first
	offset int64
}

// Next returns the next record. At the end of what there is, it waits if the
// reader follows and more may come, and else returns io.EOF.
func (r *logReader) Next(ctx context.Context) (runtime.LogRecord, error) {
	for {
		if err := ctx.Err(); err != nil {
			return runtime.LogRecord{}, err
		}
		// Asked before looking: what was written before the end is then seen.
		over, err := r.over(ctx)
		if err != nil {
			return runtime.LogRecord{}, err
		}
		rec, ok, err := r.read()
		if err != nil {
			return runtime.LogRecord{}, fmt.Errorf("log of %s: %w", r.id, err)
		}
		if ok {
			return rec, nil
		}
		if over {
			return runtime.LogRecord{}, io.EOF
		}
		select {
		case <-ctx.Done():
			return runtime.LogRecord{}, ctx.Err()
		case <-time.After(logPause):
		}
	}
}

// over reports whether nothing more will be written, or matters.
func (r *logReader) over(ctx context.Context) (bool, error) {
	if !r.follow {
		return true, nil
	}
	if _, err := os.Stat(filepath.Join(r.dir, "end")); err == nil {
		return true, nil
	}
	if _, err := os.Stat(r.dir); errors.Is(err, os.ErrNotExist) {
		return true, nil // removed while it was read
	}
	// Without a logger there is an end when there is no job either: one that was
	// killed leaves no end file.
	held, err := locked(filepath.Join(r.dir, "lock"))
	if err != nil || held {
		return false, err
	}
	st, err := r.engine.Status(ctx, r.id)
	if errors.Is(err, runtime.ErrNotFound) {
		return true, nil
	}
	if err != nil && !errors.Is(err, runtime.ErrUnavailable) {
		return false, err
	}
	return err == nil && st.Ended(), nil
}

// read returns the next whole record at or after r.at.
func (r *logReader) read() (rec runtime.LogRecord, ok bool, err error) {
	for {
		if r.file == nil {
			opened, err := r.open()
			if err != nil || !opened {
				return rec, false, err
			}
		}
		got, size, err := readRecordAt(r.file, r.offset)
		if errors.Is(err, io.EOF) || errors.Is(err, errPartial) {
			// The end of a segment, unless it is the newest: it may grow, and a
			// record in it be whole in a moment.
			segs, serr := r.segments()
			if serr != nil {
				return rec, false, serr
			}
			if len(segs) == 0 || segs[len(segs)-1] <= r.first {
				return rec, false, nil
			}
			// It was finished before the newer one was begun: look once more.
			if got, size, err = readRecordAt(r.file, r.offset); err != nil {
				err = r.file.Close()
				r.file = nil
				if err != nil {
					return rec, false, err
				}
				continue
			}
		}
		if err != nil {
			return rec, false, err
		}
		r.offset += size
		end := got.Seq + int64(len(got.Data))
		if end <= r.at {
			continue // read before, or not asked for
		}
		if got.Seq < r.at {
			got.Data = got.Data[r.at-got.Seq:]
			got.Seq = r.at
		}
		got.Dropped = got.Seq - r.at
		r.at = end
		return got, true, nil
	}
}

// segments lists the first seqs of the segments that are there, ascending.
func (r *logReader) segments() ([]int64, error) {
	names, err := os.ReadDir(r.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, n := range names {
		hex, ok := strings.CutSuffix(n.Name(), ".seg")
		if seq, err := strconv.ParseInt(hex, 16, 64); ok && err == nil {
			out = append(out, seq)
		}
	}
	sort.Slice(out, func(i, k int) bool { return out[i] < out[k] })
	return out, nil
}

// open opens the segment to read next: at first the one that holds r.at, then
// the one after the last. It reports whether there is one.
func (r *logReader) open() (bool, error) {
	for range 100 { // a segment can be deleted before it is opened
		segs, err := r.segments()
		if err != nil {
			return false, err
		}
		next := sort.Search(len(segs), func(i int) bool { return segs[i] > r.first })
		if r.first < 0 {
			next = max(0, sort.Search(len(segs), func(i int) bool { return segs[i] > r.at })-1)
		}
		if next >= len(segs) {
			return false, nil
		}
		f, err := os.Open(filepath.Join(r.dir, fmt.Sprintf("%016x.seg", segs[next])))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		r.file, r.first, r.offset = f, segs[next], 0
		return true, nil
	}
	return false, nil
}

// Close lets go of the log. It is not needed after io.EOF, and does no harm.
func (r *logReader) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
