package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) providerStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "What you sell and earn", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, st, err := a.reach(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := c.ProviderStatus(ctx)
			if err != nil {
				return err
			}
			offered, cost := "", ""
			if s.Offer != nil {
				offered, cost = resources(s.Offer.Free), price(s.Offer.Price, st.Symbol)
			}
			if err := showOne(
				a, s,
				fact{"selling", yesNo(s.Selling)},
				fact{"why", strings.Join(s.Reasons, "; ")},
				fact{"free", offered},
				fact{"per hour", cost},
				fact{"leases", fmt.Sprint(runningLeases(s))},
				fact{"earned", money(s.Earned, st.Symbol)},
				fact{"not collected yet", money(s.Uncollected, st.Symbol)},
				fact{"account", s.Account.String()},
				fact{"engine", s.Engine},
				fact{"limits", s.Limits},
			); err != nil {
				return err
			}
			if a.format.human() && len(s.Leases) > 0 {
				fmt.Fprintln(a.out)
				return a.showLeases(s, st.Symbol)
			}
			return nil
		}),
	}
}

func (a *app) showLeases(s node.ProviderStatus, symbol string) error {
	type lease = node.ProviderLease
	return show(
		a, s.Leases, "",
		column[lease]{"LEASE", func(l lease) string { return short(l.Lease) }},
		column[lease]{"JOB", func(l lease) string { return l.Job }},
		column[lease]{"STATE", func(l lease) string { return string(l.State) + ", " + string(l.Alloc) }},
		column[lease]{"RESOURCES", func(l lease) string { return resources(l.Resources) }},
		column[lease]{"DELIVERED", func(l lease) string { return delivered(l.DeliveredMS) }},
		column[lease]{"PAID", func(l lease) string { return money(l.Paid, symbol) }},
		column[lease]{"OWED", func(l lease) string { return money(l.Owed, symbol) }},
		column[lease]{"UNTIL", func(l lease) string { return clock(l.Expires, a.now()) }},
	)
}
