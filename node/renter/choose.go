package renter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// held is an offer whose provider holds the capacity for us.
type held struct {
	offer market.Offer
	id    []byte
	lease market.Lease // lacks the channel where we named none
	win   time.Duration
	freed chan struct{} // closed when those that accepted in vain are released
}

// choose proposes to the best offers, a few at a time, and returns the best that
// was accepted. The others are released. Declined proposals refresh the book: a
// provider whose price or free capacity changed may be asked again, and one that
// was only busy holding for others is asked again for a few seconds.
func (r *Renter) choose(ctx context.Context, req market.Request, left *big.Int) (*held, error) {
	tried := map[peer.ID]market.Price{}
	again := map[peer.ID]int{}
	var declined error
	var busy []peer.ID
	pauses := 0
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
			id := c.Offer.Bind.Peer
			price, asked := tried[id]
			if len(batch) == width || asked && (price == c.Offer.Price || again[id] >= repriced) {
				continue
			}
			if asked {
				again[id]++
			}
			tried[id] = c.Offer.Price
			batch = append(batch, c.Offer)
		}
		if len(batch) == 0 && len(busy) > 0 && pauses < busyTries {
			pauses++
			for _, id := range busy {
				delete(tried, id)
			}
			busy = nil
			select {
			case <-time.After(busyPause):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			continue
		}
		if len(batch) == 0 {
			return nil, fmt.Errorf("%w: every provider that fits declined; the last said: %w", ErrNoOffer, declined)
		}
		h, wait, err := r.propose(ctx, req, batch, left)
		if h != nil {
			return h, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		declined = err
		busy = append(busy, wait...)
	}
}

// answer is what became of one proposal.
type answer struct {
	rank int
	held *held
	err  error
}

// busyError is the refusal of a provider that may think otherwise in a moment: it
// holds for others just now, or has not seen the deposit yet that we see.
type busyError struct{ error }

// propose asks all of batch at once and keeps the accept of the best ranked. Once
// one has accepted, the others get a moment more: one that is silent must not
// keep a job from running. What comes later is released. It also returns those
// that were only busy.
func (r *Renter) propose(ctx context.Context, req market.Request, batch []market.Offer, left *big.Int) (best *held, busy []peer.ID, _ error) {
	answers := make(chan answer, len(batch))
	for i, o := range batch {
		r.beside(func(run context.Context) {
			h, err := r.proposeTo(run, req, o, left)
			answers <- answer{i, h, err}
		})
	}
	var errs []error
	var vain []*held
	var late <-chan time.Time
	rank, got := len(batch), 0
wait:
	for got < len(batch) {
		select {
		case a := <-answers:
			got++
			switch {
			case a.err != nil:
				errs = append(errs, a.err)
				if errors.As(a.err, new(busyError)) {
					busy = append(busy, batch[a.rank].Bind.Peer)
				}
			case a.rank < rank:
				if best != nil {
					vain = append(vain, best)
				}
				best, rank = a.held, a.rank
				if late == nil {
					late = time.After(acceptGrace)
				}
			default:
				vain = append(vain, a.held)
			}
		case <-late:
			break wait
		case <-ctx.Done():
			if best != nil {
				vain = append(vain, best)
			}
			best = nil
			errs = append(errs, ctx.Err())
			break wait
		}
	}
	freed := make(chan struct{})
	r.beside(func(run context.Context) {
		var wg sync.WaitGroup
		for _, h := range vain {
			wg.Go(func() { r.release(run, h) })
		}
		wg.Wait()
		close(freed)
		for range len(batch) - got { // each ends within callTimeout
			if a := <-answers; a.held != nil {
				r.release(run, a.held)
			}
		}
	})
	if best != nil {
		best.freed = freed
	}
	return best, busy, errors.Join(errs...)
}

func (r *Renter) proposeTo(ctx context.Context, req market.Request, o market.Offer, left *big.Int) (*held, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	now := r.cfg.Now()
	bind, err := r.cfg.Notary.Bind(now, now.Add(bindLife))
	if err != nil {
		return nil, err
	}
	term := r.affordableTerm(o, req.Resources, req.Term.Round(time.Second), left)
	if term < time.Second {
		return nil, fmt.Errorf("%s: %w: what the job was said to cost at most is spent", o.Name, notary.ErrLimit)
	}
	p := market.Proposal{
		Network: r.cfg.Notary.Network(), Bind: bind, Resources: req.Resources, Price: o.Price,
		Term: term, Tier: req.Tier, Issued: now.UTC().Truncate(time.Millisecond),
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
		err := fmt.Errorf("%s: %s (%s)", o.Name, market.RejectCode(rej.Code), rej.Text)
		switch market.RejectCode(rej.Code) {
		case market.RejectBusy, market.RejectFunds:
			err = busyError{err}
		}
		return nil, err
	}
	h, err := r.accepted(p, o, ans.GetAccept())
	if err != nil {
		r.release(ctx, &held{offer: o, id: ans.GetAccept().GetHold()})
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
	win := time.Duration(acc.CloseWindowS) * time.Second
	if win > longestWindow {
		return nil, fmt.Errorf("%w: it wants channels that take %s to close", market.ErrInvalid, market.FormatDuration(win))
	}
	return &held{offer: o, id: acc.Hold, lease: l, win: win}, nil
}

// releaseLater is release without waiting for it.
func (r *Renter) releaseLater(h *held) {
	r.beside(func(run context.Context) { r.release(run, h) })
}

// release lets go of a hold. It would end by itself: failing does no harm.
func (r *Renter) release(ctx context.Context, h *held) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	call := &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Release{Release: &marketpb.Release{Hold: h.id}}}
	if err := r.cfg.Peers.Call(ctx, h.offer.Bind.Peer, market.ProtocolLease, call, &marketpb.Released{}); err != nil {
		r.cfg.Log.Debug("hold not released", "provider", h.offer.Name, "err", err)
	}
}
