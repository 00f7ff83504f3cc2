package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

// Main is the process's own entry, for the scripts.
func Main() { main() }

// Surroundings are what a command line runs in.
type Surroundings struct {
	Out, Err io.Writer
	Env      map[string]string
	Now      time.Time
}

// Run runs one command line; a node that does not run stays so.
func Run(s Surroundings, args ...string) int {
	a := &app{
		out: s.Out, err: s.Err,
		getenv: func(k string) string { return s.Env[k] },
		now:    func() time.Time { return s.Now },
		launch: func(context.Context, place) (started, error) { return nil, errNotLaunched },
		serve:  func(context.Context, settings) error { return errors.New("no node is served in a test") },
	}
	return a.main(args)
}

var errNotLaunched = tell(node.ErrNoNetwork, "no node is launched in a test")

// The parsers and writers that have tests of their own.
var (
	ParseTime   = parseTime
	ParseInput  = parseInput
	ParseOutput = parseOutput
	Number      = number
	PlainCell   = plainCell
	Merge       = merge
)

// Provide reads a provider.toml's folder as a node does.
func Provide(data string, half market.Resources) (*node.Provide, error) {
	s, err := readSelling(data)
	if err != nil || s == nil {
		return nil, err
	}
	return s.provide(half)
}
