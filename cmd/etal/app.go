package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// app is what the commands share: the process's surroundings and the flags that
// every command has.
type app struct {
	in     io.Reader
	out    io.Writer // data
	err    io.Writer // talk
	getenv func(string) string
	now    func() time.Time
	// launch starts the user's own node of a network as a process of its own.
	launch func(ctx context.Context, p place) (started, error)
	// serve is a node's process, until ctx ends.
	serve func(ctx context.Context, s settings) error

	network string // --network
	node    string // --node
	format  format // -o
}

// main runs one command line and returns the exit code.
func (a *app) main(args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	cmd, err := root.ExecuteContextC(context.Background())
	if err == nil {
		return 0
	}
	code := exitCode(err, passesCode(cmd))
	var quiet exit
	if !errors.As(err, &quiet) {
		a.say("etal: %s", sentence(err))
	}
	return code
}

// root is the whole verb tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "etal",
		Short:         "A cloud made of everyone's machines",
		Long:          "etal runs containers on other people's machines and pays them by the second.\nNew here? `etal devnet up` starts a play network on this machine, `etal help money` and\n`etal help protection` say what is at stake.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q: `etal help` lists them", args[0])
			}
			return cmd.Help()
		},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.network, "network", "", "network to use instead of the current one ($ETAL_NETWORK)")
	f.StringVar(&a.node, "node", "", "ask this node of a devnet instead of your own ($ETAL_NODE)")
	f.VarP(&a.format, "output", "o", "table, json, jsonl or csv")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%s (see `%s --help`)", err, cmd.CommandPath())
	})
	root.AddGroup(
		&cobra.Group{ID: "everyday", Title: "Everyday:"},
		&cobra.Group{ID: "market", Title: "Market and money:"},
		&cobra.Group{ID: "selling", Title: "Selling:"},
		&cobra.Group{ID: "here", Title: "Networks and this machine:"},
	)
	group := func(id string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = id
			root.AddCommand(c)
		}
	}
	group("everyday", a.runCommand(), a.psCommand(), a.logsCommand(), a.waitCommand(), a.stopCommand(),
		a.rmCommand(), a.cpCommand(), a.inspectCommand())
	group("market", a.offersCommand(), a.quoteCommand(), a.walletCommand(), a.billCommand())
	group("selling", a.providerCommand())
	group("here", a.networkCommand(), a.nodeCommand(), a.devnetCommand(), a.versionCommand())
	root.AddCommand(a.devchainCommand())
	root.SetHelpCommand(a.helpCommand())
	for _, extra := range extras {
		root.AddCommand(extra(a))
	}
	return root
}

// extras are commands whose files add themselves, such as the tour.
var extras []func(*app) *cobra.Command

// say writes a line of talk.
func (a *app) say(form string, args ...any) { fmt.Fprintf(a.err, form+"\n", args...) }

// terminal reports whether a writer is a person's screen.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// action is what a command does. Its context ends with Ctrl-C.
type action func(ctx context.Context, cmd *cobra.Command, args []string) error

// interruptible runs an action until it is done or the user interrupts it.
func interruptible(f action) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err := f(ctx, cmd, args)
		if err != nil && ctx.Err() != nil {
			return exit(130)
		}
		return err
	}
}

// exactly wants n arguments, named in order.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage("%s wants a %s: %s", cmd.CommandPath(), names[len(args)], cmd.UseLine())
		}
		if len(args) > len(names) {
			return usage("%s does not know what to do with %q: %s", cmd.CommandPath(), args[len(names)], cmd.UseLine())
		}
		return nil
	}
}

// atMost wants up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage("%s does not know what to do with %q: %s", cmd.CommandPath(), args[n], cmd.UseLine())
		}
		return nil
	}
}

// atLeast wants n arguments or more, each called name.
func atLeast(n int, name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usage("%s wants a %s: %s", cmd.CommandPath(), name, cmd.UseLine())
		}
		return nil
	}
}

// family is a command that only holds others.
func family(use, short string, members ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q: `%s --help` lists them", cmd.CommandPath()+" "+args[0], cmd.CommandPath())
			}
			return cmd.Help()
		},
	}
	c.AddCommand(members...)
	return c
}
