package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
)

func (a *app) devnetKillCommand() *cobra.Command {
	var process bool
	c := &cobra.Command{
		Use: "kill NODE", Short: "End a node at once, as if its machine lost power", Args: exactly("node's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			n, err := a.loadDevnet()
			if err != nil {
				return err
			}
			return nodeError(n.Kill(ctx, args[0], !process))
		}),
	}
	c.Flags().BoolVar(&process, "process", false, "only etal's process: what a provider runs goes on")
	return c
}

func nodeError(err error) error {
	if errors.Is(err, devnet.ErrNode) {
		return tell(node.ErrNotFound, "%s", err)
	}
	return err
}
