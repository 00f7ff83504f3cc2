package main

import (
	"github.com/spf13/cobra"
)

func (a *app) providerCommand() *cobra.Command {
	return family("provider", "Sell this machine's time", a.providerStartCommand(), a.providerStopCommand(), a.providerStatusCommand(), a.providerPriceCommand())
}

// restore puts back what was sold before a start that failed.

// ownPlace is the user's own node; what a devnet's providers sell is its affair.

// restart makes the user's own node take up changed settings.

// showPlan shows what would be offered.

// runningLeases counts the leases that deliver or are about to.

// on returns prices with what t says changed.
