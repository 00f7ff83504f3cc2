package provider

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// openMargin is how long an OpenFor must stay valid for us to get it mined.
const openMargin = 10 * time.Minute

// Commit turns a hold into a lease: it checks what the renter signed and what
// pays for it, saves, and only then signs and submits. Committing the same lease
// again returns the same signature.
func (p *Provider) Commit(_ context.Context, from peer.ID, m *marketpb.Commit) (*marketpb.Committed, error) {
	l, err := market.LeaseFromProto(m.Terms)
	if err != nil {
		return nil, err
	}
	id := p.cfg.Notary.LeaseID(l)
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.leases[id]; r != nil && r.lease.RenterPeer == from {
		return &marketpb.Committed{ProviderSig: r.ProviderSig}, nil
	}
	now := p.cfg.Now()
	h := p.holds[string(m.Hold)]
	if h == nil || h.lease.RenterPeer != from || !now.Before(h.until) {
		return nil, market.ErrHold
	}
	want := h.lease
	want.Channel = l.Channel
	if !bytes.Equal(want.Encode(), l.Encode()) {
		return nil, fmt.Errorf("%w: the terms are not those that were accepted", market.ErrInvalid)
	}
	if err := p.cfg.Notary.CheckLease(l, m.RenterSig, l.RenterSigner); err != nil {
		return nil, fmt.Errorf("renter's signature: %w", err)
	}
	ch, err := p.payable(now, l, m)
	if err != nil {
		return nil, err
	}
	r := &record{
		ID: id, State: market.LeaseOpening, Terms: l.Encode(), RenterSig: m.RenterSig,
		Alloc: market.AllocPending, Paid: new(big.Int), lease: l, changed: make(chan struct{}),
	}
	if st, ok := p.cfg.Chain.Channel(l.Channel); ok && st.Confirmed {
		r.State = market.LeaseActive
	}
	if r.ProviderSig, err = p.cfg.Notary.SignLease(l); err != nil {
		return nil, err
	}
	ch.Used, ch.Peer = now, from.String()
	if err := p.save(r, ch, &p.meta); err != nil {
		return nil, err
	}
	p.channels[ch.ID] = ch
	p.add(r)
	delete(p.holds, h.id)
	p.dirty = true
	p.submitOpen(ch)
	p.wake()
	return &marketpb.Committed{ProviderSig: r.ProviderSig}, nil
}

// payable checks that the channel named by l pays us and covers a minute of it.
// The caller holds p.mu.
func (p *Provider) payable(now time.Time, l market.Lease, m *marketpb.Commit) (*channel, error) {
	ch := p.channels[l.Channel]
	if ch == nil {
		if m.Channel == nil {
			return nil, fmt.Errorf("channel %s: %w", l.Channel, market.ErrUnknown)
		}
		var err error
		if ch, err = p.newChannel(now, l, m); err != nil {
			return nil, err
		}
	}
	if ch.Renter != l.Renter {
		return nil, fmt.Errorf("%w: the channel is another renter's", market.ErrInvalid)
	}
	if market.Account(ch.terms().Signer) != l.RenterSigner {
		return nil, fmt.Errorf("%w: the channel's signer is not the lease's", market.ErrInvalid)
	}
	if v := ch.voucher(); v != nil && len(v.Parts) >= marketpb.MaxParts {
		return nil, fmt.Errorf("%w: the channel served %d leases: open a new one", market.ErrFunds, len(v.Parts))
	}
	cost, err := market.Usage{DeliveredMS: min(minCover, l.Term).Milliseconds()}.Cost(l.Price, l.Resources)
	if err != nil {
		return nil, err
	}
	rest := new(big.Int)
	if p.channels[l.Channel] == nil {
		rest.Set(ch.Amount)
	} else if v, ok := p.rest(l.Channel); ok {
		rest = v
	} else {
		return nil, fmt.Errorf("%w: the channel is closing or closed", market.ErrFunds)
	}
	if rest.Cmp(cost.BaseUnits(p.cfg.Notary.Decimals())) < 0 {
		return nil, fmt.Errorf("%w: the channel holds %s units and a minute costs more", market.ErrFunds, rest)
	}
	return ch, nil
}

// newChannel checks a channel that we have not seen: open on the chain already,
// or opened by us with the renter's signature.
func (p *Provider) newChannel(now time.Time, l market.Lease, m *marketpb.Commit) (*channel, error) {
	n := p.cfg.Notary
	id, err := n.ChannelID(m.Channel)
	if err != nil {
		return nil, err
	}
	switch {
	case id != l.Channel:
		return nil, fmt.Errorf("%w: the channel's terms are not those of its id", market.ErrInvalid)
	case market.Account(m.Channel.Payee) != n.Account():
		return nil, fmt.Errorf("%w: the channel pays somebody else", market.ErrInvalid)
	case market.Account(m.Channel.Renter) != l.Renter:
		return nil, fmt.Errorf("%w: the channel is another renter's", market.ErrInvalid)
	case market.Account(m.Channel.Token) != n.Token():
		return nil, fmt.Errorf("%w: the channel holds another token", market.ErrInvalid)
	case time.Duration(m.Channel.WindowS)*time.Second < closeWindow:
		return nil, fmt.Errorf("%w: the channel's closing window is below %s", market.ErrInvalid, closeWindow)
	}
	terms, err := proto.Marshal(m.Channel)
	if err != nil {
		return nil, err
	}
	ch := &channel{ID: id, Terms: terms, Renter: l.Renter, leases: map[market.LeaseID]*record{}}
	if n := p.openChannels(l.Renter); n >= maxChannels {
		return nil, fmt.Errorf("%w: %d channels of this account are open: close some", market.ErrFunds, n)
	}
	if st, ok := p.cfg.Chain.Channel(id); ok {
		if st.Closed || !st.ClosesAt.IsZero() {
			return nil, fmt.Errorf("%w: the channel is closing or closed", market.ErrFunds)
		}
		if st.Redeemed.Sign() > 0 {
			// Without the vouchers before it, a new one cannot be judged.
			return nil, fmt.Errorf("%w: the channel was redeemed from before it was seen here: open a new one", market.ErrFunds)
		}
		ch.Amount = new(big.Int).Set(st.Amount)
		return ch, nil
	}
	if m.Open == nil {
		return nil, fmt.Errorf("%w: the chain shows no such channel", market.ErrFunds)
	}
	if time.Unix(m.Open.DeadlineS, 0).Before(now.Add(openMargin)) {
		return nil, fmt.Errorf("%w: the opening expires in less than %s", market.ErrExpired, openMargin)
	}
	if err := n.CheckOpen(m.Channel, m.Open); err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	ch.Amount = new(big.Int).SetBytes(m.Open.AmountUnits)
	need := new(big.Int).SetBytes(m.Open.FeeCapUnits)
	need.Add(need, ch.Amount)
	// What other openings that we hold will take is gone already.
	for _, o := range p.channels {
		if o.Renter == l.Renter && o.Open != nil && !o.Done {
			if _, there := p.cfg.Chain.Channel(o.ID); !there {
				need.Add(need, o.Amount)
			}
		}
	}
	if have := p.cfg.Chain.Deposited(l.Renter); have.Cmp(need) < 0 {
		return nil, fmt.Errorf("%w: the deposit is %s units, the opening takes %s", market.ErrFunds, have, need)
	}
	if ch.Open, err = proto.Marshal(m.Open); err != nil {
		return nil, err
	}
	return ch, nil
}

// openChannels counts a renter's channels that may still move money. The caller
// holds p.mu.
func (p *Provider) openChannels(renter market.Account) (n int) {
	for _, c := range p.channels {
		if c.Renter == renter && !c.Done {
			n++
		}
	}
	return n
}

// submitOpen orders the opening of ch where it is not on the chain yet. The
// order is durable and harmless to repeat.
func (p *Provider) submitOpen(ch *channel) {
	if ch.Open == nil {
		return
	}
	if _, ok := p.cfg.Chain.Channel(ch.ID); ok {
		return
	}
	var o marketpb.OpenFor
	_ = proto.Unmarshal(ch.Open, &o) // our own bytes
	if err := p.cfg.Chain.OpenFor(ch.terms(), &o); err != nil {
		p.cfg.Log.Warn("opening not submitted", "channel", ch.ID.String(), "err", err)
	}
}
