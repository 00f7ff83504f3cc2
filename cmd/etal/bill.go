package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) billCommand() *cobra.Command {
	var settle bool
	c := &cobra.Command{
		Use: "bill [NAME]", Short: "What jobs cost, and what the chain shows of it", Args: atMost(1),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			if settle {
				if err := a.settle(ctx, c); err != nil {
					return err
				}
			}
			name := ""
			if len(args) == 1 {
				name = args[0]
				if j, err := findJob(ctx, c, name); err == nil { // a removed job's bill stays
					name = j.Name
				}
			}
			b, err := c.Bill(ctx, name)
			if err != nil {
				return err
			}
			return a.showBill(b)
		}),
	}
	c.Flags().BoolVar(&settle, "settle", false, "first settle what no running job needs, and wait for it")
	return c
}

func (a *app) showBill(b node.Bill) error {
	if a.format == formatJSON {
		return writeJSON(a.out, b)
	}
	if err := show(
		a, b.Rows, "Nothing was bought yet",
		column[node.BillRow]{"JOB", func(r node.BillRow) string { return r.Job }},
		column[node.BillRow]{"PROVIDER", func(r node.BillRow) string { return r.Provider }},
		column[node.BillRow]{"LEASE", func(r node.BillRow) string { return short(r.Lease) }},
		column[node.BillRow]{"STATE", func(r node.BillRow) string { return string(r.State) }},
		column[node.BillRow]{"AT MOST", func(r node.BillRow) string { return amountCell(a, r.Promised, b.Symbol) }},
		column[node.BillRow]{"DELIVERED", func(r node.BillRow) string {
			if a.format == formatCSV {
				return fmt.Sprint(r.DeliveredMS)
			}
			return delivered(r.DeliveredMS)
		}},
		column[node.BillRow]{"PAID", func(r node.BillRow) string { return amountCell(a, r.Paid, b.Symbol) }},
		column[node.BillRow]{"RECEIPT", func(r node.BillRow) string { return yesNo(r.Receipt) }},
	); err != nil {
		return err
	}
	if !a.format.human() {
		return nil
	}
	if len(b.Settled) > 0 {
		fmt.Fprintln(a.out)
		if err := show(
			a, b.Settled, "",
			column[node.Settlement]{"PAID ON CHAIN TO", func(s node.Settlement) string { return s.Provider }},
			column[node.Settlement]{"AMOUNT", func(s node.Settlement) string { return money(s.Paid, b.Symbol) }},
			column[node.Settlement]{"BASE UNITS", func(s node.Settlement) string { return s.PaidUnits }},
			column[node.Settlement]{"BLOCK", func(s node.Settlement) string { return fmt.Sprint(s.Block) }},
			column[node.Settlement]{"TRANSACTION", func(s node.Settlement) string { return s.Tx }},
		); err != nil {
			return err
		}
	}
	if len(b.Rows) > 0 {
		fmt.Fprintf(a.out, "\npaid %s · on chain %s · still held %s\n", money(b.Paid, b.Symbol), money(b.OnChain, b.Symbol), money(b.Locked, b.Symbol))
	}
	for _, n := range b.Notes {
		a.say("%s", n)
	}
	return nil
}

// short is the beginning of an id.
func short(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
