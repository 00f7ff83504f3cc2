package picture

import (
	"fmt"
	"image"
	"strconv"
)

const (
	leastRows = 4 // lines of text, below which a picture shows nothing
	shades    = " .:-=+*#%@"
)

// cell is one character of the picture: its upper and lower half.
type cell struct {
	top, bottom rgb
	some        bool // a pixel of it has come
}

// screen is a View's part of the terminal. Its lines are reached by moving up
// from the line below the last one, where the cursor rests: a View does not
// know where on the terminal it is.
type screen struct {
	columns, rows int // of the terminal
	across, down  int // characters of the picture
	begun         bool
	shown         []cell // what the terminal shows
	fresh         []bool // the cells for which shown is true
	stale         []bool // the cells whose pixels may have changed
	status        []string
}

// measure asks for the terminal's size and says whether a picture fits on it.
func (s *screen) measure(v *View) bool {
	columns, rows := v.size()
	if columns < 1 || rows < 1 {
		columns, rows = 80, 24
	}
	free := rows - len(v.statuses) - 2 // a line below, and one for what is said
	if columns < 16 || free < leastRows {
		return false
	}
	if columns == s.columns && rows == s.rows {
		return true
	}
	s.columns, s.rows = columns, rows
	// The largest picture of its shape that fits, and no larger than it is: a
	// character is one pixel wide and two high.
	across := min(columns, v.width, max(2*free*v.width/v.height, 1))
	down := min(free, max((across*v.height/v.width+1)/2, 1))
	if s.begun {
		s.across = 0 // the terminal has moved everything: begin anew
	}
	if across != s.across || down != s.down {
		s.across, s.down = across, down
		s.shown = make([]cell, across*down)
		s.fresh = make([]bool, across*down)
		s.stale = make([]bool, across*down)
		s.status = make([]string, len(v.statuses))
	}
	return true
}

// area is the part of the picture that one half of a cell shows.
func (s *screen) area(v *View, x, y int) image.Rectangle {
	left, top := x*v.width/s.across, y*v.height/(2*s.down)
	right, bottom := (x+1)*v.width/s.across, (y+1)*v.height/(2*s.down)
	return image.Rect(left, top, max(right, left+1), max(bottom, top+1))
}

// spoil marks the cells that show a part of the area.
func (s *screen) spoil(v *View, area image.Rectangle) {
	if s.across == 0 {
		return
	}
	left, right := area.Min.X*s.across/v.width, min(area.Max.X*s.across/v.width, s.across-1)
	top, bottom := area.Min.Y*s.down/v.height, min(area.Max.Y*s.down/v.height, s.down-1)
	for y := max(top-1, 0); y <= bottom; y++ {
		for x := max(left-1, 0); x <= right; x++ {
			s.stale[y*s.across+x] = true
		}
	}
}

// height is the number of lines that the view takes.
func (s *screen) height() int { return s.down + len(s.status) }

// draw appends what brings the terminal up to date.
func (s *screen) draw(v *View, to []byte) []byte {
	body := s.body(v, nil)
	if len(body) == 0 {
		return to
	}
	// Terminals that know 2026 show all of it at once; the others ignore it.
	to = append(to, "\x1b[?2026h"...)
	to = append(to, body...)
	return append(to, "\x1b[?2026l"...)
}

func (s *screen) body(v *View, to []byte) []byte {
	first := !s.begun
	if first {
		s.begun = true
		to = append(to, "\x1b[?25l\r\x1b[J"...)
	}
	anew := len(s.fresh) > 0 && !s.fresh[0]
	if anew && !first {
		to = append(to, "\x1b[H\x1b[2J"...)
	}
	if len(v.says) > 0 || anew {
		if !anew {
			to = fmt.Appendf(to, "\x1b[%dA\r\x1b[J", s.height())
		}
		for _, line := range v.says {
			to = append(append(to, line...), "\r\n"...)
		}
		v.says = nil
		for range s.height() {
			to = append(to, "\r\n"...)
		}
		clear(s.fresh)
		clear(s.status)
	}
	for y := range s.down {
		to = s.row(v, to, y)
	}
	for i := range s.status {
		line := s.statusLine(v, i)
		if line == s.status[i] {
			continue
		}
		s.status[i] = line
		up := len(s.status) - i
		to = fmt.Appendf(to, "\x1b[%dA\r%s\x1b[K\x1b[%dB\r", up, line, up)
	}
	return to
}

// row appends one line of the picture as far as it changed.
func (s *screen) row(v *View, to []byte, y int) []byte {
	moved, at := false, 0 // at is the cursor's column
	var last cell
	painted := false
	for x := range s.across {
		i := y*s.across + x
		if s.fresh[i] && !s.stale[i] {
			continue
		}
		var c cell
		var some bool
		c.top, c.some = v.mean(s.area(v, x, 2*y))
		c.bottom, some = v.mean(s.area(v, x, 2*y+1))
		c.some = c.some || some
		s.stale[i] = false
		if s.fresh[i] && s.shown[i] == c {
			continue
		}
		s.fresh[i], s.shown[i] = true, c
		if !moved {
			to = fmt.Appendf(to, "\x1b[%dA\r", s.height()-y)
			moved = true
		}
		if x > at {
			to = fmt.Appendf(to, "\x1b[%dC", x-at)
		}
		at = x + 1
		if v.mode == Shades {
			to = append(to, shade(c, v.lost(s.area(v, x, 2*y)))...)
			continue
		}
		if !painted || c != last || v.mode == Palette {
			to = append(to, "\x1b["...)
			to = c.top.sgr(to, v.mode, 38, x, 2*y)
			to = append(to, ';')
			to = c.bottom.sgr(to, v.mode, 48, x, 2*y+1)
			to = append(to, 'm')
		}
		painted, last = true, c
		to = append(to, "▀"...)
	}
	if painted {
		to = append(to, "\x1b[m"...)
	}
	if moved {
		to = fmt.Appendf(to, "\x1b[%dB\r", s.height()-y)
	}
	return to
}

// lost says whether the tile that owes this part of the picture is lost.
func (v *View) lost(area image.Rectangle) bool {
	return v.statuses[v.layout.Owner(area.Min.X, area.Min.Y)].State == Lost
}

// shade is a cell without colours.
func shade(c cell, lost bool) string {
	switch {
	case !c.some && lost:
		return "x"
	case !c.some:
		return "·"
	}
	l := (c.top.luma() + c.bottom.luma()) / 2
	return shades[l*len(shades)/256:][:1]
}

// statusLine is what the view tells of a tile, no wider than the terminal.
func (s *screen) statusLine(v *View, i int) string {
	st := v.statuses[i]
	name, state := clean(st.Name), clean(string(st.State))
	if name == "" {
		name = "tile " + strconv.Itoa(i)
	}
	percent := "     "
	if st.Total > 0 {
		percent = fmt.Sprintf("%3d %%", st.percent())
	}
	tail := fmt.Sprintf(" %s  %s", percent, fit(state, 8))
	if st.Note != "" {
		tail += " " + clean(st.Note)
	}
	const nameWidth = 12
	head, gauge := fit(name, nameWidth)+" ", bar(st.Done, st.Total)
	room := s.columns - 2 - nameWidth - 1 - barWidth - 1
	if room < 0 { // too narrow for a bar
		gauge, room = "", max(s.columns-2-nameWidth-2, 0)
	}
	if len([]rune(tail)) > room {
		tail = fit(tail, room)
	}
	if v.mode == Shades {
		return "■ " + head + gauge + tail
	}
	color := tint(i)
	if st.State == Lost {
		color = rgb{213, 60, 60}
	}
	on := "\x1b[" + string(color.sgr(nil, v.mode, 38, 1, 1)) + "m"
	return on + "■\x1b[m " + head + on + gauge + "\x1b[m" + tail
}

// leave appends what gives the terminal back.
func (s *screen) leave(to []byte) []byte {
	if !s.begun {
		return to
	}
	s.begun = false
	return append(to, "\x1b[?25h"...)
}
