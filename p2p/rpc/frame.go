package rpc

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// kind is the first byte of a frame.
type kind byte

const (
	kindMessage kind = 1 // body: a protobuf message
	kindBytes   kind = 2 // body: a piece of a byte stream, never empty
	kindEnd     kind = 3 // no body: the byte stream is complete
	kindFailure kind = 4 // body: code and text; nothing follows
)

const (
	// maxHeader is the longest header: the kind and a varint of five bytes.
	maxHeader = 6
	// chunkSize is the largest body of a kindBytes frame.
	chunkSize = 64 << 10
	// firstRead is how much is set aside for a body before any of it has come, so
	// that a large length alone costs nothing.
	firstRead = 32 << 10
)

// appendHeader writes the header of a frame.
func appendHeader(b []byte, k kind, size int) []byte {
	return binary.AppendUvarint(append(b, byte(k)), uint64(size))
}

// limit is the largest body of a frame of this kind, -1 for an unknown kind.
func (k kind) limit(maxMessage int) int {
	switch k {
	case kindMessage:
		return maxMessage
	case kindBytes:
		return chunkSize
	case kindEnd:
		return 0
	case kindFailure:
		return maxFailure
	}
	return -1
}

// readHeader reads a header and checks it. The error is io.EOF itself only
// before the first byte; begun is called after that byte.
func readHeader(r *bufio.Reader, maxMessage int, begun func()) (kind, int, error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	begun()
	k := kind(first)
	limit := k.limit(maxMessage)
	if limit < 0 {
		return 0, 0, fmt.Errorf("%w: frame of kind %d", ErrMalformed, first)
	}
	size, err := readSize(r)
	if err != nil {
		return 0, 0, err
	}
	if size > uint64(limit) {
		return 0, 0, fmt.Errorf("%w: frame of %d bytes, at most %d", ErrTooLarge, size, limit)
	}
	if k == kindBytes && size == 0 {
		return 0, 0, fmt.Errorf("%w: empty piece", ErrMalformed)
	}
	return k, int(size), nil
}

// readSize reads a varint of at most five bytes in its shortest form.
func readSize(r *bufio.Reader) (uint64, error) {
	var size uint64
	for i := range maxHeader - 1 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, cutShort(err)
		}
		size |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if b == 0 && i > 0 {
				return 0, fmt.Errorf("%w: padded length", ErrMalformed)
			}
			return size, nil
		}
	}
	return 0, fmt.Errorf("%w: length is too long", ErrTooLarge)
}

// readBody reads size bytes, which the caller has bounded.
func readBody(r io.Reader, size int) ([]byte, error) {
	body := make([]byte, min(size, firstRead))
	for have := 0; ; {
		n, err := io.ReadFull(r, body[have:])
		if err != nil {
			return nil, cutShort(err)
		}
		have += n
		if have == size {
			return body, nil
		}
		body = append(body, make([]byte, min(size-have, have))...)
	}
}

// cutShort marks an end in the middle of a frame.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrMalformed, io.ErrUnexpectedEOF)
	}
	return err
}
