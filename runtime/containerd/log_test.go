//go:build linux

package containerd_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
)

// record encodes one as the format says, independently of the engine's code.
func record(stream byte, at time.Time, seq int64, data string) []byte {
	b := make([]byte, 28, 28+len(data))
	b[4] = stream
	binary.BigEndian.PutUint32(b[8:], uint32(len(data)))
	binary.BigEndian.PutUint64(b[12:], uint64(at.UnixNano()))
	binary.BigEndian.PutUint64(b[20:], uint64(seq))
	b = append(b, data...)
	binary.BigEndian.PutUint32(b, crc32.Checksum(b[4:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

func TestReadRecords(t *testing.T) {
	at := time.Unix(1_700_000_000, 42)
	one, two := record(1, at, 0, "out"), record(2, at, 3, "error")
	whole := append(bytes.Clone(one), two...)
	got, size, err := containerd.ReadRecords(whole)
	if !errors.Is(err, io.EOF) || size != int64(len(whole)) || len(got) != 2 {
		t.Fatalf("%v, %d of %d bytes, %v", got, size, len(whole), err)
	}
	if r := got[1]; r.Stream != runtime.Stderr || r.Seq != 3 || string(r.Data) != "error" || !r.Time.Equal(at) {
		t.Errorf("%+v", r)
	}
	// Cut off anywhere in the second record, the first is read and the rest waits.
	for n := len(one) + 1; n < len(whole); n++ {
		if got, size, err := containerd.ReadRecords(whole[:n]); len(got) != 1 || size != int64(len(one)) || !errors.Is(err, containerd.ErrPartial) {
			t.Fatalf("cut off at %d: %d records, %d, %v", n, len(got), size, err)
		}
	}
	// So it does when any byte of it is wrong.
	for n := len(one); n < len(whole); n++ {
		bad := bytes.Clone(whole)
		bad[n] ^= 0x40
		if got, _, err := containerd.ReadRecords(bad); len(got) != 1 || !errors.Is(err, containerd.ErrPartial) {
			t.Fatalf("byte %d is wrong: %d records, %v", n, len(got), err)
		}
	}
}

func FuzzReadRecords(f *testing.F) {
	at := time.Unix(1, 0)
	f.Add(record(1, at, 0, "hello"))
	f.Add(append(record(1, at, 0, "a"), record(2, at, 1, "b")...))
	f.Add(record(3, at, -1, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, size, err := containerd.ReadRecords(b)
		if err == nil || size > int64(len(b)) {
			t.Fatalf("%d of %d bytes, %v", size, len(b), err)
		}
		var again []byte
		for _, r := range all {
			if len(r.Data) == 0 || r.Seq < 0 {
				t.Fatalf("%+v", r)
			}
			again = append(again, record(byte(r.Stream), r.Time, r.Seq, string(r.Data))...)
		}
		// Padding is not part of what is read, but of what is checked.
		if len(again) != int(size) {
			t.Fatalf("%d bytes read, %d written again", size, len(again))
		}
	})
}
