package main

import (
	"github.com/spf13/cobra"
)

func (a *app) nodeCommand() *cobra.Command {
	return family("node", "Your own node", a.nodeStartCommand(), a.nodeStopCommand(), a.nodeStatusCommand(), a.nodeRunCommand())
}
