package picture

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Mode says how a View draws.
type Mode int

const (
	// Plain prints a line of text when a tile's state changes or it is a tenth
	// further, and never moves the cursor. It is the zero value: right for
	// whatever is no terminal.
	Plain Mode = iota
	// Shades draws with characters from light to dark, without any colour.
	Shades
	// Palette draws with the 256 colours of xterm, dithered.
	Palette
	// Truecolor draws with 24-bit colour.
	Truecolor
)

// Detect returns the mode for output that is a terminal or not, as the
// environment describes it: NO_COLOR (https://no-color.org), TERM, COLORTERM
// and what some terminals set about themselves.
func Detect(getenv func(string) string, terminal bool) Mode {
	kind := getenv("TERM")
	switch {
	case !terminal, kind == "", kind == "dumb":
		return Plain
	case getenv("NO_COLOR") != "":
		return Shades
	}
	switch getenv("COLORTERM") {
	case "truecolor", "24bit":
		return Truecolor
	}
	if getenv("WT_SESSION") != "" || strings.Contains(kind, "-direct") {
		return Truecolor
	}
	for _, known := range []string{"kitty", "alacritty", "foot", "ghostty", "wezterm", "iterm"} {
		if strings.Contains(kind, known) {
			return Truecolor
		}
	}
	switch getenv("TERM_PROGRAM") {
	case "iTerm.app", "WezTerm", "ghostty", "vscode":
		return Truecolor
	}
	return Palette
}

// For returns the options for w as it is: mode and size of a terminal, or
// Plain.
func For(w io.Writer) Options {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Options{}
	}
	return Options{
		Mode: Detect(os.Getenv, true),
		Size: func() (columns, rows int) {
			columns, rows, err := term.GetSize(int(f.Fd()))
			if err != nil {
				return 0, 0
			}
			return columns, rows
		},
	}
}
