package rpc_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
	"github.com/etal-cloud/etal/p2p/rpc"
)

// raw opens a stream without any manners.
func raw(t testing.TB, from, to *p2p.Network, p rpc.Protocol) network.Stream {
	t.Helper()
	st, err := from.NewStream(within(t), to.ID(), from.ProtocolID(p.Name, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Reset() })
	return st
}

// A stranger sends what is no frame, too large, cut off or of the wrong kind:
// the stream ends with an error, the peer stays and answers others.
func TestGarbage(t *testing.T) {
	a, b := p2ptest.Pair(t)
	s := serve(t, b, rpc.ServerOptions{})
	seen := make(chan error, 1)
	p := rpc.Protocol{Name: "strict", MaxMessage: 1 << 10, Rate: 1000}
	err := s.Handle(p, func(_ context.Context, st *rpc.Stream) error {
		var m wrapperspb.StringValue
		err := st.ReadMsg(&m)
		seen <- err
		if err != nil {
			return err
		}
		return st.WriteMsg(&m)
	})
	if err != nil {
		t.Fatal(err)
	}
	huge := binary.AppendUvarint([]byte{1}, 1<<40)
	for name, c := range map[string]struct {
		bytes []byte
		want  error
	}{
		"unknown kind":        {[]byte{99, 1, 1}, rpc.ErrMalformed},
		"kind 0":              {[]byte{0, 0}, rpc.ErrMalformed},
		"http":                {[]byte("GET / HTTP/1.1\r\n\r\n"), rpc.ErrMalformed},
		"huge length":         {huge, rpc.ErrTooLarge},
		"length without end":  {append([]byte{1}, bytes.Repeat([]byte{0xff}, 20)...), rpc.ErrTooLarge},
		"padded length":       {[]byte{1, 0x81, 0x00, 0}, rpc.ErrMalformed},
		"one byte too many":   {binary.AppendUvarint([]byte{1}, 1025), rpc.ErrTooLarge},
		"half a header":       {[]byte{1}, rpc.ErrMalformed},
		"half a body":         {[]byte{1, 50, 1, 2, 3}, rpc.ErrMalformed},
		"no protobuf":         {rpc.AppendFrame(nil, 1, []byte{0x0a, 0xff}), rpc.ErrMalformed},
		"bad text":            {rpc.AppendFrame(nil, 1, []byte{0x0a, 2, 0xff, 0xff}), rpc.ErrMalformed},
		"bytes":               {rpc.AppendFrame(nil, 2, []byte("x")), rpc.ErrMalformed},
		"end with a body":     {rpc.AppendFrame(nil, 3, []byte("x")), rpc.ErrTooLarge},
		"empty piece":         {rpc.AppendFrame(nil, 2, nil), rpc.ErrMalformed},
		"huge piece":          {binary.AppendUvarint([]byte{2}, rpc.ChunkSize+1), rpc.ErrTooLarge},
		"huge failure":        {binary.AppendUvarint([]byte{4}, 1<<20), rpc.ErrTooLarge},
		"failure of nonsense": {rpc.AppendFrame(nil, 4, []byte{0xff}), rpc.ErrMalformed},
		"nothing":             {nil, io.EOF},
	} {
		st := raw(t, a, b, p)
		if _, err := st.Write(c.bytes); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = st.CloseWrite()
		if err := <-seen; !errors.Is(err, c.want) {
			t.Errorf("%s: the handler sees %v, want %v", name, err, c.want)
		}
		_ = st.SetReadDeadline(time.Now().Add(30 * time.Second))
		if b, err := io.ReadAll(st); err == nil && bytes.HasPrefix(b, []byte{1}) {
			t.Errorf("%s: was answered", name)
		}
	}
	st, err := rpc.Open(within(t), a, b.ID(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Reset()
	if err := st.WriteMsg(text("hello")); err != nil {
		t.Fatal(err)
	}
	var m wrapperspb.StringValue
	if err := st.ReadMsg(&m); err != nil || m.GetValue() != "hello" {
		t.Errorf("after all that: %q, %v", m.GetValue(), err)
	}
	if err := <-seen; err != nil {
		t.Error(err)
	}
}

// A server that is a stranger hurts the caller as little.
func TestGarbageFromTheServer(t *testing.T) {
	a, b := p2ptest.Pair(t)
	answers := make(chan []byte, 1)
	b.SetStreamHandler(b.ProtocolID("echo", 1), func(st network.Stream) {
		_, _ = st.Write(<-answers)
		_ = st.Close()
	})
	for name, c := range map[string]struct {
		bytes []byte
		want  error
	}{
		"garbage":         {[]byte("hello"), rpc.ErrMalformed},
		"huge":            {binary.AppendUvarint([]byte{1}, 1<<30), rpc.ErrTooLarge},
		"nothing":         {nil, rpc.ErrReset},
		"unknown code":    {rpc.AppendFrame(nil, 4, (&rpc.Error{Code: 4711, Text: "odd"}).Encode()), nil},
		"terminal escape": {rpc.AppendFrame(nil, 4, []byte{0x08, 100, 0x12, 4, 0x1b, '[', '2', 'J'}), errNoOffer},
	} {
		answers <- c.bytes
		var m wrapperspb.StringValue
		err := rpc.Call(within(t), a, b.ID(), echo, text("x"), &m)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err != nil && bytes.ContainsRune([]byte(err.Error()), 0x1b) {
			t.Errorf("%s: the text moves the cursor: %q", name, err)
		}
	}
	b.RemoveStreamHandler(b.ProtocolID("echo", 1))
}

// In virtual time: one who says nothing, one who sends a byte now and then, and
// one who does not read. All lose their stream at the time the protocol says.
func TestSlowStrangers(t *testing.T) {
	p := rpc.Protocol{Name: "slow", Idle: 30 * time.Second, Stall: 20 * time.Second, Rate: 1000, Burst: 1000}
	p2ptest.Sim(t, 2, p2ptest.SimOptions{}, func(t *testing.T, nodes []*p2p.Network) {
		a, b := nodes[1], nodes[0]
		p2ptest.Connect(t, a, b)
		s := rpc.NewServer(b, rpc.ServerOptions{})
		defer func() { _ = s.Close() }()
		type end struct {
			err   error
			after time.Duration
		}
		ends := make(chan end, 1)
		err := s.Handle(p, func(_ context.Context, st *rpc.Stream) error {
			start := time.Now()
			var m wrapperspb.StringValue
			err := st.ReadMsg(&m)
			if err == nil && m.GetValue() == "flood me" {
				err = st.SendBytes(endless{}, 1<<30)
			}
			ends <- end{err, time.Since(start)}
			return err
		})
		if err != nil {
			t.Error(err)
			return
		}
		open := func() network.Stream {
			st, err := a.NewStream(context.Background(), b.ID(), a.ProtocolID(p.Name, 1))
			if err != nil {
				t.Error(err)
			}
			return st
		}
		near := func(what string, e end, want time.Duration) {
			if !errors.Is(e.err, rpc.ErrTimeout) || e.after < want || e.after > want+10*time.Second {
				t.Errorf("%s: %v after %v, want ErrTimeout after %v", what, e.err, e.after, want)
			}
		}

		st := open()
		_, _ = st.Write(nil)
		// The protocol is negotiated with the first bytes or the first read.
		read := make(chan struct{})
		go func() { defer close(read); _, _ = io.ReadAll(st) }()
		near("silence", <-ends, p.Idle)
		<-read
		_ = st.Reset()

		st = open()
		dripped := make(chan int, 1)
		go func() {
			n := 0
			for _, b := range rpc.AppendFrame(nil, 1, make([]byte, 1000)) {
				if _, err := st.Write([]byte{b}); err != nil {
					break
				}
				n++
				time.Sleep(time.Second)
			}
			dripped <- n
		}()
		near("a byte per second", <-ends, p.Stall)
		if n := <-dripped; n > 60 {
			t.Errorf("%d bytes dripped before the end", n)
		}
		_ = st.Reset()

		st = open()
		hello := rpc.AppendFrame(nil, 1, append([]byte{0x0a, 8}, "flood me"...))
		_, _ = st.Write(hello)
		near("not reading", <-ends, p.Stall)
		_ = st.Reset()

		var m wrapperspb.StringValue
		call, err := rpc.Open(context.Background(), a, b.ID(), p)
		if err != nil {
			t.Errorf("after all that: %v", err)
			return
		}
		_ = call.WriteMsg(text("hello"))
		if err := call.ReadMsg(&m); !errors.Is(err, io.EOF) {
			t.Errorf("after all that: %v, want io.EOF", err)
		}
		<-ends
		_ = call.Close()
	})
}

// One peer cannot take more than its share, all peers not more than there is,
// and nobody may insist.
func TestTooManyStreams(t *testing.T) {
	a, b := p2ptest.Pair(t)
	c := p2ptest.Node(t)
	p2ptest.Connect(t, c, b)
	s := serve(t, b, rpc.ServerOptions{})
	hold := rpc.Protocol{Name: "hold", PerPeer: 3, Total: 5, Rate: 1000, Burst: 1000}
	var open atomic.Int64
	err := s.Handle(hold, func(ctx context.Context, st *rpc.Stream) error {
		open.Add(1)
		defer open.Add(-1)
		var m wrapperspb.StringValue
		if err := st.WriteMsg(text("in")); err != nil {
			return err
		}
		return st.ReadMsg(&m)
	})
	if err != nil {
		t.Fatal(err)
	}
	enter := func(from *p2p.Network) (*rpc.Stream, error) {
		st, err := rpc.Open(within(t), from, b.ID(), hold)
		if err != nil {
			t.Fatal(err)
		}
		var m wrapperspb.StringValue
		return st, st.ReadMsg(&m)
	}
	var held []*rpc.Stream
	for range 3 {
		st, err := enter(a)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, st)
	}
	if st, err := enter(a); !errors.Is(err, rpc.ErrBusy) {
		t.Errorf("a fourth stream of one peer: %v, want ErrBusy", err)
	} else {
		st.Reset()
	}
	for range 2 {
		st, err := enter(c)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, st)
	}
	if st, err := enter(c); !errors.Is(err, rpc.ErrBusy) {
		t.Errorf("a sixth stream of all peers: %v, want ErrBusy", err)
	} else {
		st.Reset()
	}
	if open.Load() != 5 {
		t.Errorf("%d handlers run, want 5", open.Load())
	}
	for _, st := range held {
		st.Reset()
	}
	p2ptest.Until(t, "there is room again", func() bool { return open.Load() == 0 })
	p2ptest.Until(t, "a stream is let in", func() bool {
		st, err := enter(a)
		st.Reset()
		return err == nil
	})
}

func TestRate(t *testing.T) {
	a, b := p2ptest.Pair(t)
	now := time.Unix(1e9, 0)
	var clock atomic.Pointer[time.Time]
	clock.Store(&now)
	s := serve(t, b, rpc.ServerOptions{Now: func() time.Time { return *clock.Load() }})
	p := echo
	p.Rate, p.Burst = 1, 3
	if err := rpc.Handle1(s, p, shout); err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		var m wrapperspb.StringValue
		return rpc.Call(within(t), a, b.ID(), p, text("x"), &m)
	}
	for i := range 3 {
		if err := ask(); err != nil {
			t.Errorf("call %d of the burst: %v", i, err)
		}
	}
	if err := ask(); !errors.Is(err, rpc.ErrBusy) {
		t.Errorf("beyond the burst: %v, want ErrBusy", err)
	}
	later := now.Add(1100 * time.Millisecond)
	clock.Store(&later)
	if err := ask(); err != nil {
		t.Errorf("a second later: %v", err)
	}
	if err := ask(); !errors.Is(err, rpc.ErrBusy) {
		t.Errorf("and again: %v, want ErrBusy", err)
	}
}
