package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) devnetStartCommand() *cobra.Command {
	return &cobra.Command{
		Use: "start NODE", Short: "Start a node again", Args: exactly("node's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			n, err := a.loadDevnet()
			if err != nil {
				return err
			}
			t := a.talker()
			t.phase("starting " + args[0])
			defer t.done()
			return nodeError(n.Start(ctx, args[0]))
		}),
	}
}
