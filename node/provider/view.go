package provider

import (
	"math/big"
	"sort"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/runtime"
	"google.golang.org/protobuf/proto"
)

// View is what the provider says of itself, at one moment.
type View struct {
	Selling     bool
	Sell        Sell
	Reserved    market.Resources
	Engine      runtime.Info
	Leases      []LeaseView // newest first
	Earned      *big.Int    // base units redeemed on chain
	Uncollected *big.Int    // base units delivered, promised by voucher and not redeemed
}

// LeaseView is one lease in a View.
type LeaseView struct {
	ID    market.LeaseID
	Lease market.Lease
	Job   string
	State market.LeaseState
	Alloc market.AllocState
	Usage market.Usage
	Paid  *big.Int // base units
}

// View returns what the provider offers, runs and has earned.
func (p *Provider) View() View {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := View{Selling: p.selling, Sell: p.cfg.Sell, Engine: p.info, Earned: new(big.Int), Uncollected: new(big.Int)}
	v.Sell.Price = p.price
	for _, r := range p.leases {
		var spec marketpb.JobSpec
		_ = proto.Unmarshal(r.Spec, &spec) // our own bytes
		v.Leases = append(v.Leases, LeaseView{
			ID: r.ID, Lease: r.lease, Job: spec.Name, State: r.State, Alloc: r.Alloc,
			Usage: r.usage(), Paid: new(big.Int).Set(r.Paid),
		})
		if r.live() {
			v.Reserved = v.Reserved.Plus(r.lease.Resources)
		}
	}
	sort.Slice(v.Leases, func(i, j int) bool { return v.Leases[i].Lease.Sequence > v.Leases[j].Lease.Sequence })
	for _, c := range p.channels {
		took := new(big.Int)
		st, there := p.cfg.Chain.Channel(c.ID)
		if there {
			took = st.Redeemed
			v.Earned.Add(v.Earned, took)
		}
		if owed := p.earned(c); owed.Cmp(took) > 0 && !(there && st.Closed) {
			v.Uncollected.Add(v.Uncollected, owed.Sub(owed, took))
		}
	}
	return v
}
