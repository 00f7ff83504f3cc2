package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
)

func (a *app) providerStopCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "stop", Short: "Sell no longer; with jobs running it needs --force", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			p, err := a.ownPlace()
			if err != nil {
				return err
			}
			sold, err := readSelling(p.data)
			if err != nil {
				return err
			}
			if sold == nil {
				a.say("you do not sell here")
				return nil
			}
			c, _, err := a.reachPlace(ctx, p)
			if err == nil {
				s, statusErr := c.ProviderStatus(ctx)
				c.Close()
				if running := runningLeases(s); statusErr == nil && running > 0 && !force {
					return tell(node.ErrConflict, "%d leases run here: wait for their end, or `etal provider stop --force` breaks them and what is not paid is lost", running)
				}
			}
			if err := os.Remove(filepath.Join(p.data, sellingName)); err != nil {
				return fmt.Errorf("stop selling: %w", err)
			}
			if err := a.restart(ctx, p); err != nil {
				return err
			}
			if err := killEngine(ctx, devnet.EngineRoot(p.data)); err != nil {
				return fmt.Errorf("end the engine: %w", err)
			}
			a.say("you sell no longer on %s", p.network)
			return nil
		}),
	}
	c.Flags().BoolVar(&force, "force", false, "break the leases that run")
	return c
}

// runningLeases counts the leases that deliver or are about to.
func runningLeases(s node.ProviderStatus) int {
	n := 0
	for _, l := range s.Leases {
		switch l.State {
		case market.LeaseHeld, market.LeaseOpening, market.LeaseActive:
			n++
		}
	}
	return n
}
