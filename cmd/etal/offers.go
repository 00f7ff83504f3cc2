package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

func (a *app) offersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "offers [QUERY]", Short: "List what is for sale",
		Example: "  etal offers\n  etal offers region=fr",
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			list, err := c.Offers(ctx, strings.Join(args, " "))
			if err != nil {
				return err
			}
			return show(
				a, list, "No offers: nobody sells here now that fits",
				column[node.OfferView]{"PROVIDER", func(o node.OfferView) string { return o.Provider }},
				column[node.OfferView]{"REGION", func(o node.OfferView) string { return o.Region }},
				column[node.OfferView]{"FREE", func(o node.OfferView) string { return resources(o.Free) }},
				column[node.OfferView]{"PRICE PER HOUR", func(o node.OfferView) string { return price(o.Price, s.Symbol) }},
				column[node.OfferView]{"LIMITS", func(o node.OfferView) string { return o.Limits }},
				column[node.OfferView]{"REACH", func(o node.OfferView) string { return o.Reach }},
				column[node.OfferView]{"CREDIT", func(o node.OfferView) string { return market.FormatDuration(o.Credit) }},
			)
		}),
	}
}

// resources writes quantities for people.
func resources(r market.Resources) string {
	cores := " cores, "
	if r.MilliCPU == 1000 {
		cores = " core, "
	}
	s := market.FormatCPUs(r.MilliCPU) + cores + market.FormatBytes(r.Memory) + ", " + market.FormatBytes(r.Disk) + " disk"
	if r.GPUs > 0 {
		s += ", " + market.FormatCPUs(r.GPUs*1000) + " × " + r.GPU
	}
	return s
}

// price writes prices for people.
func price(p market.Price, symbol string) string {
	s := number(p.Core) + "/core, " + number(p.Memory) + "/GiB, " + number(p.Disk) + "/GiB disk"
	if !p.GPU.IsZero() {
		s += ", " + number(p.GPU) + "/GPU"
	}
	return strings.TrimSpace(s + " " + symbol)
}
