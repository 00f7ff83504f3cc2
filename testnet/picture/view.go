package picture

import (
	"image"
	"io"
	"math"
	"sync"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
)

// Options say where a View draws. The zero value prints plain lines.
type Options struct {
	Mode Mode
	// Size returns the terminal's columns and rows, and is asked again before
	// every drawing; nil, or what is too small for a picture, means 80 × 24.
	Size func() (columns, rows int)
}

// View shows a picture while it grows, and a line for each of its tiles. Its
// methods only note what is new; Flush draws it. They may be called from
// several goroutines. While a View is open nothing else should write to the
// same terminal: Say writes a line above the picture.
type View struct {
	layout        tile.Layout
	width, height int
	size          func() (columns, rows int)
	out           io.Writer

	mu       sync.Mutex // guards the following fields
	mode     Mode
	pixels   []uint8 // three bytes for each pixel of the picture
	known    []bool  // the pixels that have come
	statuses []Status
	told     []Status // what plain lines have said
	says     []string // lines that wait to be written above
	screen   screen
	closed   bool
}

// NewView returns a view of a picture that nothing is known of yet. It draws
// nothing before Flush.
func NewView(w io.Writer, layout tile.Layout, o Options) *View {
	width, height := layout.Size()
	if o.Size == nil {
		o.Size = func() (columns, rows int) { return 80, 24 }
	}
	v := &View{
		layout: layout, width: width, height: height, size: o.Size, out: w, mode: o.Mode,
		statuses: make([]Status, layout.Tiles()),
		told:     make([]Status, layout.Tiles()),
	}
	for i := range v.statuses {
		v.statuses[i].State = Waiting
	}
	if v.mode != Plain {
		v.pixels = make([]uint8, 3*width*height)
		v.known = make([]bool, width*height)
	}
	return v
}

// Block notes the pixels of a finished block. A block may come twice, as when a
// tile is rendered again elsewhere. What lies outside the picture or has the
// wrong length is ignored, because it may come from a stranger.
func (v *View) Block(b tile.Pixels) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.mode == Plain || b.Area.Empty() || !b.Area.In(image.Rect(0, 0, v.width, v.height)) ||
		len(b.RGB) != 3*b.Area.Dx()*b.Area.Dy() {
		return
	}
	from := b.RGB
	for y := b.Area.Min.Y; y < b.Area.Max.Y; y++ {
		row := y*v.width + b.Area.Min.X
		n := b.Area.Dx()
		copy(v.pixels[3*row:], from[:3*n])
		from = from[3*n:]
		for x := range n {
			v.known[row+x] = true
		}
	}
	v.screen.spoil(v, b.Area)
}

// Status notes how a tile is doing; an index out of range is ignored.
func (v *View) Status(index int, s Status) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if index < 0 || index >= len(v.statuses) {
		return
	}
	if (s.State == Lost) != (v.statuses[index].State == Lost) {
		v.screen.spoil(v, image.Rect(0, 0, v.width, v.height)) // what it owes changes colour
	}
	v.statuses[index] = s
}

// Say notes a line to be written above the picture, where it stays.
func (v *View) Say(line string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.says = append(v.says, clean(line))
}

// Flush draws what changed since the last one, in one Write. Its error is that
// of the writer.
func (v *View) Flush() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.flush()
}

func (v *View) flush() error {
	if v.closed {
		return nil
	}
	var drawn []byte
	if v.mode != Plain && !v.screen.measure(v) {
		v.mode = Plain // the terminal is too small to draw on
		drawn = v.screen.leave(drawn)
	}
	if v.mode == Plain {
		drawn = v.lines(drawn)
	} else {
		drawn = v.screen.draw(v, drawn)
	}
	if len(drawn) == 0 {
		return nil
	}
	_, err := v.out.Write(drawn)
	return err
}

// Close draws for the last time, leaves the picture on the screen and gives the
// terminal back: the cursor is shown, at the start of the line below. Calls
// after the first do nothing.
func (v *View) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil
	}
	err := v.flush()
	v.closed = true
	if end := v.screen.leave(nil); len(end) > 0 {
		if _, e := v.out.Write(end); err == nil {
			err = e
		}
	}
	return err
}

// lines appends what plain output has not told yet.
func (v *View) lines(to []byte) []byte {
	for _, s := range v.says {
		to = append(append(to, s...), '\n')
	}
	v.says = nil
	for i, s := range v.statuses {
		old := v.told[i]
		noted := s.Note != old.Note && s.Total == 0 // a running tile's note may change all the time
		if s.State == old.State && s.Name == old.Name && !noted && s.percent()/10 == old.percent()/10 {
			continue
		}
		v.told[i] = s
		to = append(append(to, s.plain(i)...), '\n')
	}
	return to
}

// mean returns what a rectangle of the picture looks like from afar, and
// whether any of it has come. Light is averaged, not its sRGB code: bright dots
// would else grow dim. Squares are near enough to the code's true curve.
func (v *View) mean(area image.Rectangle) (c rgb, some bool) {
	var r, g, b, n uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			at := y*v.width + x
			if !v.known[at] {
				continue
			}
			p := v.pixels[3*at : 3*at+3]
			r += uint64(p[0]) * uint64(p[0])
			g += uint64(p[1]) * uint64(p[1])
			b += uint64(p[2]) * uint64(p[2])
			n++
		}
	}
	if n == 0 {
		owner := v.layout.Owner((area.Min.X+area.Max.X)/2, (area.Min.Y+area.Max.Y)/2)
		return owed(owner, v.statuses[owner].State == Lost), false
	}
	root := func(sum uint64) uint8 { return uint8(math.Sqrt(float64(sum) / float64(n))) }
	return rgb{root(r), root(g), root(b)}, true
}
