package rpc

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// chunk is a buffer for one piece and its header.
type chunk [maxHeader + chunkSize]byte

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// frame puts the header right before the body that lies at maxHeader.
func (c *chunk) frame(size int) []byte {
	var header [maxHeader]byte
	h := appendHeader(header[:0], kindBytes, size)
	from := maxHeader - len(h)
	copy(c[from:], h)
	return c[from : maxHeader+size]
}

// SendBytes sends what r gives, n bytes or, when n is negative, until its end,
// followed by the end mark. Each read of r is passed on at once. When r fails, or
// ends before n bytes, the other side is told that the bytes are incomplete, the
// stream is over, and the error of r is returned.
func (s *Stream) SendBytes(r io.Reader, n int64) error {
	if n >= 0 {
		r = io.LimitReader(r, n)
	}
	buf := chunks.Get().(*chunk)
	defer chunks.Put(buf)
	var sent int64
	for {
		got, err := r.Read(buf[maxHeader:])
		if got > 0 {
			if err := s.write(buf.frame(got)); err != nil {
				return err
			}
			sent += int64(got)
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			if n < 0 || sent == n {
				return s.write(appendHeader(nil, kindEnd, 0))
			}
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			s.fail(s.p.Codes.failure(err))
			return fmt.Errorf("send bytes: after %d: %w", sent, err)
		}
	}
}

// BytesWriter returns a writer whose Close sends the end mark. Without it the
// other side knows that bytes are missing.
func (s *Stream) BytesWriter() io.WriteCloser { return &bytesWriter{s: s} }

type bytesWriter struct {
	s      *Stream
	closed bool
}

// Write sends b in pieces.
func (w *bytesWriter) Write(b []byte) (int, error) {
	if w.closed {
		return 0, io.ErrClosedPipe
	}
	buf := chunks.Get().(*chunk)
	defer chunks.Put(buf)
	sent := 0
	for sent < len(b) {
		n := copy(buf[maxHeader:], b[sent:])
		if err := w.s.write(buf.frame(n)); err != nil {
			return sent, err
		}
		sent += n
	}
	return sent, nil
}

// Close sends the end mark once.
func (w *bytesWriter) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	return w.s.write(appendHeader(nil, kindEnd, 0))
}

// RecvBytes returns a reader of what the other side sends with SendBytes, up to
// its end mark; the next frame after it can be read then. More than limit bytes
// are ErrTooLarge, and a stream that ends without the mark is io.ErrUnexpectedEOF,
// never io.EOF. Read to the end, or Reset the stream.
func (s *Stream) RecvBytes(limit int64) io.Reader { return &bytesReader{s: s, left: limit} }

type bytesReader struct {
	s     *Stream
	left  int64 // that may still come
	piece int   // left of the present piece
	err   error
}

// Read returns bytes of the present piece.
func (r *bytesReader) Read(b []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(b) == 0 {
		return 0, nil
	}
	r.s.rmu.Lock()
	defer r.s.rmu.Unlock()
	if r.piece == 0 {
		if r.err = r.next(); r.err != nil {
			return 0, r.err
		}
	} else if r.s.in.Buffered() == 0 {
		r.s.readBy(r.s.p.Stall)
	}
	n, err := r.s.in.Read(b[:min(len(b), r.piece)])
	r.piece -= n
	if err != nil {
		r.err = r.s.lost(cutShort(err))
	}
	return n, r.err
}

// next goes to the next piece.
func (r *bytesReader) next() error {
	k, size, err := r.s.header()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("receive bytes: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return err
	case k == kindEnd:
		return io.EOF
	case k != kindBytes:
		return r.s.lost(fmt.Errorf("%w: a message where bytes should be", ErrMalformed))
	case int64(size) > r.left:
		return r.s.lost(fmt.Errorf("%w: more bytes than were expected", ErrTooLarge))
	}
	r.left -= int64(size)
	r.piece = size
	return nil
}
