package node

import (
	"context"
	"fmt"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/provider"
)

// sell completes what the owner said with what the machine has.
func (n *Node) sell(ctx context.Context) (provider.Sell, error) {
	p := *n.cfg.Provide
	info, err := n.cfg.Engine.Info(ctx)
	if err != nil {
		return provider.Sell{}, fmt.Errorf("engine: %w", err)
	}
	half := info.Capacity
	fill := func(v *int64, all int64) {
		if *v == 0 {
			*v = max(all/2, 1)
		}
	}
	fill(&p.Resources.MilliCPU, half.MilliCPU)
	fill(&p.Resources.Memory, half.Memory)
	fill(&p.Resources.Disk, half.Disk)
	if p.Price == (market.Price{}) {
		p.Price = DefaultPrice()
	}
	if p.ChannelIdle == 0 && n.profile.Local {
		p.ChannelIdle = 30 * time.Second
	}
	return provider.Sell{
		Name: n.name(), Region: p.Region, Resources: p.Resources, Price: p.Price, MaxTerm: p.MaxTerm,
		Credit: p.Credit, ChannelIdle: p.ChannelIdle,
	}, nil
}

// ProviderStatus shows what the node sells and earns.
func (n *Node) ProviderStatus(context.Context) (ProviderStatus, error) {
	s := ProviderStatus{Account: n.notary.Account(), Reasons: []string{}, Leases: []ProviderLease{}}
	if n.seller == nil {
		s.Reasons = append(s.Reasons, "This node does not sell. Start with `etal provider start`.")
		return s, nil
	}
	v := n.seller.View()
	d := n.profile.Decimals
	s.Selling, s.Capacity, s.Reserved = v.Selling, v.Sell.Resources, v.Reserved
	s.Earned, s.Uncollected = money(v.Earned, d), money(v.Uncollected, d)
	s.Engine, s.Limits = fmt.Sprintf("%s %s", v.Engine.Name, v.Engine.Version), string(v.Engine.Limits)
	o, err := n.seller.Offer()
	if err != nil {
		return s, err
	}
	ov := n.offerView(o)
	s.Offer = &ov
	if !v.Selling {
		s.Reasons = append(s.Reasons, "The node is starting or stopping.")
	}
	if o.Free.MilliCPU == 0 || o.Free.Memory == 0 {
		s.Reasons = append(s.Reasons, "Everything is leased.")
	}
	if v.Engine.Limits == "none" {
		s.Reasons = append(s.Reasons, "Nothing here enforces CPU and memory limits: jobs run in the sandbox, and the offer says so.")
	}
	for _, l := range v.Leases {
		row := ProviderLease{
			Lease: l.ID.String(), Job: l.Job, Renter: l.Lease.Renter, State: l.State, Alloc: l.Alloc,
			Resources: l.Lease.Resources, DeliveredMS: l.Usage.DeliveredMS, Paid: money(l.Paid, d), Expires: l.Lease.Expires(),
		}
		row.PerHour, _ = l.Lease.Price.PerHour(l.Lease.Resources)
		if cost, err := l.Lease.CostUnits(l.Usage, d); err == nil && cost.Cmp(l.Paid) > 0 {
			row.Owed, _ = money(cost, d).Sub(row.Paid)
		}
		s.Leases = append(s.Leases, row)
	}
	return s, nil
}

// SetPrice changes the prices of the next offer; running leases keep theirs.
func (n *Node) SetPrice(_ context.Context, p market.Price) error {
	if n.seller == nil {
		return fmt.Errorf("%w: this node does not sell; start with `etal provider start`", ErrConflict)
	}
	return plain(n.seller.SetPrice(p))
}
