package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
)

func (a *app) nodeStopCommand() *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "End your node; jobs on providers go on as far as they are paid", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, s, err := a.reach(ctx)
			if errors.Is(err, node.ErrNoNetwork) && a.joined() {
				a.say("your node does not run")
				return nil
			}
			if err != nil {
				return err
			}
			defer c.Close()
			return a.stopNode(ctx, c, s)
		}),
	}
}

// joined reports whether there is a network at all.
func (a *app) joined() bool {
	_, err := a.place()
	return err == nil
}

// stopNode ends a node and waits until it no longer answers.
func (a *app) stopNode(ctx context.Context, c *api.Client, s node.Status) error {
	t := a.talker()
	t.phase("stopping the node")
	defer t.done()
	if err := c.Stop(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience, fmt.Errorf("the node does not end: it is process %d, its log is %s", s.PID, logPath(s.Data)))
	defer cancel()
	for {
		if _, err := c.Status(ctx); errors.Is(err, node.ErrNoNetwork) && processGone(s.PID) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
