package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"testing"
	"time"
)

// logged is a record as a reader finds it.
type logged struct {
	stream byte
	seq    int64
	data   string
}

// readAll reads a log as its format says, and fails where it is not that.
func readAll(t *testing.T, dir string) (all []logged, size int64) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		size += int64(len(b))
		for first := true; len(b) > 0; first = false {
			n := int(binary.BigEndian.Uint32(b[8:]))
			end := recordHeader + n
			if n < 1 || n > maxRecord || len(b) < end || binary.BigEndian.Uint32(b) != crc32.Checksum(b[4:end], castagnoli) {
				t.Fatalf("a bad record of %d bytes in %d", n, len(b))
			}
			r := logged{b[4], int64(binary.BigEndian.Uint64(b[20:])), string(b[recordHeader:end])}
			if first && filepath.Base(names[0]) > fmt.Sprintf("%016x.seg", r.seq) {
				t.Fatalf("a record at %d in %s", r.seq, names[0])
			}
			all, b = append(all, r), b[end:]
		}
	}
	return all, size
}

func newLog(t *testing.T, limit int64) (*segments, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := openSegments(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

var at = time.Unix(1_700_000_000, 5)

func TestSegments(t *testing.T) {
	s, dir := newLog(t, 0)
	s.append(1, at, []byte("out\n"))
	s.append(2, at, []byte("error\n"))
	s.append(1, at, []byte("more\n"))
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	all, _ := readAll(t, dir)
	want := []logged{{1, 0, "out\n"}, {2, 4, "error\n"}, {1, 10, "more\n"}}
	if fmt.Sprint(all) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", all, want)
	}
	if end, err := os.ReadFile(filepath.Join(dir, "end")); err != nil || string(end) != "15" {
		t.Errorf("end: %q, %v", end, err)
	}
}

func TestSegmentsStayWithinLimit(t *testing.T) {
	for _, limit := range []int64{1, minLimit, 1 << 20, 7_654_321} {
		for _, piece := range []int{1, 100, 5000, 32 << 10, 100_000} {
			s, dir := newLog(t, limit)
			size := 3*int(max(limit, minLimit)) + 17
			if piece == 1 {
				size = min(size, 300_000) // mostly headers, and slow
			}
			var all []byte
			for i := 0; len(all) < size; i++ {
				p := bytes.Repeat([]byte(strconv.Itoa(i%10)), piece)
				s.append(byte(1+i%2), at, p)
				all = append(all, p...)
			}
			if err := s.finish(); err != nil {
				t.Fatal(err)
			}
			got, onDisk := readAll(t, dir)
			limit := max(limit, minLimit)
			if onDisk > limit || len(all) > int(limit) && onDisk < limit/2 {
				t.Errorf("limit %d, pieces of %d: %d bytes on disk", limit, piece, onDisk)
			}
			// What is kept is the end of what was written, without a gap.
			next := got[0].seq
			for _, r := range got {
				if r.seq != next || r.data != string(all[r.seq:r.seq+int64(len(r.data))]) {
					t.Fatalf("limit %d, pieces of %d: a record at %d, want %d", limit, piece, r.seq, next)
				}
				next += int64(len(r.data))
			}
			if next != int64(len(all)) {
				t.Errorf("limit %d, pieces of %d: the log ends at %d of %d", limit, piece, next, len(all))
			}
		}
	}
}

// TestSegmentsWithoutDisk takes the folder away, as a full disk does, and gives
// it back: nothing blocks or fails, and what is missing shows as a gap.
func TestSegmentsWithoutDisk(t *testing.T) {
	s, dir := newLog(t, minLimit)
	s.append(1, at, []byte("first"))
	s.roll()
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	s.append(1, at, []byte("dropped"))
	if err := os.Rename(dir+"-away", dir); err != nil {
		t.Fatal(err)
	}
	s.append(1, at, []byte("last"))
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	all, _ := readAll(t, dir)
	if n := len(all); n == 0 || all[n-1].data != "last" || all[n-1].seq != 12 {
		t.Errorf("%v", all)
	}
	if end, _ := os.ReadFile(filepath.Join(dir, "end")); string(end) != "16" {
		t.Errorf("end: %q", end)
	}
}

func TestSegmentsGoOn(t *testing.T) {
	s, dir := newLog(t, minLimit)
	s.append(1, at, []byte("before"))
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	s, err := openSegments(dir, minLimit)
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		s.append(1, at, bytes.Repeat([]byte("x"), 5000))
	}
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	all, onDisk := readAll(t, dir)
	if onDisk > minLimit {
		t.Errorf("%d bytes", onDisk)
	}
	for i := 1; i < len(all); i++ {
		if all[i].seq < all[i-1].seq+int64(len(all[i-1].data)) {
			t.Fatalf("records at %d and %d overlap", all[i-1].seq, all[i].seq)
		}
	}
}

func TestSegmentsFromBothStreams(t *testing.T) {
	s, dir := newLog(t, 1<<20)
	var wg sync.WaitGroup
	for stream := range 2 {
		wg.Go(func() {
			for range 1000 {
				s.append(byte(stream+1), at, []byte("0123456789"))
			}
		})
	}
	wg.Wait()
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	all, _ := readAll(t, dir)
	next, count := int64(0), [3]int{}
	for _, r := range all {
		if r.seq != next {
			t.Fatalf("a record at %d, want %d", r.seq, next)
		}
		next += int64(len(r.data))
		count[r.stream]++
	}
	if count[1] != 1000 || count[2] != 1000 {
		t.Errorf("%v", count)
	}
}
