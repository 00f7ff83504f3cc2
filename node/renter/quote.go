package renter

import (
	"fmt"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/match"
)

// Quoted is an offer with what it would cost.
type Quoted struct {
	Offer   market.Offer
	PerHour market.Amount
	Max     market.Amount // over the whole term
	Score   float64
}

// Quote is the market's answer to a request: nothing is signed.
type Quote struct {
	Ranked  []Quoted // best first
	Explain string   // how many offers each constraint removed, with the nearest misses
	Seen    int
}

// Quote ranks the offers for a request. Where none fits it returns ErrNoOffer
// with the explanation, and the quote all the same.
func (r *Renter) Quote(req market.Request) (Quote, error) {
	req = req.WithDefaults()
	if err := req.Validate(); err != nil {
		return Quote{}, err
	}
	q := r.rank(req)
	if len(q.Ranked) == 0 {
		return q, fmt.Errorf("%w: %s", ErrNoOffer, q.Explain)
	}
	return q, nil
}

// rank asks the matcher. We do not rent from ourselves.
func (r *Renter) rank(req market.Request) Quote {
	var candidates []match.Candidate
	for _, o := range r.cfg.Book.Offers() {
		if o.Bind.Peer != r.cfg.Notary.Peer() {
			candidates = append(candidates, match.Candidate{Offer: o, Trust: r.cfg.Book.Trust(o.Bind.Peer)})
		}
	}
	res := match.Rank(req, candidates, match.Options{Now: r.cfg.Now(), Seed: r.cfg.Seed, Network: r.cfg.Notary.Network()})
	q := Quote{Explain: res.Explain.String(), Seen: res.Explain.Total}
	for _, s := range res.Ranked {
		q.Ranked = append(q.Ranked, Quoted{Offer: s.Offer, PerHour: s.PerHour, Max: s.Cost, Score: s.Score})
	}
	return q
}
