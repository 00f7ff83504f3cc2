package rpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
	"google.golang.org/protobuf/proto"
)

// Open begins a conversation with a peer, in the highest version that both
// speak. The stream ends with ctx, and must be closed or reset by the caller. A
// peer that does not speak the protocol is ErrUnsupported (sometimes only at the
// first read); one that cannot be reached gives the network's error.
func Open(ctx context.Context, h Host, to peer.ID, p Protocol) (*Stream, error) {
	settled, err := p.settle()
	if err != nil {
		return nil, err
	}
	return open(ctx, h, to, settled)
}

func open(ctx context.Context, h Host, to peer.ID, p *Protocol) (*Stream, error) {
	ids := make([]protocol.ID, len(p.Versions))
	for i, v := range p.Versions {
		ids[i] = h.ProtocolID(p.Name, v)
	}
	how := ctx
	if p.Relayed {
		how = network.WithAllowLimitedConn(ctx, p.Name)
	}
	raw, err := h.NewStream(how, to, ids...)
	if err != nil {
		var unsupported multistream.ErrNotSupported[protocol.ID]
		switch {
		case errors.As(err, &unsupported):
			err = ErrUnsupported
		case errors.Is(err, context.DeadlineExceeded):
			err = fmt.Errorf("%w: %w", ErrTimeout, err)
		}
		return nil, fmt.Errorf("open %s with %s: %w", p.Name, to, err)
	}
	for i, id := range ids {
		if raw.Protocol() == id {
			return newStream(ctx, raw, p, p.Versions[i]), nil
		}
	}
	_ = raw.Reset()
	return nil, fmt.Errorf("open %s with %s: %w", p.Name, to, ErrUnsupported)
}

// Call sends one request and reads its one answer into resp. Without a deadline
// in ctx it takes at most the protocol's Deadline, or 30 s. A failure that the
// other side reports is an *Error that matches its sentinel.
func Call(ctx context.Context, h Host, to peer.ID, p Protocol, req, resp proto.Message) error {
	settled, err := p.settle()
	if err != nil {
		return err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmp.Or(settled.Deadline, callTime))
		defer cancel()
	}
	s, err := open(ctx, h, to, settled)
	if err != nil {
		return err
	}
	if err := s.ask(req, resp); err != nil {
		s.Reset()
		return fmt.Errorf("call %s: %w", p.Name, err)
	}
	return s.Close()
}

// ask sends a request, ends the sending, and reads the answer. The other side
// may answer, or refuse, without reading all of the request; then the sending
// fails and the answer is there nevertheless.
func (s *Stream) ask(req, resp proto.Message) error {
	sent := s.WriteMsg(req)
	if sent == nil {
		sent = s.CloseWrite()
	}
	if sent != nil && !errors.Is(sent, ErrReset) {
		return sent
	}
	err := s.ReadMsg(resp)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: no answer", ErrReset)
	}
	return err
}
