package tile_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func layout(t testing.TB, width, height, tiles int) tile.Layout {
	t.Helper()
	l, err := tile.NewLayout(width, height, tiles)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLayoutCoversThePictureOnce(t *testing.T) {
	for _, c := range [][3]int{{1, 1, 1}, {16, 16, 1}, {17, 33, 6}, {480, 270, 3}, {480, 270, 7}, {100, 1, 7}, {1, 100, 5}, {500, 300, 608}} {
		l := layout(t, c[0], c[1], c[2])
		seen := make([]int, c[0]*c[1])
		least, most := 1<<30, 0
		for i := range c[2] {
			blocks := l.Blocks(i)
			least, most = min(least, len(blocks)), max(most, len(blocks))
			for _, b := range blocks {
				if b.Dx() > tile.Side || b.Dy() > tile.Side || b.Empty() {
					t.Fatalf("%v: the block %v", c, b)
				}
				for y := b.Min.Y; y < b.Max.Y; y++ {
					for x := b.Min.X; x < b.Max.X; x++ {
						seen[y*c[0]+x]++
						if l.Owner(x, y) != i {
							t.Fatalf("%v: tile %d has the pixel %d, %d of tile %d", c, i, x, y, l.Owner(x, y))
						}
					}
				}
			}
		}
		for i, n := range seen {
			if n != 1 {
				t.Fatalf("%v: pixel %d is in %d tiles", c, i, n)
			}
		}
		if least < 1 || most-least > 1 {
			t.Errorf("%v: tiles have %d to %d blocks", c, least, most)
		}
	}
}

func TestLayoutBounds(t *testing.T) {
	for _, c := range [][3]int{{0, 1, 1}, {1, 0, 1}, {8193, 1, 1}, {1, 8193, 1}, {-1, -1, 1}, {1, 1, 0}, {1, 1, -1}, {16, 16, 2}, {8192, 8192, 4097}} {
		if _, err := tile.NewLayout(c[0], c[1], c[2]); !errors.Is(err, tile.ErrLayout) {
			t.Errorf("%v: %v", c, err)
		}
	}
	l := layout(t, 40, 30, 3)
	for _, index := range []int{-1, 3} {
		if b := l.Blocks(index); b != nil {
			t.Errorf("tile %d of 3 has the blocks %v", index, b)
		}
	}
	if b := (tile.Layout{}).Blocks(0); b != nil {
		t.Errorf("the zero layout has the blocks %v", b)
	}
}

func TestBlocksGoOutwards(t *testing.T) {
	blocks := layout(t, 496, 272, 1).Blocks(0)
	if middle := image.Pt(248, 136); !middle.In(blocks[0]) {
		t.Errorf("the first block is %v", blocks[0])
	}
	if last := blocks[len(blocks)-1]; last.Min.X != 0 && last.Max.X != 496 || last.Min.Y != 0 && last.Max.Y != 272 {
		t.Errorf("the last block %v is no corner", last)
	}
}

// place paints each pixel with its own place and the seed.
type place struct{ calls atomic.Int64 }

func (p *place) Paint(seed uint64, area image.Rectangle, rgb []byte) {
	p.calls.Add(1)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			rgb[0], rgb[1], rgb[2] = byte(x), byte(y), byte(seed)
			rgb = rgb[3:]
		}
	}
}

func painted(t testing.TB, l tile.Layout, index, workers int) *tile.Tile {
	t.Helper()
	total, calls := len(l.Blocks(index)), 0
	pixels, err := tile.Render(t.Context(), &place{}, l, index, 9, workers, func(b tile.Pixels, done int) error {
		calls++
		if done != calls || len(b.RGB) != 3*b.Area.Dx()*b.Area.Dy() || b.RGB[0] != byte(b.Area.Min.X) || b.RGB[1] != byte(b.Area.Min.Y) {
			t.Errorf("call %d: done %d, block %v", calls, done, b.Area)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls != total {
		t.Errorf("%d of %d blocks were shown", calls, total)
	}
	return &tile.Tile{Layout: l, Index: index, Seed: 9, Scene: sha256.Sum256([]byte("scene")), Pixels: pixels}
}

func TestRender(t *testing.T) {
	l := layout(t, 100, 70, 3)
	want := painted(t, l, 1, 1)
	for _, workers := range []int{2, 5, 1000} {
		if got := painted(t, l, 1, workers); !bytes.Equal(got.Pixels, want.Pixels) {
			t.Errorf("%d workers paint something else than one", workers)
		}
	}
	if _, err := tile.Render(t.Context(), &place{}, l, 3, 9, 1, nil); !errors.Is(err, tile.ErrLayout) {
		t.Errorf("a tile that is none: %v", err)
	}
}

func TestRenderStops(t *testing.T) {
	l := layout(t, 480, 270, 1)
	enough := errors.New("enough")
	p := &place{}
	_, err := tile.Render(t.Context(), p, l, 0, 1, 2, func(b tile.Pixels, done int) error {
		if done == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	if n := p.calls.Load(); n > 5 {
		t.Errorf("%d blocks were painted after all", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tile.Render(ctx, p, l, 0, 1, 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func encoded(t testing.TB, part *tile.Tile) []byte {
	t.Helper()
	var b bytes.Buffer
	sum, err := part.Encode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if sum != sha256.Sum256(b.Bytes()) {
		t.Error("Encode returns a digest that is not the file's")
	}
	return b.Bytes()
}

func TestFileComesBack(t *testing.T) {
	l := layout(t, 100, 70, 3)
	for i := range 3 {
		want := painted(t, l, i, 1)
		file := encoded(t, want)
		got, err := tile.Decode(iotest.OneByteReader(bytes.NewReader(file)))
		if err != nil {
			t.Fatal(err)
		}
		if got.Layout != want.Layout || got.Index != i || got.Seed != 9 || got.Scene != want.Scene || !bytes.Equal(got.Pixels, want.Pixels) {
			t.Errorf("tile %d comes back as another", i)
		}
	}
}

func TestFileIsChecked(t *testing.T) {
	file := encoded(t, painted(t, layout(t, 20, 20, 2), 1, 1))
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1
		if _, err := tile.Decode(bytes.NewReader(bad)); !errors.Is(err, tile.ErrTile) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := tile.Decode(bytes.NewReader(file[:i])); !errors.Is(err, tile.ErrTile) {
			t.Fatalf("cut at byte %d: %v", i, err)
		}
	}
	if _, err := tile.Decode(bytes.NewReader(append(bytes.Clone(file), 0))); !errors.Is(err, tile.ErrTile) {
		t.Errorf("a byte more: %v", err)
	}
	broken := errors.New("broken")
	for _, n := range []int{0, 10, 80, len(file)} {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		if _, err := tile.Decode(r); !errors.Is(err, broken) || errors.Is(err, tile.ErrTile) {
			t.Errorf("a reader that fails after %d bytes: %v", n, err)
		}
	}
}

func TestFileBounds(t *testing.T) {
	file := encoded(t, painted(t, layout(t, 20, 20, 2), 1, 1))
	for name, c := range map[string]struct {
		at    int
		value uint32
	}{
		"width 0": {8, 0}, "width 8193": {8, 8193}, "width 2³²−1": {8, 1<<32 - 1}, "height 0": {12, 0}, "height 8193": {12, 8193},
		"index 2": {16, 2}, "tiles 0": {20, 0}, "tiles 5": {20, 5}, "tiles 2³¹": {20, 1 << 31},
		"a header that promises 200 MB": {8, 8192},
	} {
		bad := bytes.Clone(file)
		binary.BigEndian.PutUint32(bad[c.at:], c.value)
		if c.value == 8192 {
			binary.BigEndian.PutUint32(bad[12:], 8192)
		}
		if _, err := tile.Decode(bytes.NewReader(bad)); !errors.Is(err, tile.ErrTile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, part := range map[string]*tile.Tile{
		"no layout": {},
		"short":     {Layout: layout(t, 20, 20, 2), Pixels: make([]byte, 5)},
		"no index":  {Layout: layout(t, 20, 20, 2), Index: 2},
	} {
		if _, err := part.Encode(io.Discard); !errors.Is(err, tile.ErrTile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, painted(f, layout(f, 20, 20, 2), 1, 1)))
	f.Add(encoded(f, painted(f, layout(f, 1, 1, 1), 0, 1)))
	f.Add([]byte("etaltil1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		part, err := tile.Decode(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, tile.ErrTile) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(encoded(t, part), data) {
			t.Error("another file comes back")
		}
	})
}
