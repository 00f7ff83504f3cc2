package tile

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"
)

// MaxLine is the length in bytes of the longest line that is an event.
const MaxLine = 2048

var (
	// ErrNoEvent is what Parse returns for a line that is not meant to be an
	// event: a job may print whatever else it likes.
	ErrNoEvent = errors.New("no event")
	// ErrEvent is what Parse returns for a line that begins as an event and
	// goes on wrongly.
	ErrEvent = errors.New("bad event")
)

// Event is one of Start, Kernel, Progress, Pixels and Done. Its String is the
// line, without the line's end.
type Event interface{ fmt.Stringer }

// Start is a renderer's first line.
type Start struct {
	Layout  Layout
	Index   int
	Seed    uint64
	Samples int
}

// Kernel is the line of /proc/version where the renderer runs.
type Kernel struct{ Version string }

// Progress counts the tile's blocks.
type Progress struct{ Done, Total int }

// Pixels is one finished block: its place in the whole picture, and three bytes
// (red, green, blue) for each pixel, row by row.
type Pixels struct {
	Area image.Rectangle
	RGB  []byte
}

// Done is the last line; the tile file is written.
type Done struct{ Digest [32]byte }

func (e Start) String() string {
	return fmt.Sprintf("etal-render 1 %dx%d tile %d/%d seed %d samples %d",
		e.Layout.width, e.Layout.height, e.Index, e.Layout.tiles, e.Seed, e.Samples)
}

func (e Kernel) String() string { return "kernel " + e.Version }

func (e Progress) String() string { return fmt.Sprintf("progress %d/%d", e.Done, e.Total) }

func (e Pixels) String() string {
	return fmt.Sprintf("pixels %d %d %d %d %s", e.Area.Min.X, e.Area.Min.Y, e.Area.Dx(), e.Area.Dy(),
		base64.RawStdEncoding.EncodeToString(e.RGB))
}

func (e Done) String() string { return "done " + hex.EncodeToString(e.Digest[:]) }

// Parse reads one line of a renderer. Its error is ErrNoEvent or an ErrEvent.
func Parse(line string) (Event, error) {
	line = strings.TrimRight(line, "\r\n")
	word, rest, _ := strings.Cut(line, " ")
	var event Event
	var ok bool
	switch {
	case len(line) > MaxLine:
		return nil, ErrNoEvent
	case word == "etal-render":
		event, ok = parseStart(rest)
	case word == "kernel":
		event, ok = Kernel{rest}, rest != ""
	case word == "progress":
		event, ok = parseProgress(rest)
	case word == "pixels":
		event, ok = parsePixels(rest)
	case word == "done":
		event, ok = parseDone(rest)
	default:
		return nil, ErrNoEvent
	}
	if !ok {
		return nil, fmt.Errorf("%w: %.40q", ErrEvent, line)
	}
	return event, nil
}

// number reads a whole number from 0 to most, written in one way only.
func number(s string, most int) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n > uint64(most) || strconv.FormatUint(n, 10) != s {
		return 0, false
	}
	return int(n), true
}

// pair reads two numbers with a separator between them.
func pair(s, separator string, most int) (a, b int, ok bool) {
	left, right, found := strings.Cut(s, separator)
	a, okA := number(left, most)
	b, okB := number(right, most)
	return a, b, found && okA && okB
}

func parseStart(s string) (Event, bool) {
	f := strings.Split(s, " ")
	if len(f) != 8 || f[0] != "1" || f[2] != "tile" || f[4] != "seed" || f[6] != "samples" {
		return nil, false
	}
	width, height, ok1 := pair(f[1], "x", MaxSide)
	index, tiles, ok2 := pair(f[3], "/", MaxTiles)
	seed, err := strconv.ParseUint(f[5], 10, 64)
	samples, ok3 := number(f[7], 1<<20)
	if !ok1 || !ok2 || !ok3 || err != nil || index >= tiles {
		return nil, false
	}
	layout, err := NewLayout(width, height, tiles)
	if err != nil {
		return nil, false
	}
	return Start{layout, index, seed, samples}, true
}

func parseProgress(s string) (Event, bool) {
	done, total, ok := pair(s, "/", MaxSide*MaxSide/Side/Side)
	return Progress{done, total}, ok && total > 0 && done <= total
}

func parsePixels(s string) (Event, bool) {
	f := strings.Split(s, " ")
	if len(f) != 5 {
		return nil, false
	}
	x, ok1 := number(f[0], MaxSide-1)
	y, ok2 := number(f[1], MaxSide-1)
	w, ok3 := number(f[2], Side)
	h, ok4 := number(f[3], Side)
	if !ok1 || !ok2 || !ok3 || !ok4 || w < 1 || h < 1 || x+w > MaxSide || y+h > MaxSide {
		return nil, false
	}
	if len(f[4]) != base64.RawStdEncoding.EncodedLen(3*w*h) {
		return nil, false
	}
	rgb, err := base64.RawStdEncoding.Strict().DecodeString(f[4])
	if err != nil || len(rgb) != 3*w*h {
		return nil, false
	}
	return Pixels{image.Rect(x, y, x+w, y+h), rgb}, true
}

func parseDone(s string) (Event, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 {
		return nil, false
	}
	return Done{[32]byte(b)}, true
}
