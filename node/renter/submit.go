package renter

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"time"

	"github.com/etal-cloud/etal/market"
)

// Options say how a job is looked after.
type Options struct {
	Prepay time.Duration // paid ahead of delivery; zero pays for delivered time only
	Remove bool          // forget the job when it is done
}

// Submit takes a job on: it opens the image, makes sure that an offer fits and
// that money and limits allow it, saves the job and lets Run carry it out. An
// error means that nothing was signed and nothing is owed.
func (r *Renter) Submit(ctx context.Context, job market.Job, o Options) (View, error) {
	job.Request = job.Request.WithDefaults()
	if err := job.Validate(); err != nil {
		return View{}, err
	}
	if o.Prepay < 0 || o.Prepay > job.Request.Term {
		return View{}, fmt.Errorf("%w: --prepay must be between 0 and the job's time, %s", market.ErrInvalid, job.Request.Term)
	}
	img, err := r.cfg.OpenImage(ctx, job.Image, job.Request.Arch)
	if err != nil {
		return View{}, err
	}
	v, err := r.submit(job, o, img)
	if err != nil {
		_ = img.Close()
	}
	return v, err
}

func (r *Renter) submit(job market.Job, o Options, img Image) (View, error) {
	q, err := r.Quote(job.Request)
	if err != nil {
		return View{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spawn == nil {
		return View{}, fmt.Errorf("renter: %w", context.Canceled)
	}
	if err := r.cfg.Notary.Affordable(q.Ranked[0].Max, r.pending(), r.cfg.Now()); err != nil {
		return View{}, err
	}
	if err := r.funded(q.Ranked[0]); err != nil {
		return View{}, err
	}
	if len(r.jobs) >= maxJobs {
		return View{}, fmt.Errorf("%w: %d jobs are kept: remove some with `etal rm`", market.ErrInvalid, len(r.jobs))
	}
	if job.Name == "" {
		job.Name = r.freshName()
	} else if r.jobs[job.Name] != nil {
		return View{}, fmt.Errorf("%w: %s", ErrExists, job.Name)
	}
	now := r.cfg.Now()
	j := &record{
		Name: job.Name, Job: job, Digest: img.Digest(), Prepay: o.Prepay, Remove: o.Remove, Ceiling: q.Ranked[0].Max, Created: now,
		img: img, changed: make(chan struct{}), stop: make(chan struct{}),
	}
	j.enter(PhaseMatch, now)
	if err := r.save(j); err != nil {
		return View{}, err
	}
	r.jobs[j.Name] = j
	r.spawn(func(ctx context.Context) { r.carryOut(ctx, j) })
	return r.view(j), nil
}

// funded reports whether a lease of that offer could be paid for. The caller
// holds r.mu.
func (r *Renter) funded(q Quoted) error {
	need := roundUp(q.Max, r.cfg.Notary.Decimals())
	have := r.free()
	for _, c := range r.channels {
		if c.Provider == q.Offer.Bind.Account && r.usable(c) {
			if rest := r.restOf(c); rest.Cmp(have) > 0 {
				have = rest
			}
		}
	}
	if have.Cmp(need) >= 0 {
		return nil
	}
	a, err := market.AmountFromBaseUnits(have, r.cfg.Notary.Decimals())
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: this may cost %s and %s are ready to be spent", ErrFunds, q.Max, a)
}

// roundUp returns the base units that hold at least a.
func roundUp(a market.Amount, decimals int) *big.Int {
	u := a.BaseUnits(decimals)
	if back, err := market.AmountFromBaseUnits(u, decimals); err == nil && back.Less(a) {
		u.Add(u, big.NewInt(1))
	}
	return u
}

// freshName makes a name that no job has. The caller holds r.mu.
func (r *Renter) freshName() string {
	adjectives := []string{"amber", "brisk", "calm", "dapper", "eager", "fair", "gentle", "happy", "ivory", "jolly", "keen", "lucid", "merry", "nimble", "olive", "proud", "quiet", "rapid", "sunny", "tidy", "upbeat", "vivid", "warm", "young", "zesty"}
	nouns := []string{"awning", "basket", "crate", "dairy", "easel", "fig", "grape", "honey", "inkpot", "jar", "kettle", "lemon", "melon", "nut", "onion", "pear", "quince", "radish", "scale", "tent", "urn", "vase", "wicker", "yarn"}
	for n := 0; ; n++ {
		name := adjectives[rand.IntN(len(adjectives))] + "-" + nouns[rand.IntN(len(nouns))]
		if n > 20 {
			name = fmt.Sprintf("%s-%d", name, rand.IntN(1_000_000))
		}
		if r.jobs[name] == nil {
			return name
		}
	}
}
