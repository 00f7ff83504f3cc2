package node

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/provider"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/etal-cloud/etal/p2p/rpc"
	"github.com/etal-cloud/etal/runtime"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// codes are the errors of the trade on the wire. Append only.
var codes = rpc.Codes{
	100: market.ErrInvalid, 101: market.ErrUnknown, 102: market.ErrHold, 103: market.ErrFunds,
	104: market.ErrState, 105: market.ErrExpired, 106: market.ErrSignature, 107: market.ErrNetwork,
	108: market.ErrOverflow, 109: market.ErrTransition,
	120: runtime.ErrImage, 121: runtime.ErrDigest, 122: runtime.ErrUnavailable, 123: runtime.ErrUnsupported,
	124: runtime.ErrNotFound, 125: runtime.ErrState, 126: runtime.ErrExists,
}

// protocols bound the trade's conversations. The numbers leave room for a renter
// with some tens of jobs on one provider.
var protocols = map[string]rpc.Protocol{
	market.ProtocolBook:  {Name: market.ProtocolBook, Codes: codes, MaxMessage: marketpb.MaxBookBytes, Rate: 2, Burst: 10, Deadline: 10 * time.Second},
	market.ProtocolLease: {Name: market.ProtocolLease, Codes: codes, MaxMessage: marketpb.MaxLeaseBytes, Rate: 20, Burst: 60, Deadline: 10 * time.Second},
	market.ProtocolJob:   {Name: market.ProtocolJob, Codes: codes, MaxMessage: marketpb.MaxJobBytes, PerPeer: 128, Total: 512, Rate: 100, Burst: 400, Idle: time.Minute},
	market.ProtocolPay:   {Name: market.ProtocolPay, Codes: codes, MaxMessage: marketpb.MaxPayBytes, PerPeer: 32, Rate: 50, Burst: 200, Deadline: 15 * time.Second},
}

// peers reaches other nodes for the renter.
type peers struct{ host rpc.Host }

func (p peers) Call(ctx context.Context, to peer.ID, name string, req, resp proto.Message) error {
	return rpc.Call(ctx, p.host, to, asker(name), req, resp)
}

func (p peers) Open(ctx context.Context, to peer.ID, name string) (renter.Stream, error) {
	s, err := rpc.Open(ctx, p.host, to, asker(name))
	if err != nil {
		return nil, err
	}
	return s, nil
}

// asker is a protocol as its asking side uses it: what an answer waits for (a
// job's end, its next line) takes as long as it takes, and the asker's own
// context bounds it.
func asker(name string) rpc.Protocol {
	p := protocols[name]
	p.Idle = -1
	return p
}

// valid is a message that can check itself.
type valid interface {
	proto.Message
	Validate() error
}

// read takes the one request of a stream and checks it.
func read[T valid](s *rpc.Stream, m T) error {
	if err := s.ReadMsg(m); err != nil {
		if err == io.EOF { //nolint:errorlint // a stream without a request
			return fmt.Errorf("%w: no request", market.ErrInvalid)
		}
		return err
	}
	if err := m.Validate(); err != nil {
		return fmt.Errorf("%w: %w", market.ErrInvalid, err)
	}
	return nil
}

// serveSelling registers a provider's side of the trade.
func serveSelling(srv *rpc.Server, p *provider.Provider) error {
	err := srv.Handle(protocols[market.ProtocolLease], func(ctx context.Context, s *rpc.Stream) error {
		var call marketpb.LeaseCall
		if err := read(s, &call); err != nil {
			return err
		}
		switch c := call.Call.(type) {
		case *marketpb.LeaseCall_Propose:
			return s.WriteMsg(p.Propose(ctx, s.Peer(), c.Propose))
		case *marketpb.LeaseCall_Commit:
			ans, err := p.Commit(ctx, s.Peer(), c.Commit)
			if err != nil {
				return err
			}
			return s.WriteMsg(ans)
		case *marketpb.LeaseCall_Release:
			p.Release(ctx, s.Peer(), c.Release)
			return s.WriteMsg(&marketpb.Released{})
		}
		return market.ErrInvalid
	})
	if err != nil {
		return err
	}
	err = srv.Handle(protocols[market.ProtocolJob], func(ctx context.Context, s *rpc.Stream) error {
		var call marketpb.JobCall
		if err := read(s, &call); err != nil {
			return err
		}
		return p.Job(ctx, s, &call)
	})
	if err != nil {
		return err
	}
	return srv.Handle(protocols[market.ProtocolPay], func(ctx context.Context, s *rpc.Stream) error {
		var call marketpb.TradeCall
		if err := read(s, &call); err != nil {
			return err
		}
		ans, err := p.Trade(ctx, s.Peer(), &call)
		if err != nil {
			return err
		}
		return s.WriteMsg(ans)
	})
}
