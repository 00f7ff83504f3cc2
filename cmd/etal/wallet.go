package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
)

func (a *app) walletCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "wallet", Short: "What you have and may spend", Args: noSub,
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			w, err := c.Wallet(ctx)
			if err != nil {
				return err
			}
			return a.showWallet(w)
		}),
	}
	c.AddCommand(&cobra.Command{
		Use: "fund", Short: "Get test money from a local network's faucet", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			t := a.talker()
			t.phase("asking the faucet")
			w, err := c.Fund(ctx)
			t.done()
			if err != nil {
				return err
			}
			return a.showWallet(w)
		}),
	})
	c.AddCommand(&cobra.Command{
		Use: "settle", Short: "Settle now what no running job needs: what was not earned comes back", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := a.settle(ctx, c); err != nil {
				return err
			}
			w, err := c.Wallet(ctx)
			if err != nil {
				return err
			}
			return a.showWallet(w)
		}),
	})
	return c
}

// settle settles what no running job needs and waits for it.
func (a *app) settle(ctx context.Context, c *api.Client) error {
	t := a.talker()
	t.phase("settling: the chain pays the providers and gives back the rest")
	defer t.done()
	return c.Settle(ctx)
}

func (a *app) showWallet(w node.Wallet) error {
	if err := showOne(
		a, w,
		fact{"account", w.Account.String()},
		fact{"ready to spend", money(w.Deposited, w.Symbol)},
		fact{"in the wallet", money(w.Wallet, w.Symbol)},
		fact{"held for providers", money(w.InChannels, w.Symbol)},
		fact{"spent today", money(w.SpentToday, w.Symbol)},
		fact{"limit per day", money(w.LimitDay, w.Symbol)},
		fact{"limit per job", money(w.LimitLease, w.Symbol)},
		fact{"coin for fees", number(w.Coin)},
	); err != nil {
		return err
	}
	if w.Deposited.IsZero() && w.Wallet.IsZero() && a.format.human() {
		a.say("next: `etal wallet fund` gets test money on a local network")
	}
	return nil
}

// noSub refuses words after a command that has others below it.
func noSub(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("there is no command %q: `%s --help` lists them", cmd.CommandPath()+" "+args[0], cmd.CommandPath())
	}
	return nil
}
