package rpc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
	"github.com/etal-cloud/etal/p2p/rpc"
)

var errNoOffer = errors.New("no such offer")

var echo = rpc.Protocol{Name: "echo", MaxMessage: 1 << 10, Codes: rpc.Codes{100: errNoOffer}}

func shout(_ context.Context, _ peer.ID, req *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
	switch req.GetValue() {
	case "missing":
		return nil, fmt.Errorf("look for it: %w", errNoOffer)
	case "secret":
		return nil, errors.New("open /home/someone/wallet: permission denied")
	case "panic":
		panic("as asked")
	case "large":
		return text(strings.Repeat("x", 2<<10)), nil
	}
	return text(strings.ToUpper(req.GetValue())), nil
}

func TestCall(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	if err := rpc.Handle1(s, echo, shout); err != nil {
		t.Fatal(err)
	}
	var resp wrapperspb.StringValue
	if err := rpc.Call(within(t), a, b.ID(), echo, text("hello"), &resp); err != nil || resp.GetValue() != "HELLO" {
		t.Fatalf("answer %q, %v", resp.GetValue(), err)
	}
	for ask, want := range map[string]error{
		"missing":                  errNoOffer,
		"secret":                   rpc.ErrInternal,
		"panic":                    rpc.ErrInternal,
		"large":                    rpc.ErrTooLarge,
		strings.Repeat("x", 2<<10): rpc.ErrTooLarge,
	} {
		err := rpc.Call(within(t), a, b.ID(), echo, text(ask), &resp)
		if !errors.Is(err, want) {
			t.Errorf("%.10s: %v, want %v", ask, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "wallet") {
			t.Errorf("%s: the text of an internal error crossed: %v", ask, err)
		}
	}
	var failure *rpc.Error
	err := rpc.Call(within(t), a, b.ID(), echo, text("missing"), &resp)
	if !errors.As(err, &failure) || failure.Code != 100 || failure.Text != "look for it: no such offer" {
		t.Errorf("failure %+v", failure)
	}
	// After all of that the peer still answers.
	if err := rpc.Call(within(t), a, b.ID(), echo, text("still"), &resp); err != nil || resp.GetValue() != "STILL" {
		t.Errorf("answer %q, %v", resp.GetValue(), err)
	}
}

func TestVersions(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	which := func(_ context.Context, st *rpc.Stream) error {
		var m wrapperspb.UInt32Value
		if err := st.ReadMsg(&m); err != nil {
			return err
		}
		return st.WriteMsg(wrapperspb.UInt32(st.Version()))
	}
	if err := s.Handle(rpc.Protocol{Name: "which", Versions: []uint32{1, 2}}, which); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		speak []uint32
		want  uint32
	}{{[]uint32{1}, 1}, {[]uint32{1, 2}, 2}, {[]uint32{2, 3, 1}, 2}, {nil, 1}} {
		var got wrapperspb.UInt32Value
		err := rpc.Call(within(t), a, b.ID(), rpc.Protocol{Name: "which", Versions: c.speak}, wrapperspb.UInt32(0), &got)
		if err != nil || got.GetValue() != c.want {
			t.Errorf("speaking %v: version %d, %v, want %d", c.speak, got.GetValue(), err, c.want)
		}
	}
	var got wrapperspb.UInt32Value
	err := rpc.Call(within(t), a, b.ID(), rpc.Protocol{Name: "which", Versions: []uint32{9}}, wrapperspb.UInt32(0), &got)
	if !errors.Is(err, rpc.ErrUnsupported) {
		t.Errorf("a version nobody speaks: %v, want ErrUnsupported", err)
	}
}

func TestBytesBothWays(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	files := rpc.Protocol{Name: "files"}
	err := s.Handle(files, func(_ context.Context, st *rpc.Stream) error {
		var name wrapperspb.StringValue
		if err := st.ReadMsg(&name); err != nil {
			return err
		}
		all, err := io.ReadAll(st.RecvBytes(4 << 20))
		if err != nil {
			return err
		}
		w := st.BytesWriter()
		if _, err := w.Write(all); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		return st.WriteMsg(text("got " + name.GetValue()))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, rpc.ChunkSize - 1, rpc.ChunkSize, rpc.ChunkSize + 1, 3<<20 + 7} {
		st, err := rpc.Open(within(t), a, b.ID(), files)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Repeat([]byte("etal"), size/4+1)[:size]
		if err := st.WriteMsg(text("file")); err != nil {
			t.Fatal(err)
		}
		if err := st.SendBytes(bytes.NewReader(want), int64(size)); err != nil {
			t.Fatalf("send %d: %v", size, err)
		}
		got, err := io.ReadAll(st.RecvBytes(int64(size)))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came back as %d: %v", size, len(got), err)
		}
		var m wrapperspb.StringValue
		if err := st.ReadMsg(&m); err != nil || m.GetValue() != "got file" {
			t.Errorf("message after the bytes: %q, %v", m.GetValue(), err)
		}
		if err := st.ReadMsg(&m); !errors.Is(err, io.EOF) {
			t.Errorf("after the last message: %v, want io.EOF", err)
		}
		_ = st.Close()
	}
}

// What goes wrong while bytes flow is known on both sides.
func TestBrokenBytes(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	p := rpc.Protocol{Name: "take", Codes: rpc.Codes{100: errNoOffer}}
	seen := make(chan error, 1)
	err := s.Handle(p, func(_ context.Context, st *rpc.Stream) error {
		var how wrapperspb.StringValue
		if err := st.ReadMsg(&how); err != nil {
			return err
		}
		if how.GetValue() == "refuse" {
			return errNoOffer
		}
		_, err := io.Copy(io.Discard, st.RecvBytes(1<<20))
		seen <- err
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	open := func(how string) *rpc.Stream {
		st, err := rpc.Open(within(t), a, b.ID(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.WriteMsg(text(how)); err != nil {
			t.Fatal(err)
		}
		return st
	}

	st := open("source fails")
	src := io.MultiReader(strings.NewReader("half"), iotestErr{errNoOffer})
	if err := st.SendBytes(src, -1); !errors.Is(err, errNoOffer) {
		t.Errorf("sender sees %v", err)
	}
	if err := <-seen; !errors.Is(err, errNoOffer) {
		t.Errorf("receiver sees %v, want the sender's error", err)
	}

	st = open("too few")
	if err := st.SendBytes(strings.NewReader("short"), 100); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("sender sees %v", err)
	}
	if err := <-seen; err == nil || errors.Is(err, io.EOF) {
		t.Errorf("receiver sees %v, want an error", err)
	}

	st = open("no end mark")
	if _, err := st.BytesWriter().Write([]byte("and then nothing")); err != nil {
		t.Fatal(err)
	}
	_ = st.CloseWrite()
	if err := <-seen; !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("receiver sees %v, want io.ErrUnexpectedEOF", err)
	}
	_ = st.Close()

	st = open("too many")
	err = st.SendBytes(endless{}, 64<<20)
	if !errors.Is(err, rpc.ErrTooLarge) {
		t.Errorf("sender sees %v, want ErrTooLarge", err)
	}
	if err := <-seen; !errors.Is(err, rpc.ErrTooLarge) {
		t.Errorf("receiver sees %v, want ErrTooLarge", err)
	}
	st.Reset()

	// The reason of a refusal reaches a sender in the middle of its bytes.
	st = open("refuse")
	if err := st.SendBytes(endless{}, 1<<30); !errors.Is(err, errNoOffer) {
		t.Errorf("sender sees %v, want the refusal", err)
	}
	st.Reset()
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func TestAStreamEndsWithItsContext(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	p := rpc.Protocol{Name: "wait", Idle: -1}
	ended := make(chan error, 1)
	err := s.Handle(p, func(_ context.Context, st *rpc.Stream) error {
		var m wrapperspb.StringValue
		err := st.ReadMsg(&m)
		if err == nil {
			err = st.ReadMsg(&m)
		}
		ended <- err
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(within(t))
	st, err := rpc.Open(ctx, a, b.ID(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.WriteMsg(text("hello")); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	var m wrapperspb.StringValue
	if err := st.ReadMsg(&m); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller sees %v, want context.Canceled", err)
	}
	if err := <-ended; !errors.Is(err, rpc.ErrReset) {
		t.Errorf("the handler sees %v, want ErrReset", err)
	}
	st.Reset()
}

func TestServerCloseEndsStreams(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	p := rpc.Protocol{Name: "wait", Idle: -1}
	begun := make(chan struct{})
	err := s.Handle(p, func(ctx context.Context, st *rpc.Stream) error {
		var m wrapperspb.StringValue
		if err := st.ReadMsg(&m); err != nil {
			return err
		}
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	st, err := rpc.Open(within(t), a, b.ID(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.WriteMsg(text("hello")); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var m wrapperspb.StringValue
	if err := st.ReadMsg(&m); err == nil {
		t.Error("the stream outlived its server")
	}
	st.Reset()
	if err := s.Handle(p, nil); !errors.Is(err, rpc.ErrClosing) {
		t.Errorf("handle after Close: %v, want ErrClosing", err)
	}
	p2ptest.Until(t, "the protocol is gone", func() bool {
		err := rpc.Call(within(t), a, b.ID(), p, text("x"), &m)
		return errors.Is(err, rpc.ErrUnsupported)
	})
}

func TestRecorderKeepsWhatCrosses(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	if err := rpc.Handle1(s, echo, shout); err != nil {
		t.Fatal(err)
	}
	tape := p2ptest.NewRecorder(a)
	var resp wrapperspb.StringValue
	if err := rpc.Call(within(t), tape, b.ID(), echo, text("hi"), &resp); err != nil {
		t.Fatal(err)
	}
	rec := tape.Recordings()
	if len(rec) != 1 || rec[0].Peer != b.ID() || !rec[0].Opened || rec[0].Protocol != a.ProtocolID("echo", 1) {
		t.Fatalf("recorded %+v", rec)
	}
	want, err := proto.Marshal(text("HI"))
	if err != nil {
		t.Fatal(err)
	}
	if got := rec[0].Received(); !bytes.Equal(got, rpc.AppendFrame(nil, 1, want)) {
		t.Errorf("received %x", got)
	}
}

func TestProtocolsAreChecked(t *testing.T) {
	n, err := p2p.New(p2ptest.Config())
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, n, rpc.ServerOptions{})
	for _, p := range []rpc.Protocol{
		{},
		{Name: "Lease"},
		{Name: "a/b"},
		{Name: "x", MaxMessage: 1 << 30},
		{Name: "x", Versions: make([]uint32, 99)},
		{Name: "x", Codes: rpc.Codes{7: errNoOffer}},
		{Name: "x", Codes: rpc.Codes{100: nil}},
		{Name: "x", Rate: -1},
	} {
		if err := s.Handle(p, nil); !errors.Is(err, rpc.ErrProtocol) {
			t.Errorf("%+v: %v, want ErrProtocol", p, err)
		}
	}
}

// Handlers may be set before the network runs; they are there from its first
// moment.
func TestServeBeforeRun(t *testing.T) {
	b, err := p2p.New(p2ptest.Config())
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, b, rpc.ServerOptions{})
	if err := rpc.Handle1(s, echo, shout); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	<-b.Ready()
	a := p2ptest.Node(t)
	p2ptest.Connect(t, a, b)
	var resp wrapperspb.StringValue
	if err := rpc.Call(within(t), a, b.ID(), echo, text("hello"), &resp); err != nil || resp.GetValue() != "HELLO" {
		t.Errorf("answer %q, %v", resp.GetValue(), err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run ended with %v", err)
	}
}
