package provider

import (
	"context"
	"time"

	"github.com/etal-cloud/etal/market"
)

// Offer returns what the provider would publish now. While it does not sell,
// nothing in it is free.
func (p *Provider) Offer() (market.Offer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offer(p.cfg.Now())
}

func (p *Provider) offer(now time.Time) (market.Offer, error) {
	now = now.Truncate(time.Millisecond)
	free := p.free(now)
	if !p.selling {
		free = market.Resources{}
	}
	bind, err := p.cfg.Notary.Bind(now, now.Add(bindLife))
	if err != nil {
		return market.Offer{}, err
	}
	return market.Offer{
		Network: p.cfg.Notary.Network(), Bind: bind,
		Boot: p.meta.Boot, Seq: p.seq,
		Issued: now, Expires: now.Add(offerLife),
		Name: p.cfg.Sell.Name, Region: p.cfg.Sell.Region, Arch: p.info.Arch,
		Free: free, Price: p.price,
		Tiers: p.info.Tiers, Limits: string(p.info.Limits), Reach: p.cfg.Sell.Reach,
		MaxTerm: p.cfg.Sell.MaxTerm, Credit: p.cfg.Sell.Credit,
	}, nil
}

// delta returns a sealed statement of what is free now. The caller holds p.mu.
func (p *Provider) delta(now time.Time) ([]byte, error) {
	p.seq++
	o, err := p.offer(now)
	if err != nil {
		return nil, err
	}
	d := market.Delta{
		Network: o.Network, Peer: o.Bind.Peer, Boot: o.Boot, Seq: o.Seq,
		Issued: o.Issued, Free: o.Free, Price: o.Price,
	}
	return d.Seal(p.cfg.Notary.SignPeer)
}

// publishLoop sends a full offer on a timer and a delta at every change. The
// first offers follow each other quickly, while the mesh is being built.
func (p *Provider) publishLoop(ctx context.Context) {
	p.publishOffer(ctx)
	next := time.Second
	timer := time.NewTimer(next)
	defer timer.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			p.publishOffer(ctx)
			next = min(2*next, offerEvery)
			timer.Reset(next)
		case <-tick.C:
			p.publishDelta(ctx)
		}
	}
}

// Announce publishes a full offer now, as after meeting a new peer.
func (p *Provider) Announce(ctx context.Context) { p.publishOffer(ctx) }

func (p *Provider) publishOffer(ctx context.Context) {
	p.mu.Lock()
	p.seq++
	p.dirty = false
	o, err := p.offer(p.cfg.Now())
	p.mu.Unlock()
	var raw []byte
	if err == nil {
		raw, err = o.Seal(p.cfg.Notary.SignPeer)
	}
	if err == nil {
		err = p.cfg.Publish(ctx, raw)
	}
	if err != nil && ctx.Err() == nil {
		p.cfg.Log.Warn("offer not published", "err", err)
	}
}

func (p *Provider) publishDelta(ctx context.Context) {
	p.mu.Lock()
	now := p.cfg.Now()
	for id, h := range p.holds {
		if !now.Before(h.until) {
			delete(p.holds, id)
			p.dirty = true
		}
	}
	if !p.dirty {
		p.mu.Unlock()
		return
	}
	p.dirty = false
	raw, err := p.delta(now)
	p.mu.Unlock()
	if err == nil {
		err = p.cfg.Publish(ctx, raw)
	}
	if err != nil && ctx.Err() == nil {
		p.cfg.Log.Warn("delta not published", "err", err)
	}
}

// sayClosed publishes, once the provider has stopped selling, that nothing is
// free any more, so that nobody proposes in vain.
func (p *Provider) sayClosed() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	p.mu.Lock()
	p.dirty = true
	p.mu.Unlock()
	p.publishDelta(ctx)
}
