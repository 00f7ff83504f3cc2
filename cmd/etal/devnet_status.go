package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/testnet/devnet"
)

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
