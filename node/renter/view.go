package renter

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"google.golang.org/protobuf/proto"
)

// View is a job at one moment.
type View struct {
	Name     string
	Image    string // as its user wrote it
	Digest   string
	Phase    string
	PhaseS   map[string]float64
	Created  time.Time
	Ended    time.Time
	Exit     *int
	ExitBy   string
	Code     int
	Reason   string
	Prepay   time.Duration
	Attempts []AttemptView // oldest first
	Gone     bool
}

// Done reports whether nothing more will happen to the job.
func (v View) Done() bool { return v.Phase == PhaseDone }

// AttemptView is one lease of a job.
type AttemptView struct {
	ID       market.LeaseID
	Lease    market.Lease
	Provider string
	Epoch    uint64
	State    market.LeaseState
	Alloc    market.AllocState
	Ran      bool // its job did start
	Started  time.Time
	Exited   time.Time
	Usage    market.Usage
	Reason   string
	Promised *big.Int // base units signed away for the lease
	Cost     *big.Int // base units that the delivered time costs
	Receipt  bool     // both signed
}

// Owed returns what the attempt will have cost: what was promised, and no more
// than delivery costs once both signed for it. An honest provider takes no more
// of a prepayment.
func (a AttemptView) Owed() *big.Int {
	if a.Receipt && a.Cost.Cmp(a.Promised) < 0 {
		return a.Cost
	}
	return a.Promised
}

// view copies a record. The caller holds r.mu.
func (r *Renter) view(j *record) View {
	v := View{
		Name: j.Name, Image: j.Job.Image, Digest: j.Digest, Phase: j.Phase, PhaseS: map[string]float64{},
		Created: j.Created, Ended: j.Ended, ExitBy: j.ExitBy, Code: j.Code, Reason: j.Reason, Prepay: j.Prepay, Gone: j.Gone,
	}
	for k, s := range j.PhaseS {
		v.PhaseS[k] = s
	}
	if j.Exit != nil {
		code := *j.Exit
		v.Exit = &code
	}
	for _, a := range j.Attempts {
		cost, err := a.lease.CostUnits(a.usage(), r.cfg.Notary.Decimals())
		if err != nil {
			cost = new(big.Int)
		}
		v.Attempts = append(v.Attempts, AttemptView{
			ID: a.Lease, Lease: a.lease, Provider: a.Provider, Epoch: a.Epoch, State: a.State, Alloc: a.Alloc, Ran: a.Running,
			Started: a.Started, Exited: a.Exited, Usage: a.usage(), Reason: a.Reason,
			Promised: new(big.Int).Set(a.Paid), Cost: cost, Receipt: a.Receipt != nil,
		})
	}
	return v
}

// Jobs returns the jobs that were not removed, oldest first; with gone also the
// removed ones.
func (r *Renter) Jobs(gone bool) []View {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []View
	for _, j := range r.all() {
		if gone || !j.Gone {
			list = append(list, r.view(j))
		}
	}
	slices.SortFunc(list, func(a, b View) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}

// Job returns one job, by its name or an unambiguous beginning of it.
func (r *Renter) Job(name string) (View, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, err := r.find(name)
	if err != nil {
		return View{}, err
	}
	return r.view(j), nil
}

// ChannelView is the renter's side of a channel.
type ChannelView struct {
	ID       market.ChannelID
	Provider market.Account
	Peer     string
	Terms    *marketpb.ChannelTerms
	Amount   *big.Int // base units
	Promised *big.Int // base units
	Dropped  bool     // never opened, and never can be
}

// Channels returns every channel that was ever made.
func (r *Renter) Channels() []ChannelView {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []ChannelView
	for _, c := range r.channels {
		list = append(list, ChannelView{
			ID: c.ID, Provider: c.Provider, Peer: c.Peer, Terms: proto.CloneOf(c.terms()),
			Amount: new(big.Int).Set(c.Amount), Promised: c.cumulative(), Dropped: c.Dropped,
		})
	}
	slices.SortFunc(list, func(a, b ChannelView) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	return list
}
