package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
)

func (a *app) nodeStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "How your node is", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, s, err := a.reach(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			chain := fmt.Sprintf("block %d, %s", s.Chain.Head, s.Chain.RPC)
			if !s.Chain.Healthy {
				chain = "does not answer: " + s.Chain.RPC
			}
			if err := showOne(
				a, s,
				fact{"network", s.Network},
				fact{"roles", strings.Join(s.Roles, ", ")},
				fact{"account", s.Account.String()},
				fact{"peer", s.Peer},
				fact{"addresses", strings.Join(s.Addresses, " ")},
				fact{"peers", fmt.Sprint(s.Peers)},
				fact{"offers", fmt.Sprint(s.Offers)},
				fact{"chain", chain},
				fact{"process", fmt.Sprint(s.PID)},
				fact{"data", s.Data},
				fact{"up", market.FormatDuration(max(0, a.now().Sub(s.Started)))},
				fact{"version", s.Version},
			); err != nil {
				return err
			}
			for _, w := range s.Warnings {
				a.say("%s", w)
			}
			return nil
		}),
	}
}
