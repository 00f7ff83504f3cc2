package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

// The format of a log (this is the one place that says so; the client reads it).
//
// A log is a folder of segments. A segment's name is the sequence number of its
// first record, 16 hexadecimal digits, and ".seg"; so names sort by age.
// A segment is a run of records, and a record is a header and its data:
//
//	 0  4  crc    CRC-32C of the rest of the header and of the data
//	 4  1  stream 1 stdout, 2 stderr
//	 5  3  zero
//	 8  4  len    bytes of data, 1 to maxRecord
//	12  8  time   nanoseconds of Unix time when it was read
//	20  8  seq    bytes the job had written, on both streams, before it
//	28     data
//
// Numbers are big-endian. Where seq is not the end of the record before, the
// bytes between were dropped: the disk was full, or their segment was deleted.
// A record that is cut off or does not match its crc at the end of the newest
// segment is still being written, or was when the machine died.
//
// The folder also has a file "lock", locked (flock) while the logger lives, and
// a file "end" once all output was read: its content is the total number of
// bytes the job wrote, in decimal.
const (
	recordHeader = 28
	maxRecord    = 32 << 10
	minLimit     = 64 << 10
	maxSegment   = 4 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// segments writes a log of at most limit bytes, headers and all. Its methods
// never fail: what cannot be written is dropped and shows as a gap. They are
// safe for concurrent use.
type segments struct {
	dir   string
	limit int64
	size  int64 // of a full segment

	mu    sync.Mutex // guards the following fields
	seq   int64
	file  *os.File // newest segment; nil when there is none to append to
	wrote int64    // bytes in file
	kept  []segment
	total int64 // bytes in kept and file
	buf   []byte
}

// segment is a finished file of the log.
type segment struct {
	path string
	size int64
}

// openSegments goes on with the log in dir, which is made when missing. Output
// of an earlier run of the same job stays and is counted.
func openSegments(dir string, limit int64) (*segments, error) {
	limit = max(limit, minLimit)
	s := &segments{dir: dir, limit: limit, size: min(limit/8, maxSegment)}
	names, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	sort.Strings(names)
	for _, n := range names {
		info, err := os.Stat(n)
		if err != nil {
			continue
		}
		s.kept = append(s.kept, segment{n, info.Size()})
		s.total += info.Size()
		var first int64
		if _, err := fmt.Sscanf(strings.TrimSuffix(filepath.Base(n), ".seg"), "%x", &first); err == nil {
			s.seq = max(s.seq, first+info.Size()) // at least all that was written
		}
	}
	return s, nil
}

// append writes data as one record, or as several where it is longer than
// maxRecord, dropping the oldest segments to stay within the limit.
func (s *segments) append(stream byte, now time.Time, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	step := int(min(maxRecord, s.size/2))
	for len(data) > 0 {
		n := min(len(data), step)
		s.record(stream, now, data[:n])
		s.seq += int64(n)
		data = data[n:]
	}
}

func (s *segments) record(stream byte, now time.Time, data []byte) {
	need := int64(recordHeader + len(data))
	if s.file != nil && s.wrote+need > s.size {
		s.roll()
	}
	for s.total+need > s.limit && len(s.kept) > 0 {
		s.drop()
	}
	if s.file == nil {
		f, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("%016x.seg", s.seq)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			if len(s.kept) > 0 {
				s.drop() // the next record may find room
			}
			return
		}
		s.file, s.wrote = f, 0
	}
	b := append(s.buf[:0], make([]byte, recordHeader)...)
	b[4] = stream
	binary.BigEndian.PutUint32(b[8:], uint32(len(data)))
	binary.BigEndian.PutUint64(b[12:], uint64(now.UnixNano()))
	binary.BigEndian.PutUint64(b[20:], uint64(s.seq))
	b = append(b, data...)
	binary.BigEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	s.buf = b
	if _, err := s.file.WriteAt(b, s.wrote); err != nil {
		// A record cut off in the middle would hide those after it.
		if s.file.Truncate(s.wrote) != nil {
			s.roll()
		}
		if len(s.kept) > 0 {
			s.drop()
		}
		return
	}
	s.wrote += need
	s.total += need
}

// roll finishes the newest segment.
func (s *segments) roll() {
	path := s.file.Name()
	if s.file.Close() != nil || s.wrote == 0 {
		os.Remove(path)
		s.total -= s.wrote
	} else {
		s.kept = append(s.kept, segment{path, s.wrote})
	}
	s.file, s.wrote = nil, 0
}

// drop deletes the oldest finished segment.
func (s *segments) drop() {
	os.Remove(s.kept[0].path)
	s.total -= s.kept[0].size
	s.kept = s.kept[1:]
}

// finish writes the end file. After it nothing may be appended.
func (s *segments) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.file != nil {
		err = s.file.Close()
		s.file = nil
	}
	tmp := filepath.Join(s.dir, "end.new")
	err = errors.Join(err, os.WriteFile(tmp, fmt.Appendf(nil, "%d", s.seq), 0o600))
	return errors.Join(err, os.Rename(tmp, filepath.Join(s.dir, "end")))
}
