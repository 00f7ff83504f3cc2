package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// hold keeps capacity for one proposal until it is committed, released or over.
type hold struct {
	id       string
	lease    market.Lease // lacks the channel where the proposal named none
	until    time.Time
	newcomer bool
}

// Propose answers a proposal with capacity held for a few seconds, or with the
// reason why not and what is free instead.
func (p *Provider) Propose(_ context.Context, from peer.ID, m *marketpb.Proposal) *marketpb.ProposalAnswer {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	h, code, why := p.hold(now, from, m)
	if h == nil {
		var delta []byte
		if code != market.RejectInvalid {
			if d, err := p.delta(now); err == nil {
				delta = d
			}
		}
		return reject(code, why, delta)
	}
	bind, err := p.cfg.Notary.Bind(now, now.Add(bindLife))
	if err != nil {
		p.cfg.Log.Error("no bind", "err", err)
		return reject(market.RejectClosed, "not selling now", nil)
	}
	p.holds[h.id] = h
	return &marketpb.ProposalAnswer{Answer: &marketpb.ProposalAnswer_Accept{Accept: &marketpb.Accept{
		Hold: []byte(h.id), Terms: h.lease.Proto(), HoldUntilMs: h.until.UnixMilli(),
		Bind: bind.Proto(), CloseWindowS: int64(closeWindow / time.Second),
	}}}
}

func reject(code market.RejectCode, why string, delta []byte) *marketpb.ProposalAnswer {
	return &marketpb.ProposalAnswer{Answer: &marketpb.ProposalAnswer_Reject{
		Reject: &marketpb.Reject{Code: uint32(code), Text: plain(why), Delta: delta},
	}}
}

// hold checks m, cheap things first. The caller holds p.mu.
func (p *Provider) hold(now time.Time, from peer.ID, m *marketpb.Proposal) (*hold, market.RejectCode, string) {
	deny := func(c market.RejectCode, format string, args ...any) (*hold, market.RejectCode, string) {
		return nil, c, fmt.Sprintf(format, args...)
	}
	prop, err := market.ProposalFromProto(m)
	if err == nil {
		err = prop.Validate(now)
	}
	if err != nil {
		return deny(market.RejectInvalid, "%s", err)
	}
	switch {
	case prop.Network != p.cfg.Notary.Network():
		return deny(market.RejectInvalid, "another network")
	case prop.Bind.Peer != from:
		return deny(market.RejectInvalid, "the bind is not the asker's")
	case !p.selling:
		return deny(market.RejectClosed, "not selling now")
	case prop.Term > p.cfg.Sell.MaxTerm:
		return deny(market.RejectTerm, "terms are at most %s here", p.cfg.Sell.MaxTerm)
	case !slices.Contains(p.info.Tiers, prop.Tier):
		return deny(market.RejectTier, "tier %s is not sold here", prop.Tier)
	case prop.Price != p.price:
		return deny(market.RejectPrice, "the price has changed")
	case len(p.leases) >= maxRecords || len(p.active) >= maxLeases:
		return deny(market.RejectCapacity, "too many leases at once")
	case !prop.Resources.Fits(p.unleased()):
		return deny(market.RejectCapacity, "that much is not free")
	case !prop.Resources.Fits(p.free(now)):
		return deny(market.RejectBusy, "it is held for somebody else just now")
	}
	// Only from here on does a proposal cost signatures to check.
	if err := p.cfg.Notary.CheckBind(prop.Bind, now); err != nil {
		return deny(market.RejectInvalid, "bind: %s", err)
	}
	if err := p.cfg.Notary.CheckProposal(prop); err != nil {
		return deny(market.RejectInvalid, "proposal: %s", err)
	}
	if why := p.crowded(now, prop.Bind.Account, prop.Resources); why != "" {
		return deny(market.RejectBusy, "%s", why)
	}
	l := market.Lease{
		Network: prop.Network, Renter: prop.Bind.Account, Provider: p.cfg.Notary.Account(),
		RenterPeer: from, ProviderPeer: p.cfg.Notary.Peer(),
		RenterSigner: prop.Bind.Signer, ProviderSigner: p.cfg.Notary.Signer(),
		ResourceID: 1, Resources: prop.Resources, Price: prop.Price, Tier: prop.Tier, Channel: prop.Channel,
		Accepted: now.UTC().Truncate(time.Second), Term: prop.Term, Credit: p.cfg.Sell.Credit,
		UnpaidPause: unpaidPause, UnpaidStop: unpaidStop,
	}
	if ok, err := p.covers(l); err != nil || !ok {
		return deny(market.RejectFunds, "the confirmed balance does not cover a minute of it")
	}
	p.meta.Sequence++ // saved with the lease, before anything is signed
	l.Sequence = p.meta.Sequence
	return &hold{
		id: rand.Text(), lease: l, until: now.Add(holdFor), newcomer: !p.sold[prop.Bind.Account],
	}, 0, ""
}

// crowded says why account may not hold res now: it has a hold, or newcomers
// together would hold more than a quarter. One newcomer may always hold, or a
// small provider could never sell to anybody new.
func (p *Provider) crowded(now time.Time, account market.Account, res market.Resources) string {
	if p.idle[account] >= maxIdle {
		return "too many leases of this account ran nothing: try again in an hour"
	}
	held, others := res, 0
	for _, h := range p.holds {
		if !now.Before(h.until) {
			continue
		}
		if h.lease.Renter == account {
			return "this account holds capacity already: commit or release it first"
		}
		if h.newcomer {
			held = held.Plus(h.lease.Resources)
			others++
		}
	}
	if p.sold[account] || others == 0 {
		return ""
	}
	all := p.cfg.Sell.Resources
	quarter := market.Resources{MilliCPU: all.MilliCPU / 4, Memory: all.Memory / 4, Disk: all.Disk / 4, GPUs: all.GPUs / 4, GPU: all.GPU}
	if !held.Fits(quarter) {
		return "accounts that are new here hold enough: try again in 5 s"
	}
	return ""
}

// covers reports whether the renter's confirmed money pays for a minute of l:
// what its channel still holds, or what it could lock.
func (p *Provider) covers(l market.Lease) (bool, error) {
	cost, err := market.Usage{DeliveredMS: min(minCover, l.Term).Milliseconds()}.Cost(l.Price, l.Resources)
	if err != nil {
		return false, err
	}
	need := cost.BaseUnits(p.cfg.Notary.Decimals())
	have := new(big.Int).Set(p.cfg.Chain.Deposited(l.Renter))
	if rest, ok := p.rest(l.Channel); ok {
		have.Add(have, rest)
	}
	return have.Cmp(need) >= 0, nil
}

// rest returns what a channel still holds beyond what is promised already.
func (p *Provider) rest(id market.ChannelID) (*big.Int, bool) {
	c := p.channels[id]
	if c == nil || c.Closing {
		return nil, false
	}
	amount := c.Amount
	if st, ok := p.cfg.Chain.Channel(id); ok {
		if st.Closed || !st.ClosesAt.IsZero() {
			return nil, false
		}
		amount = st.Amount
	}
	return new(big.Int).Sub(amount, c.cumulative()), true
}

// Release lets go of a hold. Releasing what is gone does nothing.
func (p *Provider) Release(_ context.Context, from peer.ID, m *marketpb.Release) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.holds[string(m.Hold)]; h != nil && h.lease.RenterPeer == from {
		delete(p.holds, h.id)
	}
}
