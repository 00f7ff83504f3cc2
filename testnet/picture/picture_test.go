package picture_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/picture"
)

// place paints each pixel with its own place.
type place struct{}

func (place) Paint(seed uint64, area image.Rectangle, rgb []byte) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			rgb[0], rgb[1], rgb[2] = byte(3*x), byte(5*y), byte(seed)
			rgb = rgb[3:]
		}
	}
}

func layout(t testing.TB, width, height, tiles int) tile.Layout {
	t.Helper()
	l, err := tile.NewLayout(width, height, tiles)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func tiles(t testing.TB, width, height, count int) []*tile.Tile {
	t.Helper()
	l := layout(t, width, height, count)
	parts := make([]*tile.Tile, count)
	for i := range parts {
		pixels, err := tile.Render(t.Context(), place{}, l, i, 200, 1, func(tile.Pixels, int) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = &tile.Tile{Layout: l, Index: i, Seed: 200, Scene: [32]byte{1}, Pixels: pixels}
	}
	return parts
}

func TestAssemble(t *testing.T) {
	for _, count := range []int{1, 2, 3, 8} {
		parts := tiles(t, 70, 45, count)
		slices.Reverse(parts)
		img, err := picture.Assemble(parts)
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds() != image.Rect(0, 0, 70, 45) {
			t.Fatalf("bounds %v", img.Bounds())
		}
		for y := range 45 {
			for x := range 70 {
				if got, want := img.RGBAAt(x, y), (color.RGBA{byte(3 * x), byte(5 * y), 200, 255}); got != want {
					t.Fatalf("of %d tiles: pixel %d, %d is %v, want %v", count, x, y, got, want)
				}
			}
		}
	}
}

func TestAssembleRefuses(t *testing.T) {
	for name, spoil := range map[string]func(p []*tile.Tile) []*tile.Tile{
		"none":          func(p []*tile.Tile) []*tile.Tile { return nil },
		"one missing":   func(p []*tile.Tile) []*tile.Tile { return p[:2] },
		"one too many":  func(p []*tile.Tile) []*tile.Tile { return append(p, p[0]) },
		"one twice":     func(p []*tile.Tile) []*tile.Tile { p[2] = p[0]; return p },
		"other seed":    func(p []*tile.Tile) []*tile.Tile { p[1].Seed++; return p },
		"other scene":   func(p []*tile.Tile) []*tile.Tile { p[1].Scene[0]++; return p },
		"other layout":  func(p []*tile.Tile) []*tile.Tile { p[1].Layout = layout(t, 70, 46, 3); return p },
		"bad index":     func(p []*tile.Tile) []*tile.Tile { p[1].Index = 3; return p },
		"pixels lost":   func(p []*tile.Tile) []*tile.Tile { p[1].Pixels = p[1].Pixels[3:]; return p },
		"pixels gained": func(p []*tile.Tile) []*tile.Tile { p[1].Pixels = append(p[1].Pixels, 1, 2, 3); return p },
	} {
		if _, err := picture.Assemble(spoil(tiles(t, 70, 45, 3))); !errors.Is(err, picture.ErrTiles) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWritePNG(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 2}, {70, 45}, {300, 200}} {
		img := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
		for i := range img.Pix {
			img.Pix[i] = byte(i * 31)
			if i%4 == 3 {
				img.Pix[i] = 255
			}
		}
		var file bytes.Buffer
		if err := picture.WritePNG(&file, img); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		for y := range size.Y {
			for x := range size.X {
				if got, want := color.RGBAModel.Convert(got.At(x, y)), img.RGBAAt(x, y); got != want {
					t.Fatalf("%v: pixel %d, %d is %v, want %v", size, x, y, got, want)
				}
			}
		}
	}
	if err := picture.WritePNG(&bytes.Buffer{}, image.NewRGBA(image.Rectangle{})); err == nil {
		t.Error("a picture without pixels was written")
	}
	full := errors.New("disk full")
	if err := picture.WritePNG(failing{full}, image.NewRGBA(image.Rect(0, 0, 100, 100))); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// TestPNGForEver holds the bytes of the format themselves.
func TestPNGForEver(t *testing.T) {
	img, err := picture.Assemble(tiles(t, 70, 45, 1))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := picture.WritePNG(&file, img); err != nil {
		t.Fatal(err)
	}
	const want = "83845872d0e9753d74b7e6a603c4428aa15e2b944a8424360a26b999939565eb"
	if got := fmt.Sprintf("%x", sha256.Sum256(file.Bytes())); got != want {
		t.Errorf("the file's SHA-256 is %s, want %s", got, want)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
