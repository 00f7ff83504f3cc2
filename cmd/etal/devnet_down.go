package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/testnet/devnet"
)

func (a *app) devnetDownCommand() *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: "End the devnet and remove all of it", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			o, err := a.devnetOptions()
			if err != nil {
				return err
			}
			n, err := devnet.Load(o)
			if errors.Is(err, devnet.ErrNone) {
				a.say("no devnet is up")
				return nil
			}
			if err != nil {
				return err
			}
			t := a.talker()
			t.phase("taking the devnet down")
			// Half of a network would be of no use: an interrupt comes too late.
			err = n.Down(context.WithoutCancel(ctx))
			t.done()
			if err != nil {
				return err
			}
			return a.forgetCurrent(devnet.NetworkName)
		}),
	}
}

// forgetCurrent lets no network be chosen where this one was.
func (a *app) forgetCurrent(name string) error {
	home, err := a.home()
	if err != nil {
		return err
	}
	path := filepath.Join(home, "current")
	if b, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(b)) != name {
		return nil // another one is
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("forget the network: %w", err)
	}
	return nil
}
