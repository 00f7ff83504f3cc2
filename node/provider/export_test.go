package provider

import (
	"context"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

// Open makes p sell without Run: a test makes the steps of its loops itself.
func (p *Provider) Open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.selling = true
}

// Step does what the meter's loop does once a second.
func (p *Provider) Step(ctx context.Context) {
	p.meter(ctx)
	p.collect()
}

// Reconcile compares records and engine once.
func (p *Provider) Reconcile(ctx context.Context) error { return p.reconcile(ctx) }

// PublishAt does what the publishing loop does ten times a second.
func (p *Provider) PublishAt(ctx context.Context, tick time.Time) { p.publish(ctx, tick) }

// Counts returns how many leases, channels and holds are kept.
func (p *Provider) Counts() (leases, channels, holds int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.leases), len(p.channels), len(p.holds)
}

// Free returns what may still be leased.
func (p *Provider) Free() market.Resources {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.free(p.cfg.Now())
}

// AllocID returns the name of a lease's allocation, and its folder.
func (p *Provider) AllocID(id market.LeaseID) (alloc, folder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.leases[id]
	return r.allocID(), p.folder(r)
}

// Place finds where a path of a job is kept.
func Place(dir string, spec *marketpb.JobSpec, at string) (host, rel string, err error) {
	return place(dir, spec, at)
}

// Plain is what is said of an error to a peer.
func Plain(text string) string { return plain(text) }
