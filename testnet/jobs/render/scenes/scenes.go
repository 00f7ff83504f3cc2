// Package scenes holds the scenes that come with etal. README.md beside it
// tells how to write one.
package scenes

import _ "embed"

// Etal is the scene of the tour: a market stall at dusk, 480 × 270 pixels.
//
//go:embed etal.toml
var Etal []byte
