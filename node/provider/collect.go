package provider

import (
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// collect settles the channels that are due: closing on the chain, or without a
// lease for a while. Leases whose money is on the chain become settled.
func (p *Provider) collect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	for _, c := range p.channels {
		if c.Done {
			continue
		}
		st, there := p.cfg.Chain.Channel(c.ID)
		running := p.running(c)
		switch {
		case !there && c.Open != nil && now.After(c.deadline().Add(openMargin)):
			if running == 0 { // decide ends the leases that run
				p.finish(c)
			}
		case !there:
			p.submitOpen(c) // the order may have been lost between saving and giving it
		case st.Closed:
			if st.Confirmed && running == 0 {
				p.finish(c)
			}
		case running > 0: // decide ends them in time where the renter closes it
		case c.Closing,
			!st.ClosesAt.IsZero() && now.Sub(c.Used) >= settleIn, // its last voucher may be on the way
			now.Sub(p.lastUse(c)) >= p.cfg.Sell.ChannelIdle:
			p.close(c)
		}
	}
}

// lastUse returns when c last served a lease. After a start a renter has time to
// bring what it owes, however long we were away.
func (p *Provider) lastUse(c *channel) time.Time {
	if c.Used.Before(p.started) && !c.Due {
		return p.started
	}
	return c.Used
}

// running counts the live leases that c pays. The caller holds p.mu.
func (p *Provider) running(c *channel) (n int) {
	for _, r := range c.leases {
		if r.live() {
			n++
		}
	}
	return n
}

// close orders the redemption of what was delivered and the closing of c. What a
// renter signed beyond delivery (a prepayment) is not taken. The caller holds p.mu.
func (p *Provider) close(c *channel) {
	if !c.Closing {
		c.Closing = true
		if err := p.save(c); err != nil {
			p.cfg.Log.Error("channel not saved", "err", err)
			return
		}
	}
	if err := p.cfg.Chain.Redeem(c.terms(), c.voucher(), p.earned(c), true); err != nil {
		p.cfg.Log.Warn("channel not settled", "channel", c.ID.String(), "err", err)
	}
}

// earned returns the base units that c owes us: for each lease what was
// delivered, at most what its voucher part pays. The caller holds p.mu.
func (p *Provider) earned(c *channel) *big.Int {
	sum := new(big.Int)
	for _, r := range c.leases {
		part := r.Paid
		if cost, err := r.lease.CostUnits(r.usage(), p.cfg.Notary.Decimals()); err == nil && cost.Cmp(part) < 0 {
			part = cost
		}
		sum.Add(sum, part)
	}
	return sum
}

// finish marks the leases of a channel settled on which no money moves any more.
// The caller holds p.mu.
func (p *Provider) finish(c *channel) {
	items := []any{c}
	for _, r := range c.leases {
		if r.State == market.LeaseEnded {
			r.State = market.LeaseSettled
			items = append(items, r)
		}
	}
	c.Done = true
	if err := p.save(items...); err != nil {
		c.Done = false // tried again with the next tick
		p.cfg.Log.Error("leases not saved", "channel", c.ID.String(), "err", err)
	}
}

// closeFor settles and closes a channel at its renter's wish, where it serves no
// running lease. The caller holds p.mu.
func (p *Provider) closeFor(from peer.ID, m *marketpb.CloseCall) (proto.Message, error) {
	c := p.channels[market.ChannelID(m.Channel)]
	mine := c != nil && c.Peer == from.String()
	if c != nil {
		for _, r := range c.leases {
			mine = mine || r.lease.RenterPeer == from
		}
	}
	if !mine {
		return nil, fmt.Errorf("channel: %w", market.ErrUnknown)
	}
	if n := p.running(c); n > 0 {
		return nil, fmt.Errorf("%d leases run on the channel: %w", n, market.ErrState)
	}
	st, there := p.cfg.Chain.Channel(c.ID)
	switch {
	case c.Done:
	case !there: // closing follows the opening
		c.Due = true
		c.Used = p.cfg.Now().Add(-p.cfg.Sell.ChannelIdle)
		if err := p.save(c); err != nil {
			return nil, err
		}
	case !st.Closed:
		p.close(c)
	}
	return &marketpb.CloseAnswer{}, nil
}
