package picture

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"image"
	"io"
)

// storedSize is the most that a stored block of a deflate stream holds.
const storedSize = 65535

// WritePNG writes img as a PNG of 8 bits for red, green and blue each, without
// transparency. The bytes depend on the pixels alone, for ever: they are stored
// without compression, which every release of every library does alike. (A
// path-traced picture has grain, and would shrink little.)
func WritePNG(w io.Writer, img *image.RGBA) error {
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 {
		return fmt.Errorf("write PNG: a picture of %d×%d", size.X, size.Y)
	}
	out := bufio.NewWriter(w)
	out.WriteString("\x89PNG\r\n\x1a\n") // bufio keeps the first error for Flush

	head := binary.BigEndian.AppendUint32(nil, uint32(size.X))
	head = binary.BigEndian.AppendUint32(head, uint32(size.Y))
	head = append(head, 8, 2, 0, 0, 0) // 8 bits, colour without alpha, nothing special
	writeChunk(out, "IHDR", head)
	writeChunk(out, "sRGB", []byte{0}) // these are sRGB colours, to be shown as they look

	raw := make([]byte, 0, size.Y*(1+3*size.X))
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		raw = append(raw, 0) // the row is not filtered
		at := img.PixOffset(img.Rect.Min.X, y)
		for range size.X {
			raw = append(raw, img.Pix[at], img.Pix[at+1], img.Pix[at+2])
			at += 4
		}
	}
	sum := adler32.Checksum(raw)
	data := []byte{0x78, 0x01}
	for len(raw) > 0 {
		n := min(len(raw), storedSize)
		last := byte(0)
		if n == len(raw) {
			last = 1
		}
		data = append(data, last)
		data = binary.LittleEndian.AppendUint16(data, uint16(n))
		data = binary.LittleEndian.AppendUint16(data, ^uint16(n))
		data = append(data, raw[:n]...)
		raw = raw[n:]
		if n == storedSize || last == 1 {
			if last == 1 {
				data = binary.BigEndian.AppendUint32(data, sum)
			}
			writeChunk(out, "IDAT", data)
			data = data[:0]
		}
	}
	writeChunk(out, "IEND", nil)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

func writeChunk(out *bufio.Writer, kind string, data []byte) {
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(len(data)))
	out.Write(number[:])
	out.WriteString(kind)
	out.Write(data)
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(kind)), crc32.IEEETable, data)
	binary.BigEndian.PutUint32(number[:], sum)
	out.Write(number[:])
}
