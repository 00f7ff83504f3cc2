package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/containerd/v2/cmd/containerd/command"
)

func main() {
	name := filepath.Base(os.Args[0])
	switch {
	case name == nameContainerd:
		if err := command.App().Run(os.Args); err != nil {
			fmt.Fprintln(os.Stderr, "containerd:", err)
			os.Exit(1)
		}
	case name == nameShim:
		shim(context.Background())
	case name == nameRuntime:
		os.Exit(runtime(os.Args[1:]))
	case name == nameLogger:
		os.Exit(logger(os.Args[1:]))
	case name == nameKeeper:
		os.Exit(keep(os.Args[1:]))
	case name == nameExe || strings.HasPrefix(name, nameRunsc):
		sandbox()
	default:
		os.Exit(engine(os.Args[1:]))
	}
}

const usage = `etal-engine runs containers in a sandbox, for etal.

  etal-engine serve --root DIR   start an engine that keeps everything in DIR, and return
  etal-engine check              say whether this machine allows it
  etal-engine version
`

// engine is the command line of the name etal-engine. It returns an exit code.
func engine(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	switch args[0] {
	case "serve":
		root := ""
		switch {
		case len(args) == 3 && args[1] == "--root":
			root = args[2]
		case len(args) == 2 && strings.HasPrefix(args[1], "--root="):
			root = strings.TrimPrefix(args[1], "--root=")
		}
		if root == "" {
			fmt.Fprint(os.Stderr, usage)
			return 2
		}
		return report(serve(root))
	case "check":
		return report(check())
	case "version":
		fmt.Println(Version)
		return 0
	case "help", "-h", "--help":
		fmt.Print(usage)
		return 0
	}
	fmt.Fprint(os.Stderr, usage)
	return 2
}
