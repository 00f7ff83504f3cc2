package picture_test

import (
	"bytes"
	"errors"
	"image"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/picture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// size is a terminal that can be resized.
type size struct{ columns, rows int }

func (s *size) get() (columns, rows int) { return s.columns, s.rows }

// flat is a block of one colour.
func flat(area image.Rectangle, r, g, b byte) tile.Pixels {
	return tile.Pixels{Area: area, RGB: bytes.Repeat([]byte{r, g, b}, area.Dx()*area.Dy())}
}

func flush(t *testing.T, v *picture.View, out *bytes.Buffer) string {
	t.Helper()
	out.Reset()
	if err := v.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	got = strings.ReplaceAll(strconv.QuoteToGraphic(got), `\x1b[?2026`, "\n"+`\x1b[?2026`) + "\n"
	if os.Getenv("ETAL_REWRITE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is no longer what is drawn (ETAL_REWRITE=1 rewrites it):\n%s", file, got)
	}
}

// TestViewGolden keeps every byte that a small view sends to a terminal of each
// kind, from the first drawing to the last.
func TestViewGolden(t *testing.T) {
	for mode, name := range map[picture.Mode]string{picture.Truecolor: "truecolor", picture.Palette: "palette", picture.Shades: "shades"} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			v := picture.NewView(&out, layout(t, 64, 32, 2), picture.Options{Mode: mode, Size: (&size{60, 9}).get})
			step := func() {
				if err := v.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			v.Say("two offers fit")
			v.Status(0, picture.Status{Name: "fr-1", State: picture.Running, Done: 1, Total: 4, Note: "0.01 test$"})
			step()
			v.Block(flat(image.Rect(16, 0, 32, 16), 250, 120, 10))
			step()
			step()
			v.Say("fr-1 was killed")
			v.Status(0, picture.Status{Name: "fr-1", State: picture.Lost, Done: 2, Total: 4})
			step()
			v.Status(1, picture.Status{Name: "us-1", State: picture.Finished, Done: 4, Total: 4})
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			golden(t, "view."+name+".txt", out.String())
		})
	}
}

func TestViewPlain(t *testing.T) {
	var out bytes.Buffer
	v := picture.NewView(&out, layout(t, 64, 32, 2), picture.Options{})
	for done := range 171 {
		v.Block(flat(image.Rect(0, 0, 16, 16), 1, 2, 3))
		v.Status(0, picture.Status{Name: "fr-1", State: picture.Running, Done: done, Total: 170, Note: strconv.Itoa(done) + " paid"})
		if err := v.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	v.Say("one\x1b[2Jline\n")
	v.Status(1, picture.Status{Name: "us-1", State: picture.Lost})
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v.Status(1, picture.Status{Name: "us-1", State: picture.Running})
	if err := errors.Join(v.Flush(), v.Close()); err != nil {
		t.Fatal(err)
	}
	const want = `tile 0 on fr-1: running 0 % · 0 paid
tile 1: waiting
tile 0 on fr-1: running 10 % · 17 paid
tile 0 on fr-1: running 20 % · 34 paid
tile 0 on fr-1: running 30 % · 51 paid
tile 0 on fr-1: running 40 % · 68 paid
tile 0 on fr-1: running 50 % · 85 paid
tile 0 on fr-1: running 60 % · 102 paid
tile 0 on fr-1: running 70 % · 119 paid
tile 0 on fr-1: running 80 % · 136 paid
tile 0 on fr-1: running 90 % · 153 paid
tile 0 on fr-1: running 100 % · 170 paid
one[2Jline
tile 1 on us-1: lost
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestViewDrawsOnlyWhatChanged(t *testing.T) {
	var out bytes.Buffer
	v := picture.NewView(&out, layout(t, 480, 270, 3), picture.Options{Mode: picture.Truecolor, Size: (&size{100, 40}).get})
	defer v.Close()
	first := flush(t, v, &out)
	if n := strings.Count(first, "▀"); n != 100*28 {
		t.Errorf("the first drawing has %d half blocks", n)
	}
	if s := flush(t, v, &out); s != "" {
		t.Errorf("nothing changed, and %q is drawn", s)
	}
	v.Block(flat(image.Rect(240, 128, 256, 144), 9, 99, 200))
	s := flush(t, v, &out)
	if n := strings.Count(s, "▀"); n < 4 || n > 15 {
		t.Errorf("one block is drawn with %d half blocks", n)
	}
	v.Block(flat(image.Rect(240, 128, 256, 144), 9, 99, 200))
	if s := flush(t, v, &out); s != "" {
		t.Errorf("the same block came again, and %q is drawn", s)
	}
	v.Status(1, picture.Status{Name: "fr-2", State: picture.Running, Done: 1, Total: 170})
	if s := flush(t, v, &out); strings.Contains(s, "▀") || !strings.Contains(s, "fr-2") {
		t.Errorf("a status changed, and %q is drawn", s)
	}
}

func TestViewIgnoresNonsense(t *testing.T) {
	var out bytes.Buffer
	v := picture.NewView(&out, layout(t, 64, 32, 2), picture.Options{Mode: picture.Truecolor, Size: (&size{60, 20}).get})
	defer v.Close()
	flush(t, v, &out)
	v.Block(flat(image.Rect(56, 0, 72, 16), 1, 2, 3)) // over the edge
	v.Block(tile.Pixels{Area: image.Rect(0, 0, 16, 16), RGB: []byte{1, 2, 3}})
	v.Block(tile.Pixels{})
	v.Status(-1, picture.Status{})
	v.Status(2, picture.Status{})
	if s := flush(t, v, &out); s != "" {
		t.Errorf("%q is drawn", s)
	}
	v.Status(0, picture.Status{Name: "\x1b[31mred\r\n", State: "\x07", Done: -5, Total: 3, Note: "\u202eback"})
	v.Status(1, picture.Status{Done: 1 << 40, Total: 1})
	s := flush(t, v, &out)
	if strings.Contains(s, "[31mred\r") || strings.Contains(s, "\x1b[31m") || strings.ContainsAny(s, "\a\u202e\n") {
		t.Errorf("a stranger's name reaches the terminal: %q", s)
	}
}

func TestViewResized(t *testing.T) {
	var out bytes.Buffer
	term := &size{100, 40}
	v := picture.NewView(&out, layout(t, 480, 270, 3), picture.Options{Mode: picture.Truecolor, Size: term.get})
	flush(t, v, &out)
	*term = size{50, 40}
	s := flush(t, v, &out)
	if !strings.Contains(s, "\x1b[2J") || strings.Count(s, "▀") != 50*14 {
		t.Errorf("after a resize %q is drawn", s)
	}
	*term = size{0, 0} // a terminal that does not say
	if s := flush(t, v, &out); strings.Count(s, "▀") == 0 {
		t.Errorf("without a size %q is drawn", s)
	}
	*term = size{10, 3}
	v.Say("too small")
	if s := flush(t, v, &out); strings.Contains(s, "▀") || !strings.Contains(s, "too small\n") || !strings.Contains(s, "\x1b[?25h") {
		t.Errorf("on too small a terminal %q is drawn", s)
	}
	out.Reset()
	if err := v.Close(); err != nil || out.Len() > 0 {
		t.Errorf("at the end: %v, %q", err, out.String())
	}
}

// TestViewFits draws pictures of odd shapes on terminals of odd shapes: no line
// may be wider than the terminal, nor the whole higher.
func TestViewFits(t *testing.T) {
	for _, p := range [][3]int{{1, 1, 1}, {17, 500, 3}, {500, 17, 3}, {480, 270, 3}, {16, 16, 1}, {1000, 1000, 12}} {
		for _, term := range []size{{16, 20}, {40, 20}, {80, 24}, {300, 20}, {17, 100}, {250, 100}} {
			var out bytes.Buffer
			v := picture.NewView(&out, layout(t, p[0], p[1], p[2]), picture.Options{Mode: picture.Shades, Size: term.get})
			for i := range p[2] {
				v.Status(i, picture.Status{Name: "a-provider-with-a-long-name", State: picture.Running, Done: 1, Total: 3, Note: strings.Repeat("note ", 20)})
			}
			s := flush(t, v, &out)
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(s, "\n"); n > term.rows-1 {
				t.Errorf("%v on %v: %d lines", p, term, n)
			}
			for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\x1b' || r == '\r' || r == '\n' }) {
				if _, text, ok := strings.Cut(line, "■"); ok {
					line = "■" + text
				}
				if n := len([]rune(line)); n > term.columns {
					t.Errorf("%v on %v: a line of %d columns: %q", p, term, n, line)
				}
			}
		}
	}
}

func TestViewTellsOfAFullDisk(t *testing.T) {
	full := errors.New("disk full")
	v := picture.NewView(failing{full}, layout(t, 64, 32, 2), picture.Options{})
	if err := v.Flush(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestViewFromManyGoroutines(t *testing.T) {
	var out bytes.Buffer
	l := layout(t, 480, 270, 3)
	v := picture.NewView(&out, l, picture.Options{Mode: picture.Palette})
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() {
			for done, b := range l.Blocks(i) {
				v.Block(flat(b, byte(i), byte(done), 0))
				v.Status(i, picture.Status{State: picture.Running, Done: done, Total: 170})
				if done%20 == 0 {
					v.Say("further")
					if err := v.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "\x1b[?25h") {
		t.Error("the cursor is not shown again")
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		env      string
		terminal bool
		want     picture.Mode
	}{
		{"", true, picture.Plain},
		{"TERM=dumb", true, picture.Plain},
		{"TERM=xterm-256color COLORTERM=truecolor", false, picture.Plain},
		{"TERM=xterm-256color COLORTERM=truecolor NO_COLOR=1", true, picture.Shades},
		{"TERM=dumb NO_COLOR=1", true, picture.Plain},
		{"TERM=xterm-256color", true, picture.Palette},
		{"TERM=screen", true, picture.Palette},
		{"TERM=xterm-256color COLORTERM=24bit", true, picture.Truecolor},
		{"TERM=xterm-kitty", true, picture.Truecolor},
		{"TERM=xterm-direct", true, picture.Truecolor},
		{"TERM=xterm-256color TERM_PROGRAM=iTerm.app", true, picture.Truecolor},
		{"TERM=xterm-256color TERM_PROGRAM=Apple_Terminal", true, picture.Palette},
	} {
		env := map[string]string{}
		for _, e := range strings.Fields(c.env) {
			k, val, _ := strings.Cut(e, "=")
			env[k] = val
		}
		if got := picture.Detect(func(k string) string { return env[k] }, c.terminal); got != c.want {
			t.Errorf("%q, terminal %v: %v, want %v", c.env, c.terminal, got, c.want)
		}
	}
	if o := picture.For(&bytes.Buffer{}); o.Mode != picture.Plain {
		t.Errorf("a buffer is taken for %v", o.Mode)
	}
}
