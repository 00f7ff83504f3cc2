package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
	"github.com/etal-cloud/etal/testnet/picture"
	"github.com/etal-cloud/etal/testnet/tour"
)

func init() { extras = append(extras, (*app).demoCommand) }

// demo is one `etal demo`: its flags.
type demo struct {
	a       *app
	scene   string
	seed    uint64
	size    string
	samples int
	out     string
	keep    bool
}

func (a *app) demoCommand() *cobra.Command {
	d := &demo{a: a}
	c := &cobra.Command{
		Use: "demo", Short: "A tour: render a picture on a network of its own", Args: atMost(0), GroupID: "here",
		Long: `Demo starts a network on this machine (a chain, providers, a renter, each a process of
its own), leases three providers, renders a third of a picture on each, kills one of
them halfway, has its part rendered elsewhere, and pays all of them on the chain.

Everything it started is gone when it ends, also after Ctrl-C. With --keep the network
stays, as your devnet, until ` + "`etal devnet down`" + `.`,
		Example: "  etal demo\n  etal demo --scene my.toml --seed 7 --out my.png",
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A closed terminal or a broken pipe must not leave a network behind.
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
			defer stop()
			err := d.run(ctx)
			if err != nil && ctx.Err() != nil {
				return exit(codeInterrupted)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&d.scene, "scene", "", "scene file to render (testnet/jobs/render/scenes/README.md says how to write one)")
	f.Uint64Var(&d.seed, "seed", 1, "which randomness to render with")
	f.StringVar(&d.size, "size", "", "WIDTHxHEIGHT of the picture, instead of the scene's")
	f.IntVar(&d.samples, "samples", 0, "paths of light for each pixel, instead of the scene's")
	f.StringVarP(&d.out, "out", "O", "demo.png", "file to write the picture to")
	f.BoolVar(&d.keep, "keep", false, "leave the network up")
	return c
}

func (d *demo) run(ctx context.Context) error {
	a := d.a
	if a.format != formatJSON && a.format != formatLines && !a.format.human() {
		return usage("demo writes a table or json")
	}
	size, err := d.parseSize()
	if err != nil {
		return err
	}
	scene, err := tour.ReadScene(d.scene, size)
	if err != nil {
		return err
	}
	if err := checkEngine(ctx); err != nil {
		return err
	}
	o := tour.Options{
		Scene: scene, Seed: d.seed, Out: d.out, KillEngine: killEngine, Talk: a.err, View: picture.For(a.err), Bill: d.bill,
	}
	if o.Binary, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if d.keep {
		if o.Keep, err = a.devnetDir(); err != nil {
			return err
		}
	}
	talk := a.talker()
	defer talk.done()
	o.Doing = func(what string) {
		if what == "" {
			talk.done()
		} else {
			talk.phase(what)
		}
	}
	r, err := tour.Run(ctx, o)
	talk.done()
	if errors.Is(err, devnet.ErrUp) {
		return tell(err, "A devnet is up already, and --keep would make another: `etal devnet down` ends it")
	}
	if err != nil {
		return err
	}
	if d.keep {
		if err := a.setCurrent(devnet.NetworkName); err != nil {
			return err
		}
		a.say("\nThe network stays up; its chain answers any Ethereum client on %s. `etal devnet down` ends it.", r.RPC)
		a.say("Next: etal offers · etal bill · etal run --cpus 1 --for 10m ./static-program")
	} else {
		a.say("\nNext: etal demo --scene FILE --seed 7 · etal devnet up · etal run --for 10m ./static-program")
	}
	if a.format.human() {
		return nil
	}
	e := json.NewEncoder(a.out) // one line, whatever else is asked for
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// parseSize reads --size and --samples.
func (d *demo) parseSize() (tour.Size, error) {
	s := tour.Size{Samples: d.samples}
	if d.samples < 0 {
		return s, usage("--samples must be more than 0")
	}
	if d.size == "" {
		return s, nil
	}
	w, h, found := strings.Cut(d.size, "x")
	var errW, errH error
	s.Width, errW = strconv.Atoi(w)
	s.Height, errH = strconv.Atoi(h)
	if !found || errW != nil || errH != nil || s.Width < 1 || s.Height < 1 {
		return s, usage("--size %q: want WIDTHxHEIGHT in pixels, such as 480x270", d.size)
	}
	return s, nil
}

// account is what one provider was promised, delivered and was paid.
type account struct {
	provider  string
	tiles     []string
	promised  market.Amount
	delivered int64
	owed      market.Amount
	paid      market.Amount
}

// bill prints who got what: data for people, talk where programs read.
func (d *demo) bill(r tour.Report) error {
	a := d.a
	w := a.out
	if !a.format.human() {
		w = a.err
	}
	accounts, err := accountsOf(r.Bill, r.Killed)
	if err != nil {
		return err
	}
	symbol := r.Bill.Symbol
	rows := [][]string{{"PROVIDER", "TILES", "PROMISED", "DELIVERED", "EARNED", "PAID ON CHAIN"}}
	for _, c := range accounts {
		rows = append(rows, []string{
			plainCell(c.provider), strings.Join(c.tiles, ", "), "≤ " + number(c.promised), delivered(c.delivered),
			number(c.owed), number(c.paid),
		})
	}
	fmt.Fprintf(w, "\nThe bill, in %s:\n", symbol)
	if err := writeTable(w, rows); err != nil {
		return err
	}
	rows = [][]string{{"PAID TO", "UNITS", "IN THE TRANSACTION"}}
	for _, s := range r.Settled {
		rows = append(rows, []string{plainCell(s.Provider), s.PaidUnits, s.Tx})
	}
	fmt.Fprintln(w)
	if err := writeTable(w, rows); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\npaid on chain %s · still held %s · all tokens before %s, after %s\n",
		money(r.Bill.OnChain, symbol), money(r.Bill.Locked, symbol), number(r.Before), number(r.After))
	return err
}

// accountsOf sums a bill up by provider, in the order of their first leases.
func accountsOf(b node.Bill, killed string) ([]*account, error) {
	var list []*account
	of := func(provider string) *account {
		i := slices.IndexFunc(list, func(c *account) bool { return c.provider == provider })
		if i < 0 {
			i = len(list)
			list = append(list, &account{provider: provider})
		}
		return list[i]
	}
	for _, r := range b.Rows {
		c := of(r.Provider)
		tile := strings.TrimPrefix(r.Job, "tile-")
		if r.Provider == killed && r.End == market.AllocLost {
			tile += " (killed)"
		}
		c.tiles = append(c.tiles, tile)
		c.delivered += r.DeliveredMS
		var err error
		if c.promised, err = c.promised.Add(r.Promised); err != nil {
			return nil, err
		}
		if c.owed, err = c.owed.Add(r.Paid); err != nil {
			return nil, err
		}
	}
	for _, s := range b.Settled {
		c := of(s.Provider)
		var err error
		if c.paid, err = c.paid.Add(s.Paid); err != nil {
			return nil, err
		}
	}
	return list, nil
}
