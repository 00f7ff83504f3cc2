package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/testnet/devnet"
)

func (a *app) devnetUpCommand() *cobra.Command {
	providers := 3
	c := &cobra.Command{
		Use: "up", Short: "Start a chain, providers and a renter here, and use them", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			if providers < 1 || providers > devnet.MaxProviders {
				return usage("--providers must be 1 to %d", devnet.MaxProviders)
			}
			o, err := a.devnetOptions()
			if err != nil {
				return err
			}
			if err := checkEngine(ctx); err != nil {
				return err
			}
			t := a.talker()
			o.Providers, o.Progress = providers, t.phase
			n, err := devnet.Up(ctx, o)
			t.done()
			if errors.Is(err, devnet.ErrUp) {
				return tell(err, "A devnet is up already: `etal devnet status` shows it, `etal devnet down` ends it")
			}
			if err != nil {
				return err
			}
			if err := a.setCurrent(devnet.NetworkName); err != nil {
				return err
			}
			if !a.format.human() {
				return a.showDevnet(n)
			}
			a.say("a devnet of %d providers is up; its chain answers on %s", providers, n.Status().RPC)
			a.say("next: etal offers · etal run IMAGE · etal devnet down")
			return nil
		}),
	}
	c.Flags().IntVar(&providers, "providers", providers, "how many sell")
	return c
}
