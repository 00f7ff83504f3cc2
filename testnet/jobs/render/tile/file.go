package tile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrTile is what Decode returns for bytes that are no tile, or no longer the
// tile that was written.
var ErrTile = errors.New("bad tile")

const (
	magic      = "etaltil1"
	headerSize = len(magic) + 4*4 + 8 + sha256.Size
)

// Tile is one rendered part of a picture.
type Tile struct {
	Layout Layout
	Index  int               // which of Layout.Tiles() this is, from 0
	Seed   uint64            // of the picture
	Scene  [sha256.Size]byte // SHA-256 of the scene file
	Pixels []byte            // in the order of the tile file, see the package comment
}

// Encode writes the tile file and returns its SHA-256.
func (t *Tile) Encode(w io.Writer) ([sha256.Size]byte, error) {
	if want := 3 * t.Layout.pixels(t.Index); want == 0 || len(t.Pixels) != want {
		return [sha256.Size]byte{}, fmt.Errorf("encode: %w: %d bytes of pixels, not %d", ErrTile, len(t.Pixels), want)
	}
	header := make([]byte, 0, headerSize)
	header = append(header, magic...)
	for _, n := range []int{t.Layout.width, t.Layout.height, t.Index, t.Layout.tiles} {
		header = binary.BigEndian.AppendUint32(header, uint32(n))
	}
	header = binary.BigEndian.AppendUint64(header, t.Seed)
	header = append(header, t.Scene[:]...)

	inner, whole := sha256.New(), sha256.New()
	for _, part := range [][]byte{header, t.Pixels} {
		inner.Write(part)
		whole.Write(part)
		if _, err := w.Write(part); err != nil {
			return [sha256.Size]byte{}, fmt.Errorf("write tile: %w", err)
		}
	}
	end := inner.Sum(nil)
	whole.Write(end)
	if _, err := w.Write(end); err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("write tile: %w", err)
	}
	return [sha256.Size]byte(whole.Sum(nil)), nil
}

// Decode reads a tile file, which must end where the tile ends. It takes memory
// for what has come, never for what the header promises. What is wrong with the
// bytes is an ErrTile; an error of r comes back as it is, wrapped.
func Decode(r io.Reader) (*Tile, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, ended("its head", err)
	}
	if string(header[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it does not begin with %q", ErrTile, magic)
	}
	fields := header[len(magic):]
	var numbers [4]int
	for i := range numbers {
		n := binary.BigEndian.Uint32(fields[4*i:])
		if n > MaxSide {
			return nil, fmt.Errorf("%w: a size or a count of %d", ErrTile, n)
		}
		numbers[i] = int(n)
	}
	layout, err := NewLayout(numbers[0], numbers[1], numbers[3])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTile, err)
	}
	t := &Tile{Layout: layout, Index: numbers[2], Seed: binary.BigEndian.Uint64(fields[16:])}
	copy(t.Scene[:], fields[24:])
	if t.Index >= layout.tiles {
		return nil, fmt.Errorf("%w: it is the tile %d of %d", ErrTile, t.Index, layout.tiles)
	}

	size := 3 * layout.pixels(t.Index)
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(size+sha256.Size)); err != nil {
		return nil, ended("its pixels", err)
	}
	if n, err := io.ReadFull(r, make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, fmt.Errorf("read tile: %w", err)
		}
		return nil, fmt.Errorf("%w: it goes on after its end", ErrTile)
	}
	t.Pixels = body.Bytes()[:size:size]
	sum := sha256.New()
	sum.Write(header)
	sum.Write(t.Pixels)
	if !bytes.Equal(sum.Sum(nil), body.Bytes()[size:]) {
		return nil, fmt.Errorf("%w: its checksum does not match", ErrTile)
	}
	return t, nil
}

// ended tells a file that is too short from a reader that failed.
func ended(where string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends within %s", ErrTile, where)
	}
	return fmt.Errorf("read tile: %w", err)
}
