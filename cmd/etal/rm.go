package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) rmCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "rm NAME…", Short: "Forget jobs that ended: their logs and outputs go, their bills stay", Args: atLeast(1, "job's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			var failed error
			for _, name := range args {
				j, err := findJob(ctx, c, name)
				if err == nil && force && !jobDone(j) {
					_, err = c.StopJob(ctx, j.Name, stopGrace)
				}
				if err == nil {
					err = c.RemoveJob(ctx, j.Name)
				}
				if errors.Is(err, node.ErrConflict) {
					err = tell(err, "%s is running: `etal stop %s` first, or `etal rm -f %s`", j.Name, j.Name, j.Name)
				}
				if err != nil {
					failed = errors.Join(failed, err)
					continue
				}
				fmt.Fprintln(a.out, j.Name)
			}
			return failed
		}),
	}
	c.Flags().BoolVarP(&force, "force", "f", false, "stop jobs that run, first")
	return c
}
