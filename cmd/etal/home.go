package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// place is where a network's files are, and which node of it is meant.
type place struct {
	network string // its name
	dir     string // networks/NAME
	profile string // its profile.toml
	data    string // the node's data folder
	own     bool   // the user's own node, which may be started
	name    string // the node's
}

// home is $ETAL_HOME, or where the system keeps a user's data.
func (a *app) home() (string, error) {
	if h := a.getenv("ETAL_HOME"); h != "" {
		return filepath.Abs(h)
	}
	if h := a.getenv("XDG_DATA_HOME"); filepath.IsAbs(h) {
		return filepath.Join(h, "etal"), nil
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w: set ETAL_HOME to a folder", err)
	}
	return filepath.Join(h, ".local", "share", "etal"), nil
}

// noNetwork is the answer where there is nothing to speak to.
func noNetwork() error {
	return tell(node.ErrNoNetwork, "No network yet: `etal devnet up` for a play one on this machine (see `etal help networks`)")
}

// networks lists the networks there are.
func (a *app) networks() ([]string, error) {
	home, err := a.home()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Join(home, "networks"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the networks: %w", err)
	}
	var out []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(home, "networks", e.Name(), "profile.toml")); e.IsDir() && err == nil {
			out = append(out, e.Name())
		}
	}
	sort.Strings(out)
	return out, nil
}

// current returns the name of the network in use: the flag's, the
// environment's, the chosen one, or the only one.
func (a *app) current() (string, error) {
	all, err := a.networks()
	if err != nil {
		return "", err
	}
	name := a.network
	if name == "" {
		name = a.getenv("ETAL_NETWORK")
	}
	if name != "" {
		for _, n := range all {
			if n == name {
				return name, nil
			}
		}
		if len(all) == 0 {
			return "", noNetwork()
		}
		return "", tell(node.ErrNoNetwork, "There is no network %q here: there are %s (`etal network ls`)", name, strings.Join(all, ", "))
	}
	home, err := a.home()
	if err != nil {
		return "", err
	}
	if b, err := os.ReadFile(filepath.Join(home, "current")); err == nil {
		chosen := strings.TrimSpace(string(b))
		for _, n := range all {
			if n == chosen {
				return n, nil
			}
		}
	}
	switch len(all) {
	case 0:
		return "", noNetwork()
	case 1:
		return all[0], nil
	}
	return "", tell(node.ErrNoNetwork, "There are several networks: choose one with `etal network use NAME` (%s)", strings.Join(all, ", "))
}

// setCurrent chooses a network.
func (a *app) setCurrent(name string) error {
	home, err := a.home()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return fmt.Errorf("choose the network: %w", err)
	}
	tmp := filepath.Join(home, ".current")
	if err := os.WriteFile(tmp, []byte(name+"\n"), 0o600); err != nil {
		return fmt.Errorf("choose the network: %w", err)
	}
	if err := os.Rename(tmp, filepath.Join(home, "current")); err != nil {
		return fmt.Errorf("choose the network: %w", err)
	}
	return nil
}

// place finds the node that the flags mean.
func (a *app) place() (place, error) {
	name, err := a.current()
	if err != nil {
		return place{}, err
	}
	home, err := a.home()
	if err != nil {
		return place{}, err
	}
	dir := filepath.Join(home, "networks", name)
	p := place{network: name, dir: dir, profile: filepath.Join(dir, "profile.toml"), data: filepath.Join(dir, "node"), own: true, name: "your node"}
	who := a.node
	if who == "" {
		who = a.getenv("ETAL_NODE")
	}
	if who == "" || who == "renter" {
		return p, nil
	}
	n, err := devnet.Load(devnet.Options{Dir: dir})
	if errors.Is(err, devnet.ErrNone) {
		return place{}, usage("--node %s: only the nodes of a devnet have names here", who)
	}
	if err != nil {
		return place{}, err
	}
	v, err := n.Node(who)
	if err != nil {
		return place{}, tell(node.ErrNotFound, "%s", err)
	}
	if v.Role == devnet.RoleChain {
		return place{}, usage("--node %s: the chain is no node; its RPC address is %s", who, n.Status().RPC)
	}
	p.data, p.own, p.name = v.Data, false, who
	return p, nil
}

// devnetDir is the folder of this machine's devnet.
func (a *app) devnetDir() (string, error) {
	home, err := a.home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "networks", devnet.NetworkName), nil
}
