package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// The errors of this package. Match them with errors.Is; those that can cross
// the wire are the same on both sides.
var (
	// ErrInternal means the other side failed and does not say how.
	ErrInternal = errors.New("internal error")
	// ErrBusy means a cap on streams was reached: try later, or elsewhere.
	ErrBusy = errors.New("busy")
	// ErrMalformed means bytes that are no frame or no message of the protocol.
	ErrMalformed = errors.New("malformed message")
	// ErrTooLarge means a message or a byte stream is beyond its limit.
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported means the peer speaks no common version of the protocol.
	ErrUnsupported = errors.New("protocol not supported")
	// ErrTimeout means the other side was too slow.
	ErrTimeout = errors.New("timed out")
	// ErrClosing means the other side is shutting down.
	ErrClosing = errors.New("shutting down")
	// ErrReset means the stream ended without its proper end.
	ErrReset = errors.New("stream was cut off")
	// ErrProtocol means a Protocol value cannot be used; the text says why.
	ErrProtocol = errors.New("bad protocol definition")
)

const (
	// firstOwn is the first code that a protocol may define.
	firstOwn = 100
	// maxText bounds the text of a failure, in bytes.
	maxText = 256
	// maxFailure bounds the body of a failure frame: the text, the code, and room
	// for fields of later versions.
	maxFailure = 1 << 10
)

var ours = Codes{
	1: ErrInternal,
	2: ErrBusy,
	3: ErrMalformed,
	4: ErrTooLarge,
	5: ErrUnsupported,
	6: ErrTimeout,
	7: ErrClosing,
}

// Codes says which error a code stands for. Keys begin at 100, are never reused,
// and only grow. Where an error matches several, the lowest code is sent.
type Codes map[uint32]error

// Error is a failure that the other side sent.
type Error struct {
	// Code is the number it sent; it may be one that we do not know.
	Code uint32
	// Text is for people: at most 256 bytes, without control characters.
	Text string

	cause error
}

// Error returns the text, or the code where there is none.
func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("peer reported error %d", e.Code)
	}
	return "peer: " + e.Text
}

// Unwrap returns the sentinel that the code stands for, nil for an unknown one.
func (e *Error) Unwrap() error { return e.cause }

// check refuses codes that are ours, and codes without an error.
func (c Codes) check() error {
	for code, err := range c {
		if code < firstOwn || err == nil {
			return fmt.Errorf("%w: code %d", ErrProtocol, code)
		}
	}
	return nil
}

// find returns the lowest code that err matches.
func (c Codes) find(err error) (code uint32, ok bool) {
	codes := make([]uint32, 0, len(c))
	for code := range c {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if errors.Is(err, c[code]) {
			return code, true
		}
	}
	return 0, false
}

// failure turns a handler's error into what is sent. The text of an error that
// has no code of the protocol may tell a stranger about this machine, so it is
// replaced.
func (c Codes) failure(err error) *Error {
	if code, ok := c.find(err); ok {
		return &Error{Code: code, Text: cleanText(err.Error())}
	}
	code, ok := ours.find(err)
	switch {
	case ok:
	case errors.Is(err, context.DeadlineExceeded):
		code = 6
	case errors.Is(err, context.Canceled):
		code = 7
	default:
		code = 1
	}
	return &Error{Code: code, Text: ours[code].Error()}
}

// encode writes a failure as a protobuf message: code = 1, text = 2.
func (e *Error) encode() []byte {
	b := protowire.AppendTag(nil, 1, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(e.Code))
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendString(b, cleanText(e.Text))
}

// decodeFailure reads what encode writes, skips fields it does not know, and
// gives the error its sentinel.
func (c Codes) decodeFailure(b []byte) (*Error, error) {
	e := new(Error)
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, fmt.Errorf("%w: failure", ErrMalformed)
		}
		b = b[n:]
		switch {
		case num == 1 && typ == protowire.VarintType:
			v, m := protowire.ConsumeVarint(b)
			if m < 0 || v > 1<<32-1 {
				return nil, fmt.Errorf("%w: failure code", ErrMalformed)
			}
			e.Code, n = uint32(v), m
		case num == 2 && typ == protowire.BytesType:
			v, m := protowire.ConsumeBytes(b)
			if m < 0 {
				return nil, fmt.Errorf("%w: failure text", ErrMalformed)
			}
			e.Text, n = cleanText(string(v)), m
		default:
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return nil, fmt.Errorf("%w: failure", ErrMalformed)
			}
		}
		b = b[n:]
	}
	if e.cause = c[e.Code]; e.cause == nil {
		e.cause = ours[e.Code]
	}
	return e, nil
}

// cleanText makes a stranger's text fit to be shown: valid UTF-8, at most maxText
// bytes, and nothing that moves a terminal's cursor.
func cleanText(s string) string {
	s = s[:min(len(s), 4*maxText)]
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case !unicode.IsPrint(r):
			return ' '
		}
		return r
	}, s)
	for len(s) > maxText {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return strings.TrimSpace(s)
}
