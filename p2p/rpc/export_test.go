package rpc

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Bounds that tests hold the package to.
const (
	MaxText   = maxText
	ChunkSize = chunkSize
)

// Failure is what err crosses the wire as.
func (c Codes) Failure(err error) *Error { return c.failure(err) }

// Encode and DecodeFailure are the two ends of a failure frame's body.
func (e *Error) Encode() []byte                        { return e.encode() }
func (c Codes) DecodeFailure(b []byte) (*Error, error) { return c.decodeFailure(b) }

// CleanText is what a stranger's text becomes.
func CleanText(s string) string { return cleanText(s) }

// ReadFrames reads frames until the bytes end. It tells how many were whole and
// how many bytes their bodies had; a proper end is no error.
func ReadFrames(b []byte, maxMessage int) (frames, bytesRead int, err error) {
	r := bufio.NewReader(bytes.NewReader(b))
	for {
		_, size, err := readHeader(r, maxMessage, func() {})
		if errors.Is(err, io.EOF) && !errors.Is(err, ErrMalformed) {
			return frames, bytesRead, nil
		}
		if err != nil {
			return frames, bytesRead, err
		}
		body, err := readBody(r, size)
		if err != nil {
			return frames, bytesRead, err
		}
		frames++
		bytesRead += len(body)
	}
}

// AppendFrame writes one frame of any kind.
func AppendFrame(b []byte, k byte, body []byte) []byte {
	return append(appendHeader(b, kind(k), len(body)), body...)
}
