package renter

import (
	"math/big"

	"github.com/etal-cloud/etal/market"
)

// Free returns what can still be promised, and what running leases may still cost.
func (r *Renter) FreeAndPending() (*big.Int, market.Amount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.free(), r.pending()
}

// OpenLeases counts the leases whose providers are still to be told of their end.
func (r *Renter) OpenLeases() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.all() {
		for _, a := range j.Attempts {
			if a.Final && a.Open {
				n++
			}
		}
	}
	return n
}

// Sweep does what housekeeping does for channels and removed jobs.
func (r *Renter) Sweep() {
	r.sweepChannels()
	r.sweepGone()
}
