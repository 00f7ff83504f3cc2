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
		st, there := p.cfg.Chain.Channel(c.ID)
		switch {
		case !there:
			p.submitOpen(c) // the order may have been lost between saving and giving it
		case st.Closed:
			p.settled(c, st)
		case c.Closing,
			!st.ClosesAt.IsZero() && c.cumulative().Cmp(st.Redeemed) > 0,
			p.running(c) == 0 && now.Sub(c.Used) >= p.cfg.Sell.ChannelIdle:
			p.close(c)
		}
	}
}

// running counts the live leases that c pays. The caller holds p.mu.
func (p *Provider) running(c *channel) (n int) {
	for _, r := range p.leases {
		if r.live() && r.lease.Channel == c.ID {
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
	for _, r := range p.leases {
		if r.lease.Channel != c.ID {
			continue
		}
		part := r.Paid
		if cost, err := r.lease.CostUnits(r.usage(), p.cfg.Notary.Decimals()); err == nil && cost.Cmp(part) < 0 {
			part = cost
		}
		sum.Add(sum, part)
	}
	return sum
}

// settled marks the ended leases of a channel that the chain shows closed. The
// caller holds p.mu.
func (p *Provider) settled(c *channel, st ChannelState) {
	if !st.Confirmed {
		return
	}
	for _, r := range p.leases {
		if r.lease.Channel == c.ID && r.State == market.LeaseEnded {
			r.State = market.LeaseSettled
			if err := p.save(r); err != nil {
				p.cfg.Log.Error("lease not saved", "err", err)
			}
		}
	}
}

// closeFor settles and closes a channel at its renter's wish, where it serves no
// running lease. The caller holds p.mu.
func (p *Provider) closeFor(from peer.ID, m *marketpb.CloseCall) (proto.Message, error) {
	c := p.channels[market.ChannelID(m.Channel)]
	mine := false
	for _, r := range p.leases {
		mine = mine || c != nil && r.lease.Channel == c.ID && r.lease.RenterPeer == from
	}
	if !mine {
		return nil, fmt.Errorf("channel: %w", market.ErrUnknown)
	}
	if n := p.running(c); n > 0 {
		return nil, fmt.Errorf("%d leases run on the channel: %w", n, market.ErrState)
	}
	st, there := p.cfg.Chain.Channel(c.ID)
	switch {
	case !there: // closing follows the opening
		c.Used = p.cfg.Now().Add(-p.cfg.Sell.ChannelIdle - time.Second)
		if err := p.save(c); err != nil {
			return nil, err
		}
	case !st.Closed:
		p.close(c)
	}
	return &marketpb.CloseAnswer{}, nil
}
