package main

import (
	"errors"
	"fmt"
	"os"

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
