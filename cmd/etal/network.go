package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node"
)

func (a *app) networkCommand() *cobra.Command {
	return family("network", "Networks you have joined", a.networkLsCommand(), a.networkUseCommand())
}

// networkView is a joined network.
type networkView struct {
	Name    string `json:"name"`
	Current bool   `json:"current"`
	Profile string `json:"profile"` // its file
	Data    string `json:"data"`    // of the user's own node there
}

func (a *app) networkLsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List networks", Args: atMost(0),
		RunE: interruptible(func(context.Context, *cobra.Command, []string) error {
			names, err := a.networks()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return noNetwork()
			}
			home, err := a.home()
			if err != nil {
				return err
			}
			current, err := a.current()
			if err != nil {
				current = "" // none is chosen
			}
			var list []networkView
			for _, n := range names {
				dir := filepath.Join(home, "networks", n)
				list = append(list, networkView{n, n == current, filepath.Join(dir, "profile.toml"), filepath.Join(dir, "node")})
			}
			return show(
				a, list, "",
				column[networkView]{"NAME", func(v networkView) string { return v.Name }},
				column[networkView]{"IN USE", func(v networkView) string { return yesNo(v.Current) }},
				column[networkView]{"PROFILE", func(v networkView) string { return v.Profile }},
			)
		}),
	}
}

func (a *app) networkUseCommand() *cobra.Command {
	return &cobra.Command{
		Use: "use NAME", Short: "Choose the network that commands speak to", Args: exactly("network's name"),
		RunE: interruptible(func(_ context.Context, _ *cobra.Command, args []string) error {
			names, err := a.networks()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return noNetwork()
			}
			if !slices.Contains(names, args[0]) {
				return tell(node.ErrNotFound, "There is no network %q here: there are %s", args[0], strings.Join(names, ", "))
			}
			if err := a.setCurrent(args[0]); err != nil {
				return err
			}
			fmt.Fprintln(a.out, args[0])
			return nil
		}),
	}
}
