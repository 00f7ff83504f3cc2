package provider

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// forget removes what ended leases left, an hour after their end: container, log,
// inputs and outputs. A record stays for the bill: a month where the lease ran,
// only that hour where it ran nothing.
func (p *Provider) forget(ctx context.Context) {
	now := p.cfg.Now()
	p.mu.Lock()
	var leftovers []*record
	for _, r := range p.leases {
		age := now.Sub(r.EndedAt)
		switch {
		case r.live() || age <= keepOutputs || now.Before(r.retry):
		case r.Spec != nil:
			leftovers = append(leftovers, r)
		case r.idle(), r.State == market.LeaseSettled && age > keepRecords:
			if err := p.drop(r); err != nil {
				p.cfg.Log.Error("lease not forgotten", "err", err)
			}
		}
	}
	for id, c := range p.channels {
		if c.Done && len(c.leases) == 0 {
			if err := p.cfg.Store.Save(map[string][]byte{channelPrefix + id.String(): nil}); err != nil {
				p.cfg.Log.Error("channel not forgotten", "err", err)
				continue
			}
			delete(p.channels, id)
		}
	}
	p.mu.Unlock()
	for _, r := range leftovers {
		err := p.scrap(ctx, r)
		p.mu.Lock()
		if err == nil {
			r.Spec = nil
			err = p.save(r)
		}
		if err != nil {
			r.retry = now.Add(time.Minute)
			p.cfg.Log.Warn("leftovers stay", "alloc", r.allocID(), "err", err)
		}
		p.mu.Unlock()
	}
}

// scrap removes all that an allocation has on this machine, whatever its state.
func (p *Provider) scrap(ctx context.Context, r *record) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	id := r.allocID()
	// A created allocation cannot be stopped, and an ended one need not be.
	if err := p.cfg.Engine.Stop(ctx, id, 0); err != nil && !errors.Is(err, runtime.ErrState) && !errors.Is(err, runtime.ErrNotFound) {
		return err
	}
	if err := p.cfg.Engine.Remove(ctx, id); err != nil {
		return err
	}
	return removeAll(p.folder(r))
}

// removeAll removes a folder in which a job may have taken permissions away.
func removeAll(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) //nolint:gosec // about to be removed
		}
		return nil
	})
	return os.RemoveAll(dir)
}
