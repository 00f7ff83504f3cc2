package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = ""

// build says what this binary was made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

// buildOf reads what the linker and the Go tool left in the binary.
func buildOf() build {
	b := build{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if b.Version == "" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = short(s.Value)
			}
		}
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "dev"
	}
	return b
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Which etal this is", Args: atMost(0),
		RunE: func(*cobra.Command, []string) error {
			b := buildOf()
			if !a.format.human() {
				return showOne(a, b, fact{"version", b.Version}, fact{"commit", b.Commit}, fact{"go", b.Go}, fact{"system", b.System})
			}
			line := "etal " + b.Version
			if b.Commit != "" {
				line += " (" + b.Commit + ")"
			}
			_, err := fmt.Fprintf(a.out, "%s, %s, %s\n", line, b.Go, b.System)
			return err
		},
	}
}
