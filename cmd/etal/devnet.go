package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
)

func (a *app) devnetCommand() *cobra.Command {
	return family("devnet", "A play network on this machine", a.devnetUpCommand(), a.devnetStatusCommand(),
		a.devnetKillCommand(), a.devnetStartCommand(), a.devnetDownCommand())
}

// devnetOptions are what a devnet of this user's is made with.
func (a *app) devnetOptions() (devnet.Options, error) {
	dir, err := a.devnetDir()
	if err != nil {
		return devnet.Options{}, err
	}
	exe, err := os.Executable()
	if err != nil {
		return devnet.Options{}, fmt.Errorf("find this program: %w", err)
	}
	return devnet.Options{Binary: exe, Dir: dir, KillEngine: killEngine}, nil
}

// loadDevnet returns this user's devnet.
func (a *app) loadDevnet() (*devnet.Net, error) {
	o, err := a.devnetOptions()
	if err != nil {
		return nil, err
	}
	n, err := devnet.Load(o)
	if errors.Is(err, devnet.ErrNone) {
		return nil, tell(node.ErrNoNetwork, "No devnet is up: `etal devnet up` starts one")
	}
	return n, err
}

func (a *app) devnetUpCommand() *cobra.Command {
	providers := 3
	c := &cobra.Command{
		Use: "up", Short: "Start a chain, providers and a renter here, and use them", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			if providers < 1 || providers > devnet.MaxProviders {
				return usage("--providers must be 1 to %d", devnet.MaxProviders)
			}
			o, err := a.devnetOptions()
			if err != nil {
				return err
			}
			if err := checkEngine(ctx); err != nil {
				return err
			}
			t := a.talker()
			o.Providers, o.Progress = providers, t.phase
			n, err := devnet.Up(ctx, o)
			t.done()
			if errors.Is(err, devnet.ErrUp) {
				return tell(err, "A devnet is up already: `etal devnet status` shows it, `etal devnet down` ends it")
			}
			if err != nil {
				return err
			}
			if err := a.setCurrent(devnet.NetworkName); err != nil {
				return err
			}
			if !a.format.human() {
				return a.showDevnet(n)
			}
			a.say("a devnet of %d providers is up; its chain answers on %s", providers, n.Status().RPC)
			a.say("next: etal offers · etal run IMAGE · etal devnet down")
			return nil
		}),
	}
	c.Flags().IntVar(&providers, "providers", providers, "how many sell")
	return c
}

func (a *app) devnetStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "How the devnet's processes are", Args: atMost(0),
		RunE: interruptible(func(context.Context, *cobra.Command, []string) error {
			n, err := a.loadDevnet()
			if err != nil {
				return err
			}
			return a.showDevnet(n)
		}),
	}
}

func (a *app) showDevnet(n *devnet.Net) error {
	s := n.Status()
	switch a.format {
	case formatJSON:
		return writeJSON(a.out, s)
	case formatTable, "":
		fmt.Fprintf(a.out, "chain %s\n\n", s.RPC)
	}
	type nodeStatus = devnet.NodeStatus
	return show(
		a, s.Nodes, "",
		column[nodeStatus]{"NAME", func(v nodeStatus) string { return v.Name }},
		column[nodeStatus]{"ROLE", func(v nodeStatus) string { return string(v.Role) }},
		column[nodeStatus]{"STATE", func(v nodeStatus) string { return string(v.State) }},
		column[nodeStatus]{"PID", func(v nodeStatus) string {
			if v.PID == 0 {
				return ""
			}
			return fmt.Sprint(v.PID)
		}},
		column[nodeStatus]{"DATA", func(v nodeStatus) string { return v.Data }},
		column[nodeStatus]{"ADDRESS", func(v nodeStatus) string {
			if len(v.Addresses) == 0 {
				return ""
			}
			return strings.SplitN(v.Addresses[0], "/p2p/", 2)[0]
		}},
	)
}

func (a *app) devnetKillCommand() *cobra.Command {
	var process bool
	c := &cobra.Command{
		Use: "kill NODE", Short: "End a node at once, as if its machine lost power", Args: exactly("node's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			n, err := a.loadDevnet()
			if err != nil {
				return err
			}
			return nodeError(n.Kill(ctx, args[0], !process))
		}),
	}
	c.Flags().BoolVar(&process, "process", false, "only etal's process: what a provider runs goes on")
	return c
}

func (a *app) devnetStartCommand() *cobra.Command {
	return &cobra.Command{
		Use: "start NODE", Short: "Start a node again", Args: exactly("node's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			n, err := a.loadDevnet()
			if err != nil {
				return err
			}
			t := a.talker()
			t.phase("starting " + args[0])
			defer t.done()
			return nodeError(n.Start(ctx, args[0]))
		}),
	}
}

func nodeError(err error) error {
	if errors.Is(err, devnet.ErrNode) {
		return tell(node.ErrNotFound, "%s", err)
	}
	return err
}

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
