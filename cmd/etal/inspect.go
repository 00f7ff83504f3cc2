package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) inspectCommand() *cobra.Command {
	return &cobra.Command{
		Use: "inspect NAME…", Short: "Show all that is known of jobs, as JSON", Args: atLeast(1, "job's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			jobs := []node.JobView{}
			for _, name := range args {
				j, err := findJob(ctx, c, name)
				if err != nil {
					return err
				}
				jobs = append(jobs, j)
			}
			if a.format.human() || a.format == formatCSV { // it is too much for a table
				return writeJSON(a.out, jobs)
			}
			return show(a, jobs, "")
		}),
	}
}
