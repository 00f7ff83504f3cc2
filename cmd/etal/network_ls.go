package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
)

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
