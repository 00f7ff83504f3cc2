package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/runtime/containerd"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// nodeRunCommand is a node's own process. Commands start it by themselves, so
// it is not listed.
func (a *app) nodeRunCommand() *cobra.Command {
	var s settings
	var role string
	var sell sellFlags
	c := &cobra.Command{
		Use: "run --data DIR --profile FILE", Short: "Be a node, until told to end", Args: atMost(0), Hidden: true,
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			if s.data == "" || s.profile == "" {
				return usage("node run wants --data and --profile")
			}
			switch devnet.Role(role) {
			case devnet.RoleRenter, devnet.RoleBootstrap, devnet.RoleProvider:
			default:
				return usage("--role %q is none of renter, provider, bootstrap", role)
			}
			sold, err := readSelling(s.data)
			if err != nil {
				return err
			}
			if said, err := sell.selling(); err != nil {
				return err
			} else if devnet.Role(role) == devnet.RoleProvider {
				if sold == nil {
					sold = &selling{}
				}
				all := said.over(*sold) // what was changed since weighs more
				sold = &all
			}
			if sold != nil && sold.Name != "" {
				s.name = sold.Name
			}
			s.sell = sold
			return a.serve(ctx, s)
		}),
	}
	f := c.Flags()
	f.StringVar(&s.data, "data", "", "the node's folder")
	f.StringVar(&s.profile, "profile", "", "the network's profile")
	f.StringVar(&s.name, "name", "", "name for people")
	f.StringArrayVar(&s.listen, "listen", nil, "multiaddress to listen on")
	f.StringVar(&role, "role", string(devnet.RoleRenter), "renter, provider or bootstrap")
	sell.add(f)
	return c
}

// serveNode is a node and its local interface, until ctx ends.
func serveNode(ctx context.Context, s settings) (err error) {
	profile, err := node.ReadProfile(s.profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return fmt.Errorf("open the node's folder: %w", err)
	}
	socket, err := api.SocketPath(s.data)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: logLevel(os.Getenv("ETAL_LOG"))}))
	c := node.Config{
		Data: s.data, Profile: &profile, Name: s.name, Listen: s.listen, Version: buildOf().Version, Log: log,
	}
	if s.sell != nil {
		engine, err := containerd.Launch(ctx, engineConfig(s, log))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, engine.Close()) }() // what runs, runs on
		// Zero resources make the node sell half of what the engine has.
		if c.Provide, err = s.sell.provide(market.Resources{}); err != nil {
			return err
		}
		c.Engine = engine
	}
	n, err := node.New(c)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	g, ctx := errgroup.WithContext(ctx)
	if s.sell != nil {
		g.Go(func() error { keepEngine(ctx, engineConfig(s, log)); return nil })
	}
	g.Go(func() error {
		defer end()
		return n.Run(ctx)
	})
	g.Go(func() error {
		defer end()
		select {
		case <-n.Ready():
		case <-ctx.Done():
			return nil
		}
		return api.Serve(ctx, n, socket, end)
	})
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, n.Close())
}

func engineConfig(s settings, log *slog.Logger) containerd.Config {
	return containerd.Config{Root: devnet.EngineRoot(s.data), Log: log}
}

// keepEngine starts a node's engine again when it has died, until ctx ends. What
// it ran is lost then, and the node finds out by asking the new one.
func keepEngine(ctx context.Context, c containerd.Config) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if containerd.Alive(c.Root) {
			continue
		}
		c.Log.Warn("the engine has died: starting it again")
		again, err := containerd.Launch(ctx, c)
		if err == nil {
			err = again.Close() // the node's own client finds it
		}
		if err != nil && ctx.Err() == nil {
			c.Log.Error("the engine does not start again", "err", err)
		}
	}
}

// logLevel reads $ETAL_LOG; without it a log holds what an operator should read.
func logLevel(s string) slog.Level {
	var l slog.Level
	if s == "" || l.UnmarshalText([]byte(s)) != nil {
		return slog.LevelInfo
	}
	return l
}
