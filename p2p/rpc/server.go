package rpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"google.golang.org/protobuf/proto"
)

// Host is what this package needs of the network; *p2p.Network is one.
type Host interface {
	// ProtocolID names a version of a protocol on this network.
	ProtocolID(name string, version uint32) protocol.ID
	// NewStream opens a stream speaking the first of ids that the peer knows.
	NewStream(ctx context.Context, p peer.ID, ids ...protocol.ID) (network.Stream, error)
	// SetStreamHandler serves a protocol; each stream gets its own goroutine.
	SetStreamHandler(id protocol.ID, h network.StreamHandler)
	// RemoveStreamHandler stops serving it.
	RemoveStreamHandler(id protocol.ID)
}

// Handler serves one stream. Its error is sent to the other side as a failure;
// nil ends the stream properly. ctx ends with the protocol's Deadline or with
// the Server; a peer that leaves shows as an error of the stream.
type Handler func(ctx context.Context, s *Stream) error

// ServerOptions configure a Server; the zero value works.
type ServerOptions struct {
	// MaxStreams bounds the open streams of all protocols. 0 means 512.
	MaxStreams int
	// Log receives panics (Error) and failed streams (Debug). Nil means nothing.
	Log *slog.Logger
	// Now is the clock of the rate caps. Nil means time.Now.
	Now func() time.Time
}

// Server serves protocols on a Host. It owns the goroutines of their streams:
// Close ends them all and waits.
type Server struct {
	host   Host
	opts   ServerOptions
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu      sync.Mutex // guards the following fields
	closed  bool
	served  []protocol.ID
	streams sync.WaitGroup
}

// NewServer returns a server that serves nothing yet.
func NewServer(h Host, o ServerOptions) *Server {
	o.MaxStreams = cmp.Or(o.MaxStreams, 512)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{host: h, opts: o, slots: make(chan struct{}, o.MaxStreams)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Handle serves every version of p with h. It returns ErrProtocol for a protocol
// that cannot be served, and ErrClosing after Close.
func (s *Server) Handle(p Protocol, h Handler) error {
	settled, err := p.settle()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosing
	}
	g := newGate(settled)
	for _, v := range settled.Versions {
		id := s.host.ProtocolID(settled.Name, v)
		s.served = append(s.served, id)
		s.host.SetStreamHandler(id, func(raw network.Stream) { s.serve(raw, settled, v, g, h) })
	}
	return nil
}

// Handle1 serves a protocol of one request and one answer.
func Handle1[Req, Resp proto.Message](s *Server, p Protocol, h func(ctx context.Context, from peer.ID, req Req) (Resp, error)) error {
	var none Req
	kind := none.ProtoReflect().Type()
	p.Deadline = cmp.Or(p.Deadline, callTime)
	return s.Handle(p, func(ctx context.Context, st *Stream) error {
		req, ok := kind.New().Interface().(Req)
		if !ok {
			return fmt.Errorf("%w: request type", ErrProtocol)
		}
		if err := st.ReadMsg(req); err != nil {
			return err
		}
		resp, err := h(ctx, st.Peer(), req)
		if err != nil {
			return err
		}
		return st.WriteMsg(resp)
	})
}

// serve runs one stream from its start to its end.
func (s *Server) serve(raw network.Stream, p *Protocol, version uint32, g *gate, h Handler) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = raw.Reset()
		return
	}
	s.streams.Add(1)
	s.mu.Unlock()
	defer s.streams.Done()

	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	if p.Deadline > 0 {
		ctx, cancel = context.WithTimeout(ctx, p.Deadline)
		defer cancel()
	}
	st := newStream(ctx, raw, p, version)
	if st.Relayed() && !p.Relayed {
		st.Reset()
		return
	}
	from := st.Peer()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		st.refuse()
		return
	}
	if !g.enter(from, s.opts.Now()) {
		st.refuse()
		return
	}
	defer g.leave(from)

	err := s.guard(ctx, st, h)
	switch {
	case err == nil:
		_ = st.Close()
		return
	case errors.Is(err, ErrReset), errors.Is(err, context.Cause(ctx)):
		st.Reset()
	default:
		st.fail(p.Codes.failure(err))
	}
	s.opts.Log.Debug("stream failed", "protocol", p.Name, "peer", from, "error", err)
}

// guard contains a handler's panic.
func (s *Server) guard(ctx context.Context, st *Stream, h Handler) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.opts.Log.Error("a protocol handler panicked; its stream is lost",
				"protocol", st.p.Name, "peer", st.Peer(), "panic", v, "stack", string(debug.Stack()))
			err = ErrInternal
		}
	}()
	return h(ctx, st)
}

// refuse says that we are busy and waits for nobody: nothing bounds how many
// streams are being refused.
func (s *Stream) refuse() {
	if !s.sendFailure(ours.failure(ErrBusy), 100*time.Millisecond) {
		s.Reset()
		return
	}
	_ = s.Close()
}

// Close stops serving, cuts off the streams that are open and waits for their
// handlers to return.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	served := s.served
	s.mu.Unlock()
	for _, id := range served {
		s.host.RemoveStreamHandler(id)
	}
	s.cancel()
	s.streams.Wait()
	return nil
}
