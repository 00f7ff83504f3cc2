package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) psCommand() *cobra.Command {
	var all, quiet bool
	c := &cobra.Command{
		Use: "ps", Short: "List jobs", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			jobs, err := c.Jobs(ctx)
			if err != nil {
				return err
			}
			shown, ended := jobs, 0
			if !all {
				shown = nil
				for _, j := range jobs {
					if jobDone(j) {
						ended++
						continue
					}
					shown = append(shown, j)
				}
			}
			if quiet {
				for _, j := range shown {
					fmt.Fprintln(a.out, j.Name)
				}
				return nil
			}
			now := a.now()
			nothing := "No jobs: `etal run IMAGE` starts one"
			if ended > 0 {
				nothing = "No job is running"
			}
			if err := show(
				a, shown, nothing,
				column[node.JobView]{"NAME", func(j node.JobView) string { return j.Name }},
				column[node.JobView]{"IMAGE", func(j node.JobView) string { return shortImage(j.Image) }},
				column[node.JobView]{"STATE", jobState},
				column[node.JobView]{"PROVIDER", func(j node.JobView) string { return j.Provider }},
				column[node.JobView]{"CREATED", func(j node.JobView) string { return ago(j.Created, now) }},
				column[node.JobView]{"RAN", func(j node.JobView) string { return delivered(j.DeliveredMS) }},
				column[node.JobView]{"PER HOUR", func(j node.JobView) string { return money(j.PerHour, s.Symbol) }},
				column[node.JobView]{"PAID", func(j node.JobView) string { return money(j.Paid, s.Symbol) }},
			); err != nil {
				return err
			}
			if ended > 0 && a.format.human() {
				a.say("%d more ended: `etal ps -a`", ended)
			}
			return nil
		}),
	}
	c.Flags().BoolVarP(&all, "all", "a", false, "show jobs that ended, too")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "names only")
	return c
}

// jobDone reports whether a job needs no one's attention any more.
func jobDone(j node.JobView) bool { return j.Phase == "done" || j.ExitBy != "" }

// jobState says how a job is in a word or two.
func jobState(j node.JobView) string {
	switch {
	case j.Exit != nil:
		return fmt.Sprintf("%s (%d)", j.State, *j.Exit)
	case j.ExitBy == "etal":
		return fmt.Sprintf("ended (%d)", j.Code)
	case j.State == "" || (j.State == "pending" && j.Phase != ""):
		return j.Phase
	}
	return string(j.State)
}

// shortImage cuts an image's name from the front, where the least is said.
func shortImage(s string) string {
	const most = 40
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return "…" + string(r[len(r)-most+1:])
}
