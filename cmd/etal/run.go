package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
)

func (a *app) runCommand() *cobra.Command {
	var job jobFlags
	var detached, remove bool
	var prepay string
	c := &cobra.Command{
		Use:   "run [flags] IMAGE [flags] [--] [CMD…]",
		Short: "Run a job on somebody's machine",
		Long: `Run finds a machine, leases it, runs IMAGE there and pays for it by the second.

IMAGE is a name in a registry, an archive (docker save or OCI), a folder with an OCI
layout or a root filesystem, or a static program. CMD replaces the image's arguments.

Without -d it shows what the job writes, and ends with the job's own code. Ctrl-C stops
the job, a second Ctrl-C leaves it to itself. etal's own outcomes have the codes 120 to
125 (` + "`etal help exit-codes`" + `).`,
		Example: `  etal run --cpus 2 -m 1g --for 10m --max 0.50 busybox echo hello
  etal run ./program --in data.csv:/data.csv --out /out:results -- --fast
  etal run -d --name night --prepay 8h archive.tar`,
		Annotations: map[string]string{passing: "yes"},
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, err := job.parse(a, cmd, args)
			if err != nil {
				return err
			}
			if help, err := cmd.Flags().GetBool("help"); err == nil && help { // it may stand after IMAGE
				return cmd.Help()
			}
			o := node.RunOptions{Remove: remove && detached}
			if prepay != "" {
				if o.Prepay, err = parseTime(prepay); err != nil {
					return flagError("--prepay", err)
				}
				if o.Prepay > spec.Request.Term {
					return usage("--prepay %s is longer than the job may run (--for %s)", prepay, job.term)
				}
			}
			r := &runner{a: a, job: spec, o: o, detached: detached, remove: remove}
			return r.run(cmd.Context())
		},
	}
	job.add(c.Flags())
	c.Flags().BoolVarP(&detached, "detach", "d", false, "print the job's name and leave it to your node")
	c.Flags().BoolVar(&remove, "rm", false, "forget the job when it has ended")
	c.Flags().StringVar(&prepay, "prepay", "", "pay this much time ahead, for a machine that will sleep")
	return c
}

// runner is one `etal run`.
type runner struct {
	a                *app
	job              market.Job
	o                node.RunOptions
	detached, remove bool

	c      *api.Client
	symbol string
	outs   []market.Transfer // fetched by this command
}

// errInterrupted ends what was going on before the job had begun.
var errInterrupted = errors.New("interrupted")

func (r *runner) run(parent context.Context) error {
	a := r.a
	// Interrupts are ours: the first stops the job, the second leaves it.
	interrupts := make(chan os.Signal, 4)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)

	before, begun := context.WithCancelCause(parent)
	defer begun(nil)
	name := make(chan string, 1) // tells the watcher below that there is a job
	stopped := make(chan struct{})
	done := make(chan struct{})
	watched := make(chan struct{})
	live, detach := context.WithCancelCause(parent)
	defer detach(nil)
	go func() { // ends with run
		defer close(watched)
		job := ""
		presses := 0
		for {
			select {
			case <-done:
				return
			case job = <-name:
				if presses > 0 { // while the job was being submitted
					close(stopped)
				}
			case <-interrupts:
				presses++
				switch {
				case job == "":
					begun(errInterrupted)
				case presses == 1:
					if terminal(a.err) {
						a.say("") // below the ^C
					}
					a.say("etal: stopping %s; Ctrl-C again leaves it to itself", job)
					close(stopped)
				default:
					detach(errInterrupted)
				}
			}
		}
	}()
	defer func() { close(done); <-watched }()

	err := r.begin(before, name)
	if err != nil {
		if errors.Is(context.Cause(before), errInterrupted) {
			a.say("etal: interrupted before the job began: nothing was spent")
			return exit(codeInterrupted)
		}
		return err
	}
	defer r.c.Close()
	if r.detached {
		return nil
	}
	return r.follow(live, stopped)
}

// begin connects, tells the cost and submits the job.
func (r *runner) begin(ctx context.Context, name chan<- string) error {
	a := r.a
	c, s, err := a.connect(ctx)
	if err != nil {
		return err
	}
	r.c, r.symbol = c, s.Symbol
	if !r.detached { // this command fetches them itself, the node need not
		r.outs = r.job.Outputs
		r.job.Outputs = nil
		for _, t := range r.outs {
			r.job.Outputs = append(r.job.Outputs, market.Transfer{Path: t.Path})
		}
	}
	talk := a.talker()
	talk.phase("looking for an offer")
	q, err := c.Quote(ctx, r.job)
	if err == nil && len(q.Offers) == 0 {
		err = tell(node.ErrNoOffer, "no offer fits: %s", q.Explain)
	}
	talk.done()
	if err != nil {
		c.Close()
		return err
	}
	a.say("%s", r.costs(ctx, q))
	talk.phase("asking for a lease")
	// Once this is sent the job may exist: it is not cut off by an interrupt.
	j, err := c.SubmitJob(context.WithoutCancel(ctx), r.job, r.o)
	talk.done()
	if err != nil {
		c.Close()
		return err
	}
	r.job.Name = j.Name
	name <- j.Name
	if r.detached {
		return r.leave(j)
	}
	return nil
}

// costs says what can be spent, before it is.
func (r *runner) costs(ctx context.Context, q node.Quote) string {
	term := q.Term
	if term == 0 {
		term = r.job.Request.Term
	}
	now := r.a.now()
	line := fmt.Sprintf("costs ≤ %s until %s", money(q.Max, r.symbol), clock(now.Add(term), now))
	w, err := r.c.Wallet(ctx)
	if err != nil || w.LimitDay.IsZero() {
		return line
	}
	left, err := w.LimitDay.Sub(w.SpentToday)
	if err != nil {
		left = market.Amount{}
	}
	return line + fmt.Sprintf(", %s left today", money(left, r.symbol))
}

// leave says what happens to a job that nobody watches.
func (r *runner) leave(j node.JobView) error {
	a := r.a
	if a.format.human() {
		fmt.Fprintln(a.out, j.Name)
	} else if err := showOne(a, j); err != nil {
		return err
	}
	if r.o.Prepay > 0 {
		a.say("%s is paid %s ahead: it runs on that long while this machine sleeps; that much is at risk if the provider vanishes",
			j.Name, market.FormatDuration(r.o.Prepay))
	} else {
		a.say("while this machine sleeps nobody pays: %s is paused after 20 s and stopped 10 min later; `--prepay 1h` pays an hour ahead", j.Name)
	}
	a.say("next: etal logs -f %s · etal stop %s", j.Name, j.Name)
	return nil
}
