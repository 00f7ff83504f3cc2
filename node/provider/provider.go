package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
	"golang.org/x/sync/errgroup"
)

// Provider is the selling agent. Make one with New, then Run it.
type Provider struct {
	cfg  Config
	info runtime.Info
	kick chan struct{} // wakes the meter loop early

	started time.Time

	mu       sync.Mutex // guards the following fields
	leases   map[market.LeaseID]*record
	active   map[market.LeaseID]*record // those that reserve resources
	idle     map[market.Account]int     // ended leases that ran nothing, of each renter
	channels map[market.ChannelID]*channel
	sold     map[market.Account]bool // accounts that a lease was ever served to and paid
	holds    map[string]*hold
	meta     meta
	seq      uint64 // of the present boot's offers
	price    market.Price
	selling  bool
	watched  map[string]bool // allocations with a waiter
	dirty    bool            // free capacity or price changed: publish a delta
	budget   budget
	announce bool                        // publish a full offer
	spawn    func(func(context.Context)) // runs what takes long; nil unless Run does
}

// New reads the records and begins a new boot. It starts nothing: call Run.
func New(ctx context.Context, cfg Config) (*Provider, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	info, err := cfg.Engine.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("provider: engine: %w", err)
	}
	p := &Provider{
		cfg: cfg, info: info, price: cfg.Sell.Price, started: cfg.Now(),
		kick:     make(chan struct{}, 1),
		leases:   map[market.LeaseID]*record{},
		active:   map[market.LeaseID]*record{},
		idle:     map[market.Account]int{},
		sold:     map[market.Account]bool{},
		channels: map[market.ChannelID]*channel{},
		holds:    map[string]*hold{},
		watched:  map[string]bool{},
	}
	if err := p.load(); err != nil {
		return nil, err
	}
	p.meta.Boot = max(p.meta.Boot+1, uint64(cfg.Now().UnixMilli()))
	if err := p.save(&p.meta); err != nil {
		return nil, err
	}
	return p, nil
}

// Run sells until ctx ends. Allocations run on: the next Run adopts them.
func (p *Provider) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	p.mu.Lock()
	p.spawn = func(do func(context.Context)) {
		g.Go(func() error { do(ctx); return nil })
	}
	p.selling = true
	p.mu.Unlock()
	if err := p.reconcile(ctx); err != nil {
		p.cfg.Log.Warn("reconcile failed", "err", err)
	}
	g.Go(func() error { p.publishLoop(ctx); return nil })
	g.Go(func() error { p.meterLoop(ctx); return nil })
	<-ctx.Done()
	p.mu.Lock()
	p.selling = false
	p.spawn = nil
	p.mu.Unlock()
	err := g.Wait()
	p.sayClosed()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// SetPrice changes what new leases cost. Running ones keep their price.
func (p *Provider) SetPrice(price market.Price) error {
	if err := price.Validate(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.price, p.dirty = price, true
	p.wake()
	return nil
}

func (p *Provider) wake() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

// unleased returns what no lease reserves: what offers say. A hold is too short to
// be told: readers would see providers come and go. The caller holds p.mu.
func (p *Provider) unleased() market.Resources {
	free := p.cfg.Sell.Resources
	for _, r := range p.active {
		free = free.Minus(r.lease.Resources)
	}
	return market.Resources{
		MilliCPU: max(free.MilliCPU, 0), Memory: max(free.Memory, 0), Disk: max(free.Disk, 0),
		GPUs: max(free.GPUs, 0), GPU: free.GPU,
	}
}

// free returns what a new lease may still take: neither leased nor held. The caller holds p.mu.
func (p *Provider) free(now time.Time) market.Resources {
	free := p.unleased()
	for _, h := range p.holds {
		if now.Before(h.until) {
			free = free.Minus(h.lease.Resources)
		}
	}
	return free
}
