package node

import (
	"context"
	"fmt"
	"slices"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/market"
)

// Bill shows what one job cost, or all of them where name is empty, and what the
// chain shows of it: each payment with its transaction.
func (n *Node) Bill(_ context.Context, name string) (Bill, error) {
	b := Bill{Rows: []BillRow{}, Settled: []Settlement{}, Symbol: n.profile.Symbol}
	if name != "" {
		v, err := n.renter.Job(name)
		if err != nil {
			return b, plain(err)
		}
		name = v.Name
	}
	channels := map[string]bool{}
	names := map[market.Account]string{}
	waiting := 0
	for _, v := range n.renter.Jobs(true) {
		for _, a := range v.Attempts {
			names[a.Lease.Provider] = a.Provider
			if name != "" && v.Name != name || v.Gone && name != "" {
				continue
			}
			row := n.billRow(v.Name, a)
			b.Rows = append(b.Rows, row)
			b.Paid = plus(b.Paid, row.Paid)
			channels[row.Channel] = true
			if a.Ran && !a.Receipt && a.State == market.LeaseEnded {
				waiting++
			}
		}
	}
	for _, c := range n.renter.Channels() {
		ch, there := n.chain.Channel(chain.ChannelID(c.ID))
		if name != "" && !channels[c.ID.String()] || c.Dropped {
			continue
		}
		if !there || ch.Phase != chain.Closed {
			rest := c.Amount
			if there {
				rest = ch.Rest()
			}
			b.Locked = plus(b.Locked, money(rest, n.profile.Decimals))
		}
		for _, p := range ch.Payments {
			paid := money(p.Amount, n.profile.Decimals)
			b.OnChain = plus(b.OnChain, paid)
			b.Settled = append(b.Settled, Settlement{
				Provider: names[c.Provider], Account: c.Provider, Channel: c.ID.String(), Tx: p.Tx.Hex(), Block: p.Block,
				PaidUnits: p.Amount.String(), Paid: paid,
			})
		}
	}
	slices.SortStableFunc(b.Settled, func(x, y Settlement) int { return int(x.Block) - int(y.Block) })
	if waiting > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("%d leases have no receipt of their provider yet; it is asked again while this node runs.", waiting))
	}
	if !b.Locked.IsZero() {
		b.Notes = append(b.Notes, "What is locked and not earned comes back when its channel is settled: `etal wallet settle` does it now.")
	}
	return b, nil
}
