package tour

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/testnet/devnet"
	"github.com/etal-cloud/etal/testnet/picture"
)

const (
	providers  = 3
	least      = 6 * time.Second
	downTime   = time.Minute // the longest that ending a network may take
	settleTime = time.Minute // the longest that the chain may take
)

// tour is one run.
type tour struct {
	o       Options
	work    string // temporary folder
	net     *devnet.Net
	client  *api.Client // of the renter
	symbol  string
	program string // the packed renderer
	scene   string // the scene's file
	report  Report

	mu    sync.Mutex // guards the following fields and every part's
	view  *picture.View
	parts []*part
}

// Run shows the tour and returns how it came out. Whatever happens, also when
// ctx ends, everything that was started is gone when it returns; only with
// Options.Keep, and without an error, the network stays.
func Run(ctx context.Context, o Options) (_ Report, err error) {
	t := &tour{o: o}
	if t.o.Least == 0 {
		t.o.Least = least
	}
	if t.o.Talk == nil {
		t.o.Talk = io.Discard
	}
	if t.o.Doing == nil {
		t.o.Doing = func(string) {}
	}
	if o.Out, err = filepath.Abs(o.Out); err != nil {
		return Report{}, fmt.Errorf("picture: %w", err)
	}
	t.report = Report{Picture: o.Out, Seed: o.Seed}
	if err := writable(o.Out); err != nil {
		return Report{}, err
	}
	if err := endLeftovers(ctx, o.KillEngine); err != nil {
		t.say("what an earlier tour left could not be ended: %s", err)
	}
	work, release, err := makeFolder()
	if err != nil {
		return Report{}, err
	}
	t.work = work
	defer func() {
		if e := t.end(ctx, err); e != nil {
			err = errors.Join(err, e) // what is left of the network is in the folder
		} else if e := os.RemoveAll(work); e != nil {
			err = errors.Join(err, e)
		}
		release()
		t.o.Doing("")
	}()
	if err := t.prepare(); err != nil {
		return Report{}, err
	}
	return t.report, t.steps(ctx)
}

// steps are the tour, in order.
func (t *tour) steps(ctx context.Context) error {
	for _, step := range []func(context.Context) error{t.up, t.market, t.render, t.assemble, t.settle, t.bill} {
		if err := step(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// prepare writes what is sent.
func (t *tour) prepare() error {
	var err error
	if t.program, err = program(t.o.Binary, t.work); err != nil {
		return err
	}
	t.scene = filepath.Join(t.work, "scene.toml")
	if err := os.WriteFile(t.scene, t.o.Scene.source, 0o600); err != nil {
		return fmt.Errorf("write the scene: %w", err)
	}
	return nil
}

// writable makes sure that the picture can be written before anything is done
// for it.
func writable(file string) error {
	if fi, err := os.Stat(file); err == nil && !fi.Mode().IsRegular() {
		return fmt.Errorf("the picture cannot be written to %s: it is no file that can be replaced", file)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".etal-picture-")
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("the picture cannot be written to %s: %w", file, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// up starts the network.
func (t *tour) up(ctx context.Context) error {
	dir := t.o.Keep
	if dir == "" {
		dir = filepath.Join(t.work, devnet.NetworkName)
	}
	t.say("A network of its own, each part a process of etal:")
	var doing string
	began := time.Now()
	did := map[string]string{
		"starting the chain":                "a chain with test money",
		"starting the bootstrap node":       "a node that the others meet at",
		"starting 3 providers and a renter": "3 providers in two made-up regions, and a renter",
		"waiting for the offers":            "every provider's offer has reached the renter",
	}
	next := func(step string) {
		if doing != "" {
			t.did(began, "%s", cmp.Or(did[doing], doing))
		}
		doing, began = step, time.Now()
		t.o.Doing(step)
	}
	net, err := devnet.Up(ctx, devnet.Options{
		Binary: t.o.Binary, Dir: dir, Providers: providers, Progress: next, KillEngine: t.o.KillEngine,
	})
	if err != nil {
		return err
	}
	next("")
	t.net = net
	t.report.RPC = net.Status().RPC
	renter, err := net.Node("renter")
	if err != nil {
		return err
	}
	socket, err := api.SocketPath(renter.Data)
	if err != nil {
		return err
	}
	t.client = api.NewClient(socket)
	s, err := t.client.Status(ctx)
	if err != nil {
		return err
	}
	t.symbol = s.Symbol
	return t.before(ctx)
}

// end takes the network down, unless it is kept. It must work after an
// interrupt, too.
func (t *tour) end(ctx context.Context, failed error) error {
	if t.client != nil {
		t.client.Close()
	}
	if t.net == nil || t.o.Keep != "" && failed == nil {
		return nil
	}
	if ctx.Err() != nil {
		t.say("Interrupted: ending what was started.")
	}
	t.o.Doing("ending the network")
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downTime)
	defer cancel()
	if err := t.net.Down(ctx); err != nil {
		return fmt.Errorf("%w (what is left is in %s)", err, t.net.Dir())
	}
	t.did(began, "the network is gone: no process, no folder of it is left")
	return nil
}

// say tells a line: above the picture while there is one.
func (t *tour) say(form string, args ...any) {
	line := fmt.Sprintf(form, args...)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.view != nil {
		t.view.Say(line)
		_ = t.view.Flush() // a terminal that is gone: the interrupt follows
		return
	}
	t.o.Doing("")
	fmt.Fprintln(t.o.Talk, line)
}

// did tells a step that is done, and how long it took.
func (t *tour) did(began time.Time, form string, args ...any) {
	t.say("  %7s  %s", market.FormatDuration(time.Since(began)), fmt.Sprintf(form, args...))
}

// money writes an amount with its symbol.
func (t *tour) money(a market.Amount) string { return market.FormatAmount(a) + " " + t.symbol }
