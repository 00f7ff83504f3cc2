package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) networkUseCommand() *cobra.Command {
	return &cobra.Command{
		Use: "use NAME", Short: "Choose the network that commands speak to", Args: exactly("network's name"),
		RunE: interruptible(func(_ context.Context, _ *cobra.Command, args []string) error {
			names, err := a.networks()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return noNetwork()
			}
			if !slices.Contains(names, args[0]) {
				return tell(node.ErrNotFound, "There is no network %q here: there are %s", args[0], strings.Join(names, ", "))
			}
			if err := a.setCurrent(args[0]); err != nil {
				return err
			}
			fmt.Fprintln(a.out, args[0])
			return nil
		}),
	}
}
