package renter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// held is an offer whose provider holds the capacity for us.
type held struct {
	offer market.Offer
	id    []byte
	lease market.Lease // lacks the channel where we named none
	win   time.Duration
}

// choose proposes to the best offers, a few at a time, and returns the best that
// was accepted. The others are released. Declined proposals refresh the book.
func (r *Renter) choose(ctx context.Context, req market.Request) (*held, error) {
	tried := map[peer.ID]bool{}
	var declined error
	for width := firstAsked; ; width = moreAsked {
		q, err := r.Quote(req)
		if err != nil {
			if declined != nil && errors.Is(err, ErrNoOffer) {
				return nil, fmt.Errorf("%w: %w", ErrNoOffer, declined)
			}
			return nil, err
		}
		var batch []market.Offer
		for _, c := range q.Ranked {
			if !tried[c.Offer.Bind.Peer] && len(batch) < width {
				tried[c.Offer.Bind.Peer] = true
				batch = append(batch, c.Offer)
			}
		}
		if len(batch) == 0 {
			return nil, fmt.Errorf("%w: every provider that fits declined; the last said: %w", ErrNoOffer, declined)
		}
		h, err := r.propose(ctx, req, batch)
		if h != nil {
			return h, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		declined = err
	}
}

// propose asks all of batch at once and keeps the accept of the best ranked.
func (r *Renter) propose(ctx context.Context, req market.Request, batch []market.Offer) (*held, error) {
	got := make([]*held, len(batch))
	errs := make([]error, len(batch))
	var wg sync.WaitGroup
	for i, o := range batch {
		wg.Go(func() { got[i], errs[i] = r.proposeTo(ctx, req, o) })
	}
	wg.Wait()
	var best *held
	for _, h := range got {
		switch {
		case h == nil:
		case best == nil:
			best = h
		default:
			wg.Go(func() { r.release(h) })
		}
	}
	wg.Wait()
	return best, errors.Join(errs...)
}

func (r *Renter) proposeTo(ctx context.Context, req market.Request, o market.Offer) (*held, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	now := r.cfg.Now()
	bind, err := r.cfg.Notary.Bind(now, now.Add(bindLife))
	if err != nil {
		return nil, err
	}
	p := market.Proposal{
		Network: r.cfg.Notary.Network(), Bind: bind, Resources: req.Resources, Price: o.Price,
		Term: req.Term.Round(time.Second), Tier: req.Tier, Issued: now.UTC().Truncate(time.Millisecond),
	}
	if c := r.channelFor(o.Bind.Account, nil); c != nil {
		p.Channel = c.ID
	}
	if _, err := rand.Read(p.Nonce[:]); err != nil {
		return nil, err
	}
	if err := r.cfg.Notary.SignProposal(&p); err != nil {
		return nil, err
	}
	var ans marketpb.ProposalAnswer
	call := &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Propose{Propose: p.Proto()}}
	if err := r.cfg.Peers.Call(ctx, o.Bind.Peer, market.ProtocolLease, call, &ans); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	if err := ans.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	if rej := ans.GetReject(); rej != nil {
		if len(rej.Delta) > 0 {
			r.cfg.Book.Learn(rej.Delta)
		}
		return nil, fmt.Errorf("%s: %s (%s)", o.Name, market.RejectCode(rej.Code), rej.Text)
	}
	h, err := r.accepted(p, o, ans.GetAccept())
	if err != nil {
		r.release(&held{offer: o, id: ans.GetAccept().GetHold()})
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	return h, nil
}

// accepted checks that an accept is of what we proposed, by the one who offered.
func (r *Renter) accepted(p market.Proposal, o market.Offer, acc *marketpb.Accept) (*held, error) {
	l, err := market.LeaseFromProto(acc.Terms)
	if err != nil {
		return nil, err
	}
	n, now := r.cfg.Notary, r.cfg.Now()
	bind, err := market.BindFromProto(acc.Bind)
	if err != nil {
		return nil, err
	}
	if bind.Peer != o.Bind.Peer || bind.Account != o.Bind.Account {
		return nil, fmt.Errorf("%w: the accept is bound to somebody else", market.ErrInvalid)
	}
	if err := n.CheckBind(bind, now); err != nil {
		return nil, err
	}
	want := l // what the provider alone decides
	want.Network, want.Renter, want.Provider = n.Network(), n.Account(), bind.Account
	want.RenterPeer, want.ProviderPeer = n.Peer(), bind.Peer
	want.RenterSigner, want.ProviderSigner = n.Signer(), bind.Signer
	want.Resources, want.Price, want.Term, want.Tier, want.Channel = p.Resources, p.Price, p.Term, p.Tier, p.Channel
	if !proto.Equal(want.Proto(), acc.Terms) {
		return nil, fmt.Errorf("%w: the terms accepted are not those proposed", market.ErrInvalid)
	}
	if d := l.Accepted.Sub(now); d > market.MaxClockSkew || d < -market.MaxClockSkew {
		return nil, fmt.Errorf("%w: the provider's clock is %s off", market.ErrExpired, d.Round(time.Second))
	}
	return &held{offer: o, id: acc.Hold, lease: l, win: time.Duration(acc.CloseWindowS) * time.Second}, nil
}

// release lets go of a hold. It would end by itself: failing does no harm.
func (r *Renter) release(h *held) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	call := &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Release{Release: &marketpb.Release{Hold: h.id}}}
	if err := r.cfg.Peers.Call(ctx, h.offer.Bind.Peer, market.ProtocolLease, call, &marketpb.Released{}); err != nil {
		r.cfg.Log.Debug("hold not released", "provider", h.offer.Name, "err", err)
	}
}
