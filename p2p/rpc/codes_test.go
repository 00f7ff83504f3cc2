package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/etal-cloud/etal/p2p/rpc"
)

func TestCodesComeBackAsTheirSentinels(t *testing.T) {
	errA, errB := errors.New("a"), errors.New("b")
	codes := rpc.Codes{100: errA, 101: errB}
	for _, c := range []struct {
		send, want error
		code       uint32
	}{
		{fmt.Errorf("wrapped: %w", errA), errA, 100},
		{errB, errB, 101},
		{errors.Join(errB, errA), errA, 100},
		{rpc.ErrBusy, rpc.ErrBusy, 2},
		{context.DeadlineExceeded, rpc.ErrTimeout, 6},
		{context.Canceled, rpc.ErrClosing, 7},
		{errors.New("secret"), rpc.ErrInternal, 1},
	} {
		got, err := codes.DecodeFailure(codes.Failure(c.send).Encode())
		if err != nil || got.Code != c.code || !errors.Is(got, c.want) {
			t.Errorf("%v becomes %d %v, %v, want %d", c.send, got.Code, got, err, c.code)
		}
	}
	// Another build may send a code that we do not know.
	got, err := rpc.Codes{}.DecodeFailure(codes.Failure(errB).Encode())
	if err != nil || got.Code != 101 || errors.Is(got, errB) || !strings.Contains(got.Error(), "b") {
		t.Errorf("unknown code: %+v, %v", got, err)
	}
}

func TestTextIsFitToBeShown(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                    "plain",
		"two\nlines\tand\x1b[2J":   "two lines and [2J",
		"\u202ereversed":           "reversed",
		"bad \xff\xfe utf8":        "bad  utf8",
		strings.Repeat("é", 10000): strings.Repeat("é", rpc.MaxText/2),
	} {
		if got := rpc.CleanText(in); got != want {
			t.Errorf("%.20q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte{1, 3, 1, 2, 3}, 100)
	f.Add(rpc.AppendFrame(rpc.AppendFrame(nil, 2, []byte("bytes")), 3, nil), 10)
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f}, 1<<24)
	f.Add([]byte{4, 0x80, 0x00}, 0)
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		limit = min(max(limit, 0), 16<<20)
		frames, size, err := rpc.ReadFrames(b, limit)
		if 2*frames+size > len(b) {
			t.Errorf("%d frames with %d bytes out of %d", frames, size, len(b))
		}
		if err == nil && len(b) > 0 && frames == 0 {
			t.Error("bytes vanished")
		}
		if err != nil && !errors.Is(err, rpc.ErrMalformed) && !errors.Is(err, rpc.ErrTooLarge) {
			t.Errorf("error %v", err)
		}
	})
}

func FuzzFailure(f *testing.F) {
	f.Add((&rpc.Error{Code: 100, Text: "hello"}).Encode())
	f.Add([]byte{0x08, 0xff, 0xff, 0xff, 0xff, 0x1f})
	f.Add([]byte{0x1a, 3, 1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := rpc.Codes{}.DecodeFailure(b)
		if err != nil {
			if !errors.Is(err, rpc.ErrMalformed) {
				t.Errorf("error %v", err)
			}
			return
		}
		if len(e.Text) > rpc.MaxText || !utf8.ValidString(e.Text) {
			t.Errorf("text %q", e.Text)
		}
		again, err := rpc.Codes{}.DecodeFailure(e.Encode())
		if err != nil || again.Code != e.Code || again.Text != e.Text {
			t.Errorf("%+v becomes %+v, %v", e, again, err)
		}
	})
}
