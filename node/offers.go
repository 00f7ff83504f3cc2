package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/book"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/market/trust"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/p2p/gossip"
	"github.com/etal-cloud/etal/p2p/rpc"
	"github.com/libp2p/go-libp2p/core/peer"
)

// offers is the node's view of the market: the book, filled by gossip and by
// asking peers, and what receipts say of providers.
type offers struct {
	book   *book.Book
	notary *notary.Notary
	host   rpc.Host
	now    func() time.Time

	mu    sync.Mutex // guards the following fields
	trust map[peer.ID]*trust.Record
}

func newOffers(n *notary.Notary, host rpc.Host, seed uint64, now func() time.Time) *offers {
	o := &offers{notary: n, host: host, now: now, trust: map[peer.ID]*trust.Record{}}
	o.book = book.New(book.Config{
		Network: n.Network(), Seed: seed,
		CheckBind: func(_ market.NetworkID, b market.Bind) error { return n.CheckBind(b, now()) },
	})
	return o
}

// topic prepares the gossip topic of offers.
func (o *offers) topic(net gossip.Network) (*gossip.Topic[market.Sealed], error) {
	return gossip.Join(net, market.TopicOffers, gossip.Options[market.Sealed]{
		MaxBytes: market.MaxOfferBytes,
		Decode: func(b []byte) (market.Sealed, error) {
			return market.ParseSealed(append([]byte(nil), b...))
		},
		Validate: func(_ peer.ID, s market.Sealed) gossip.Verdict {
			switch v, _ := o.book.Insert(s, o.now()); {
			case v.Accept():
				return gossip.Accept
			case v.Reject():
				return gossip.Reject
			}
			return gossip.Ignore
		},
		Deliver: func(peer.ID, market.Sealed) {}, // Validate has put it into the book
	})
}

// Offers returns the valid offers, deltas applied.
func (o *offers) Offers() []market.Offer {
	entries := o.book.Query(nil, o.now())
	list := make([]market.Offer, len(entries))
	for i, e := range entries {
		list[i] = e.Offer
	}
	return list
}

// Learn takes in a sealed object that came with an answer.
func (o *offers) Learn(raw []byte) {
	if s, err := market.ParseSealed(raw); err == nil {
		_, _ = o.book.Insert(s, o.now()) // a bad one teaches nothing
	}
}

// Trust returns a provider's score.
func (o *offers) Trust(p peer.ID) float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.trust[p]
	if r == nil {
		r = new(trust.Record)
	}
	return r.Score(o.now())
}

// Receipt takes in a receipt that both parties signed.
func (o *offers) Receipt(l market.Lease, m *marketpb.Receipt) {
	rec, err := market.ReceiptFromProto(m)
	if err != nil || !rec.Cosigned() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.trust[l.ProviderPeer]
	if r == nil {
		r = new(trust.Record)
		o.trust[l.ProviderPeer] = r
	}
	r.Add(rec, o.now())
}

// serve answers /etal/book/1: the best offers for what is wanted.
func (o *offers) serve(srv *rpc.Server) error {
	return rpc.Handle1(srv, protocols[market.ProtocolBook], func(_ context.Context, _ peer.ID, q *marketpb.BookQuery) (*marketpb.BookAnswer, error) {
		if err := q.Validate(); err != nil {
			return nil, fmt.Errorf("%w: %w", market.ErrInvalid, err)
		}
		var want market.Resources
		if q.Want != nil {
			var err error
			if want, err = market.ResourcesFromProto(q.Want); err != nil {
				return nil, err
			}
		}
		return &marketpb.BookAnswer{Offers: o.book.Best(want, int(q.Limit), o.now())}, nil
	})
}

// ask fills the book from a peer that knows the market already.
func (o *offers) ask(ctx context.Context, from peer.ID) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var ans marketpb.BookAnswer
	if err := rpc.Call(ctx, o.host, from, protocols[market.ProtocolBook], &marketpb.BookQuery{Limit: marketpb.MaxBookOffers}, &ans); err != nil {
		return err
	}
	if err := ans.Validate(); err != nil {
		return err
	}
	for _, raw := range ans.Offers {
		o.Learn(raw)
	}
	return nil
}
