//go:build linux

package containerd

import (
	"bytes"
	"io"
	"slices"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// Keeper returns the first process of a root's engine.
func Keeper(root string) int {
	r, err := readRecord(root)
	if err != nil {
		return 0
	}
	return r.PID
}

// Inside returns all processes of a root's engine but the keeper.
func Inside(root string) []int {
	r, err := readRecord(root)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(within(r.UserNS), func(pid int) bool { return pid == r.PID })
}

// Unpack is unpack.
func Unpack(compressed []byte, dir string) (string, error) { return unpack(compressed, dir) }

// ReadRecords reads all records of a segment, and how it ended.
func ReadRecords(segment []byte) (all []runtime.LogRecord, size int64, err error) {
	for {
		rec, n, err := readRecordAt(bytes.NewReader(segment), size)
		if err != nil {
			return all, size, err
		}
		all, size = append(all, rec), size+n
	}
}

// ErrPartial is errPartial.
var ErrPartial = errPartial

// Ran parses a times file and adds it up.
func Ran(r io.Reader, end time.Time) (time.Time, time.Duration, error) {
	events, err := parseTimes(r)
	if err != nil {
		return time.Time{}, 0, err
	}
	started, total := ran(events, end)
	return started, total, nil
}

// AccountFiles is accountFiles.
var AccountFiles = accountFiles
