package picture

import (
	"fmt"
	"strings"
	"unicode"
)

// State is how a tile is doing.
type State string

const (
	// Waiting: nobody renders the tile yet, and nothing is paid for it.
	Waiting State = "waiting"
	// Sending: a provider is leased, and scene and image are on their way.
	Sending State = "sending"
	// Running: the provider renders, and is paid for it.
	Running State = "running"
	// Lost: the provider is gone. What it delivered is paid, no more.
	Lost State = "lost"
	// Finished: the tile has come back.
	Finished State = "done"
)

// Status is what a View tells of one tile.
type Status struct {
	Name        string // who renders it, such as a provider's name
	State       State
	Done, Total int    // blocks; no bar is drawn while Total is 0
	Note        string // anything more, such as what it costs
}

// percent is how far the tile is, rounded down so that 100 means all of it.
func (s Status) percent() int {
	if s.Total <= 0 {
		return 0
	}
	return min(max(100*s.Done/s.Total, 0), 100)
}

const barWidth = 24

// bar draws done out of total with eighths of a character.
func bar(done, total int) string {
	if total <= 0 {
		return strings.Repeat(" ", barWidth)
	}
	eighths := min(max(done*barWidth*8/total, 0), barWidth*8)
	var b strings.Builder
	b.WriteString(strings.Repeat("█", eighths/8))
	used := eighths / 8
	if rest := eighths % 8; rest > 0 {
		b.WriteRune([]rune("▏▎▍▌▋▊▉")[rest-1])
		used++
	}
	b.WriteString(strings.Repeat("░", barWidth-used))
	return b.String()
}

// plain is the status as a line of text.
func (s Status) plain(tile int) string {
	line := fmt.Sprintf("tile %d", tile)
	if s.Name != "" {
		line += " on " + s.Name
	}
	line += ": " + string(s.State)
	if s.Total > 0 {
		line += fmt.Sprintf(" %d %%", s.percent())
	}
	if s.Note != "" {
		line += " · " + s.Note
	}
	return clean(line)
}

// clean drops what could move the cursor or change colours: names and notes may
// come from strangers.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}

// fit cuts or fills a text to so many columns, each rune taken for one.
func fit(s string, columns int) string {
	r := []rune(s)
	if len(r) > columns {
		if columns <= 1 {
			return string(r[:max(columns, 0)])
		}
		return string(r[:columns-1]) + "…"
	}
	return s + strings.Repeat(" ", columns-len(r))
}
