package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) waitCommand() *cobra.Command {
	return &cobra.Command{
		Use: "wait NAME", Short: "Wait for a job's end, and end with its code",
		Args: exactly("job's name"), Annotations: map[string]string{passing: "yes"},
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			j, err := findJob(ctx, c, args[0])
			if err != nil {
				return err
			}
			if j, err = c.WaitJob(ctx, j.Name); err != nil {
				return err
			}
			return a.ended(j, s.Symbol)
		}),
	}
}
