//go:build !linux

package main

import (
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// halfMachine refuses: only Linux machines can sell.
func halfMachine(string) (market.Resources, error) {
	return market.Resources{}, tell(runtime.ErrUnsupported, "Selling needs Linux; renting works here, too")
}
