package picture

import "strconv"

// rgb is a colour as a terminal has it.
type rgb struct{ r, g, b uint8 }

// tints are the colours of the tiles, for their status lines; the picture shows
// them dimmed where it is not rendered yet. They are told apart by most people
// who see few colours.
var tints = [...]rgb{
	{86, 180, 233},
	{230, 159, 0},
	{0, 158, 115},
	{204, 121, 167},
	{240, 228, 66},
	{0, 114, 178},
	{213, 94, 0},
	{170, 170, 170},
}

func tint(tile int) rgb { return tints[tile%len(tints)] }

// owed is what a pixel looks like that a tile has yet to render.
func owed(tile int, lost bool) rgb {
	if lost {
		return rgb{52, 10, 12}
	}
	t := tint(tile)
	return rgb{t.r / 6, t.g / 6, t.b / 6}
}

// luma is how bright a colour looks, 0 to 255.
func (c rgb) luma() int { return (int(c.r)*54 + int(c.g)*183 + int(c.b)*19) / 256 }

// ladder is the six values of a channel in xterm's colour cube.
var ladder = [6]int{0, 95, 135, 175, 215, 255}

// bayer is the threshold of each place of a 4 × 4 dither, 0 to 15.
var bayer = [4][4]int{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}

// rung returns the number of the value nearest to v.
func rung(v int) int {
	best := 0
	for i := range ladder {
		if abs(ladder[i]-v) < abs(ladder[best]-v) {
			best = i
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// away is how different two colours look, to a rough eye.
func away(r, g, b int, to [3]int) int {
	r, g, b = r-to[0], g-to[1], b-to[2]
	return 3*r*r + 4*g*g + 2*b*b
}

// index returns the number of the xterm colour nearest to a pixel at x, y, of
// the cube or of the greys. A little dithering keeps a dusk from falling into
// bands; it depends on the place alone, so what did not change stays.
func (c rgb) index(x, y int) int {
	shift := 3*bayer[y&3][x&3]/2 - 11
	r, g, b := int(c.r)+shift, int(c.g)+shift, int(c.b)+shift
	i, j, k := rung(r), rung(g), rung(b)
	grey := min(max(((r+g+b)/3-3)/10, 0), 23)
	level := 8 + 10*grey
	if away(r, g, b, [3]int{level, level, level}) < away(r, g, b, [3]int{ladder[i], ladder[j], ladder[k]}) {
		return 232 + grey
	}
	return 16 + 36*i + 6*j + k
}

// sgr appends the parameters that set a colour: 38 for the foreground, 48 for
// the background.
func (c rgb) sgr(to []byte, mode Mode, ground, x, y int) []byte {
	to = strconv.AppendInt(to, int64(ground), 10)
	if mode == Palette {
		to = append(to, ";5;"...)
		return strconv.AppendInt(to, int64(c.index(x, y)), 10)
	}
	to = append(to, ";2;"...)
	to = strconv.AppendInt(to, int64(c.r), 10)
	to = append(to, ';')
	to = strconv.AppendInt(to, int64(c.g), 10)
	to = append(to, ';')
	return strconv.AppendInt(to, int64(c.b), 10)
}
