package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

func (a *app) quoteCommand() *cobra.Command {
	var job jobFlags
	c := &cobra.Command{
		Use: "quote [flags] IMAGE [flags] [--] [CMD…]", Short: "What a run would cost now; nothing is signed",
		RunE: interruptible(func(ctx context.Context, cmd *cobra.Command, args []string) error {
			spec, err := job.parse(a, cmd, args)
			if err != nil {
				return err
			}
			if help, err := cmd.Flags().GetBool("help"); err == nil && help {
				return cmd.Help()
			}
			c, s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			q, err := c.Quote(ctx, spec)
			if err != nil {
				return err
			}
			if !a.format.human() {
				if err := quoteData(a, q); err != nil {
					return err
				}
			} else if len(q.Offers) > 0 {
				if err := quoteTable(a, q, s.Symbol); err != nil {
					return err
				}
				if q.Explain != "" {
					a.say("%s", q.Explain)
				}
				a.say("costs ≤ %s for %s; nothing was signed", money(q.Max, s.Symbol), market.FormatDuration(q.Term))
			}
			if len(q.Offers) == 0 {
				return tell(node.ErrNoOffer, "no offer fits: %s", q.Explain)
			}
			return nil
		}),
	}
	job.add(c.Flags())
	return c
}

// quoteData writes a quote for programs: as a whole, or offer by offer.
func quoteData(a *app, q node.Quote) error {
	if a.format == formatCSV {
		return quoteTable(a, q, "")
	}
	return showOne(a, q)
}

func quoteTable(a *app, q node.Quote, symbol string) error {
	return show(
		a, q.Offers, "",
		column[node.QuotedOffer]{"PROVIDER", func(o node.QuotedOffer) string { return o.Provider }},
		column[node.QuotedOffer]{"REGION", func(o node.QuotedOffer) string { return o.Region }},
		column[node.QuotedOffer]{"PER HOUR", func(o node.QuotedOffer) string { return amountCell(a, o.PerHour, symbol) }},
		column[node.QuotedOffer]{"AT MOST", func(o node.QuotedOffer) string { return amountCell(a, o.Max, symbol) }},
		column[node.QuotedOffer]{"FREE", func(o node.QuotedOffer) string { return resources(o.Free) }},
		column[node.QuotedOffer]{"SCORE", func(o node.QuotedOffer) string { return fmt.Sprintf("%.2f", o.Score) }},
	)
}

// amountCell is an amount in a table for people, and in full in one for programs.
func amountCell(a *app, v market.Amount, symbol string) string {
	if a.format == formatCSV {
		return v.String()
	}
	return money(v, symbol)
}
