package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/etal-cloud/etal/chain/devchain"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// devchainCommand is the process of a devnet's chain.
func (a *app) devchainCommand() *cobra.Command {
	var data, rpc string
	run := &cobra.Command{
		Use: "run --data DIR", Short: "Be a chain, until told to end", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			if data == "" {
				return usage("devchain run wants --data")
			}
			return runChain(ctx, data, rpc)
		}),
	}
	run.Flags().StringVar(&data, "data", "", "the chain's folder")
	run.Flags().StringVar(&rpc, "rpc", "", "loopback address to answer on")
	c := family("devchain", "A chain for play money", run)
	c.Hidden = true
	return c
}

// runChain makes blocks until ctx ends, and says in chain.json what the chain is
// as soon as it answers.
func runChain(ctx context.Context, data, rpc string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("open the chain's folder: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := devchain.New(devchain.Config{Dir: data, Listen: rpc, Log: log})
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.Run(ctx) })
	g.Go(func() error {
		select {
		case <-c.Ready():
		case <-ctx.Done():
			return nil
		}
		i := c.Info()
		return devnet.ChainInfo{
			RPC: i.RPC, ChainID: i.ChainID, Contract: i.Contract.Hex(), Token: i.Token.Hex(), Symbol: "test$", Decimals: i.Decimals,
		}.Write(data)
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
