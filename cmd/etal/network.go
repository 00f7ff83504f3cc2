package main

import (
	"github.com/spf13/cobra"
)

func (a *app) networkCommand() *cobra.Command {
	return family("network", "Networks you have joined", a.networkLsCommand(), a.networkUseCommand())
}
