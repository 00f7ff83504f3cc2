package main

import (
	"github.com/spf13/cobra"
)

func (a *app) providerCommand() *cobra.Command {
	return family("provider", "Sell this machine's time", a.providerStartCommand(), a.providerStopCommand(), a.providerStatusCommand(), a.providerPriceCommand())
}
