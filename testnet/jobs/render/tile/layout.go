package tile

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"slices"
)

const (
	Side     = 16   // pixels along the edge of a block
	MaxSide  = 8192 // pixels along the edge of a picture
	MaxTiles = 4096 // tiles of a picture
)

// ErrLayout is what NewLayout returns for a size or a count out of bounds.
var ErrLayout = errors.New("bad layout")

// Layout says which tile renders which block. Its zero value has no block.
type Layout struct {
	width, height int
	tiles         int
}

// NewLayout cuts a picture of this size into so many tiles. There may be no
// more tiles than blocks. Its error is an ErrLayout.
func NewLayout(width, height, tiles int) (Layout, error) {
	if width < 1 || width > MaxSide || height < 1 || height > MaxSide {
		return Layout{}, fmt.Errorf("%w: a picture of %d×%d: each side has 1 to %d pixels", ErrLayout, width, height, MaxSide)
	}
	l := Layout{width, height, tiles}
	if most := min(l.across()*l.down(), MaxTiles); tiles < 1 || tiles > most {
		return Layout{}, fmt.Errorf("%w: %d tiles: a picture of %d×%d makes 1 to %d", ErrLayout, tiles, width, height, most)
	}
	return l, nil
}

// Size returns the picture's width and height in pixels.
func (l Layout) Size() (width, height int) { return l.width, l.height }

// Tiles returns the number of tiles.
func (l Layout) Tiles() int { return l.tiles }

func (l Layout) across() int { return (l.width + Side - 1) / Side }
func (l Layout) down() int   { return (l.height + Side - 1) / Side }

// Owner returns the tile that has the pixel at x, y, which must be inside the
// picture.
func (l Layout) Owner(x, y int) int { return l.owner(y/Side*l.across() + x/Side) }

// owner returns the tile that has the i-th block. The turn of each deal keeps
// the tiles from forming columns.
func (l Layout) owner(i int) int {
	turn := uint32(i/l.tiles+1) * 2654435761 >> 8
	return (i + int(turn%uint32(l.tiles))) % l.tiles
}

// Blocks returns the blocks of one tile, from the middle of the picture
// outwards; none for an index out of range.
func (l Layout) Blocks(index int) []image.Rectangle {
	if l.tiles == 0 || index < 0 || index >= l.tiles {
		return nil
	}
	across, down := l.across(), l.down()
	blocks := make([]image.Rectangle, 0, across*down/l.tiles+1)
	whole := image.Rect(0, 0, l.width, l.height)
	for i := range across * down {
		if l.owner(i) == index {
			x, y := i%across*Side, i/across*Side
			blocks = append(blocks, image.Rect(x, y, x+Side, y+Side).Intersect(whole))
		}
	}
	slices.SortStableFunc(blocks, func(a, b image.Rectangle) int {
		return cmp.Compare(l.eccentricity(a), l.eccentricity(b))
	})
	return blocks
}

// eccentricity is the squared distance of a block from the middle, in half
// pixels, with the picture stretched to a square.
func (l Layout) eccentricity(b image.Rectangle) int64 {
	x := int64((b.Min.X + b.Max.X - l.width) * MaxSide / l.width)
	y := int64((b.Min.Y + b.Max.Y - l.height) * MaxSide / l.height)
	return x*x + y*y
}

// pixels returns the number of pixels that one tile has.
func (l Layout) pixels(index int) int {
	n := 0
	for _, b := range l.Blocks(index) {
		n += b.Dx() * b.Dy()
	}
	return n
}
