package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
)

func (a *app) nodeCommand() *cobra.Command {
	return family("node", "Your own node", a.nodeStartCommand(), a.nodeStopCommand(), a.nodeStatusCommand(), a.nodeRunCommand())
}

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

func (a *app) nodeStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "How your node is", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, s, err := a.reach(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			chain := fmt.Sprintf("block %d, %s", s.Chain.Head, s.Chain.RPC)
			if !s.Chain.Healthy {
				chain = "does not answer: " + s.Chain.RPC
			}
			if err := showOne(
				a, s,
				fact{"network", s.Network},
				fact{"roles", strings.Join(s.Roles, ", ")},
				fact{"account", s.Account.String()},
				fact{"peer", s.Peer},
				fact{"addresses", strings.Join(s.Addresses, " ")},
				fact{"peers", fmt.Sprint(s.Peers)},
				fact{"offers", fmt.Sprint(s.Offers)},
				fact{"chain", chain},
				fact{"process", fmt.Sprint(s.PID)},
				fact{"data", s.Data},
				fact{"up", market.FormatDuration(max(0, a.now().Sub(s.Started)))},
				fact{"version", s.Version},
			); err != nil {
				return err
			}
			for _, w := range s.Warnings {
				a.say("%s", w)
			}
			return nil
		}),
	}
}
