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
	free := p.unleased()
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

// Readers take at most four objects a second of one provider, sixteen at once,
// and ignore the rest. We stay below that: changes that come faster are told
// together, by the next object.
const (
	publishEvery = 400 * time.Millisecond
	publishBurst = 8
)

// budget is how many objects may be published now.
type budget struct {
	left int
	at   time.Time // when the last one was added
}

// take reports whether one may be published at now, and counts it.
func (b *budget) take(now time.Time) bool {
	if gained := int(now.Sub(b.at) / publishEvery); gained > 0 || b.at.IsZero() {
		b.left = min(b.left+gained, publishBurst)
		if b.at.IsZero() || b.left == publishBurst {
			b.left, b.at = publishBurst, now
		} else {
			b.at = b.at.Add(time.Duration(gained) * publishEvery)
		}
	}
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}

// publishLoop sends a full offer on a timer and when it is asked for, and a delta
// at every change. The first offers follow each other quickly, while the mesh is
// being built.
func (p *Provider) publishLoop(ctx context.Context) {
	next := time.Second
	timer := time.NewTimer(next)
	defer timer.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	p.Announce()
	for {
		p.publish(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			p.Announce()
			next = min(2*next, offerEvery)
			timer.Reset(next)
		case <-tick.C:
		}
	}
}

// Announce has a full offer published soon, as after meeting a new peer. Asking
// often publishes it once.
func (p *Provider) Announce() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.announce = true
}

// publish tells the market what has changed, if anything has and the budget at
// tick allows it.
func (p *Provider) publish(ctx context.Context, tick time.Time) {
	p.mu.Lock()
	now := p.cfg.Now()
	for id, h := range p.holds {
		if !now.Before(h.until) {
			delete(p.holds, id)
		}
	}
	if !p.announce && !p.dirty || !p.budget.take(tick) {
		p.mu.Unlock()
		return
	}
	full := p.announce
	p.announce, p.dirty = false, false
	var raw []byte
	var err error
	if full {
		p.seq++
		var o market.Offer
		if o, err = p.offer(now); err == nil {
			raw, err = o.Seal(p.cfg.Notary.SignPeer)
		}
	} else {
		raw, err = p.delta(now)
	}
	p.mu.Unlock()
	if err == nil {
		err = p.cfg.Publish(ctx, raw)
	}
	if err != nil && ctx.Err() == nil {
		p.cfg.Log.Warn("offer not published", "err", err)
	}
}

// sayClosed publishes, once the provider has stopped selling, that nothing is
// free any more, so that nobody proposes in vain.
func (p *Provider) sayClosed() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	p.mu.Lock()
	p.announce, p.dirty = false, true
	p.budget = budget{} // the last word always goes out
	p.mu.Unlock()
	p.publish(ctx, time.Now())
}
