package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) nodeStartCommand() *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Start your node; commands do it by themselves", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			a.say("your node runs on %s as process %d", s.Network, s.PID)
			return nil
		}),
	}
}
