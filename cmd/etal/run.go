package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/runtime"
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

// logPatience is how long the rest of a log may make no progress once its job
// has ended.
const logPatience = 20 * time.Second

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
					a.say("\netal: stopping %s; Ctrl-C again leaves it to itself", job)
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

// follow shows the job until it has ended.
func (r *runner) follow(ctx context.Context, stopped <-chan struct{}) error {
	a := r.a
	talk := a.talker()
	talk.phase("waiting for " + r.job.Name)
	defer talk.done()

	// Both end with ctx, or with the job. The log goes on a little longer.
	var last node.JobView
	watched := make(chan error, 1)
	go func() {
		watched <- r.c.WatchJob(ctx, r.job.Name, func(j node.JobView) error {
			last = j
			if text := phases[j.Phase]; text != "" {
				talk.phase(text + on(j.Provider))
			} else {
				talk.done()
			}
			return nil
		})
	}()
	logged := make(chan error, 1)
	w := &logWriter{a: a}
	var at atomic.Int64 // when the last record came
	logs, cutLogs := context.WithCancelCause(ctx)
	defer cutLogs(nil)
	go func() {
		logged <- r.c.JobLogs(logs, r.job.Name, 0, true, func(l runtime.LogRecord) error {
			at.Store(a.now().UnixNano())
			talk.done()
			return w.write(l)
		})
	}()
	stopping := make(chan struct{})
	ended := make(chan struct{})
	go func() { // ends with the job
		defer close(stopping)
		select {
		case <-stopped:
			// What it returns the watcher sees too.
			_, _ = r.c.StopJob(ctx, r.job.Name, stopGrace)
		case <-ended:
		case <-ctx.Done():
		}
	}()
	err := <-watched
	at.Store(a.now().UnixNano())
	var logErr error
	for waiting := true; waiting; {
		select {
		case logErr = <-logged:
			waiting = false
		case <-time.After(time.Second):
			if a.now().UnixNano()-at.Load() > int64(logPatience) {
				cutLogs(errors.New("nothing came for a while"))
			}
		}
	}
	close(ended)
	<-stopping
	talk.done()
	if errors.Is(context.Cause(ctx), errInterrupted) {
		a.say("etal: %s is left to itself: etal logs -f %s · etal stop %s", r.job.Name, r.job.Name, r.job.Name)
		return exit(codeInterrupted)
	}
	if err != nil {
		return err
	}
	w.end()
	if logErr != nil {
		a.say("etal: the end of the log did not come: %s", sentence(logErr))
	}
	err = r.fetch(ctx)
	if r.remove {
		if rmErr := r.c.RemoveJob(ctx, r.job.Name); rmErr != nil {
			a.say("etal: %s was not removed: %s", r.job.Name, sentence(rmErr))
		}
	}
	if code := a.ended(last, r.symbol); code != nil {
		if err != nil {
			a.say("etal: %s", sentence(err))
		}
		return code
	}
	return err
}

// fetch brings the outputs back.
func (r *runner) fetch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	var failed error
	for _, t := range r.outs {
		if err := bring(ctx, r.c, r.job.Name, t.Path, t.Local, likeMount); err != nil {
			failed = errors.Join(failed, fmt.Errorf("bring %s back: %w", t.Path, err))
		}
	}
	return failed
}

// phases are what a person reads while a job is on its way.
var phases = map[string]string{
	"match": "looking for an offer",
	"lease": "asking for a lease",
	"pull":  "sending the image",
}

func on(provider string) string {
	if provider == "" {
		return ""
	}
	return " (" + plainCell(provider) + ")"
}

// ended says how a job ended, and with which code this command does.
func (a *app) ended(j node.JobView, symbol string) error {
	if !a.format.human() {
		if err := showOne(a, j); err != nil {
			return err
		}
	}
	a.say("%s", lastLine(j, symbol))
	if j.Code == 0 {
		return nil
	}
	return exit(j.Code)
}

// lastLine is the one line that a job's end is told in.
func lastLine(j node.JobView, symbol string) string {
	var parts []string
	ran := "ran " + delivered(j.DeliveredMS)
	if j.Provider != "" {
		ran += " on " + plainCell(j.Provider)
	}
	if j.ExitBy == "etal" || j.Exit == nil {
		why := j.Reason
		if why == "" {
			why = "it was " + string(j.State)
		}
		ran = plainCell(why) + " · " + ran
	}
	parts = append(parts, ran, "paid "+money(j.Paid, symbol))
	if !j.Returned.IsZero() {
		parts = append(parts, number(j.Returned)+" came back")
	}
	if j.Exit != nil && *j.Exit != 0 {
		parts = append(parts, fmt.Sprintf("exit %d", *j.Exit))
	}
	return strings.Join(append(parts, "next: etal bill"), " · ")
}
