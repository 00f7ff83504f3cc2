package picture

import (
	"errors"
	"fmt"
	"image"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
)

// ErrTiles is what Assemble returns for tiles that do not make one picture.
var ErrTiles = errors.New("the tiles do not make one picture")

// Assemble puts a picture together. The tiles may come in any order, must be of
// the same scene, seed and layout, and must be complete, each once; else the
// error is an ErrTiles and says which.
func Assemble(tiles []*tile.Tile) (*image.RGBA, error) {
	if len(tiles) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrTiles)
	}
	first := tiles[0]
	if len(tiles) != first.Layout.Tiles() {
		return nil, fmt.Errorf("%w: %d of %d are here", ErrTiles, len(tiles), first.Layout.Tiles())
	}
	width, height := first.Layout.Size()
	whole := image.NewRGBA(image.Rect(0, 0, width, height))
	seen := make([]bool, len(tiles))
	for _, t := range tiles {
		switch {
		case t.Layout != first.Layout:
			return nil, fmt.Errorf("%w: tile %d is cut differently from tile %d", ErrTiles, t.Index, first.Index)
		case t.Seed != first.Seed:
			return nil, fmt.Errorf("%w: tile %d has the seed %d, tile %d has %d", ErrTiles, t.Index, t.Seed, first.Index, first.Seed)
		case t.Scene != first.Scene:
			return nil, fmt.Errorf("%w: tile %d shows another scene than tile %d", ErrTiles, t.Index, first.Index)
		case t.Index < 0 || t.Index >= len(seen) || seen[t.Index]:
			return nil, fmt.Errorf("%w: tile %d is there twice or is none of them", ErrTiles, t.Index)
		}
		seen[t.Index] = true
		rgb := t.Pixels
		for _, b := range t.Layout.Blocks(t.Index) {
			size := 3 * b.Dx() * b.Dy()
			if len(rgb) < size {
				return nil, fmt.Errorf("%w: tile %d is too short", ErrTiles, t.Index)
			}
			copyBlock(whole, b, rgb[:size])
			rgb = rgb[size:]
		}
		if len(rgb) > 0 {
			return nil, fmt.Errorf("%w: tile %d is too long", ErrTiles, t.Index)
		}
	}
	return whole, nil
}

// copyBlock puts the pixels of one block in their place, which must be inside.
func copyBlock(whole *image.RGBA, area image.Rectangle, rgb []byte) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := whole.Pix[whole.PixOffset(area.Min.X, y):]
		for x := range area.Dx() {
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = rgb[0], rgb[1], rgb[2], 255
			rgb = rgb[3:]
		}
	}
}
