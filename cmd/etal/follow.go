package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
)

// logPatience is how long the rest of a log may make no progress once its job
// has ended.
const logPatience = 20 * time.Second

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
		if err := showLast(a, j); err != nil {
			return err
		}
	}
	a.say("%s", lastLine(j, symbol))
	if j.Code == 0 {
		return nil
	}
	return exit(j.Code)
}

// showLast writes a job behind what it wrote itself: in JSON as one line, the last,
// so that a program finds it.
func showLast(a *app, j node.JobView) error {
	if a.format != formatJSON {
		return showOne(a, j)
	}
	b, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, string(b))
	return err
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
	} else if *j.Exit != 0 && j.Reason != "" {
		ran = plainCell(j.Reason) + " · " + ran
	}
	if lost := lostOn(j); lost != "" {
		ran += " after " + plainCell(lost) + " was lost"
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

// lostOn names the providers that were lost while they ran a job.
func lostOn(j node.JobView) string {
	var names []string
	for _, l := range j.Leases {
		if l.End == market.AllocLost && l.Lease != j.Lease {
			names = append(names, l.Provider)
		}
	}
	return strings.Join(names, ", ")
}
