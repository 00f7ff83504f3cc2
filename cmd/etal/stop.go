package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// stopGrace is how long a job may take to end by itself.
const stopGrace = 10 * time.Second

func (a *app) stopCommand() *cobra.Command {
	var seconds int
	c := &cobra.Command{
		Use: "stop NAME…", Short: "Stop jobs", Args: atLeast(1, "job's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			if seconds < 0 || seconds > 3600 {
				return usage("--time must be 0 to 3600 seconds")
			}
			c, s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			var failed error
			for _, name := range args {
				j, err := findJob(ctx, c, name)
				if err == nil {
					j, err = c.StopJob(ctx, j.Name, time.Duration(seconds)*time.Second)
				}
				if err != nil {
					failed = errors.Join(failed, err)
					continue
				}
				fmt.Fprintln(a.out, j.Name)
				a.say("%s", lastLine(j, s.Symbol))
			}
			return failed
		}),
	}
	c.Flags().IntVarP(&seconds, "time", "t", int(stopGrace/time.Second), "seconds to end by itself before force")
	return c
}
