package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

func (a *app) logsCommand() *cobra.Command {
	var follow, stamps bool
	c := &cobra.Command{
		Use: "logs NAME", Short: "Show what a job wrote", Args: exactly("job's name"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			j, err := findJob(ctx, c, args[0])
			if err != nil {
				return err
			}
			w := logWriter{a: a, stamps: stamps}
			err = c.JobLogs(ctx, j.Name, 0, follow, w.write)
			w.end()
			return err
		}),
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on until the job has ended")
	c.Flags().BoolVarP(&stamps, "timestamps", "t", false, "begin each record with its time")
	return c
}

// logWriter writes a job's output to where it belongs, byte for byte.
type logWriter struct {
	a       *app
	stamps  bool
	next    int64 // the byte to read from, should the reading break off
	dropped int64
}

func (l *logWriter) write(r runtime.LogRecord) error {
	l.dropped += r.Dropped
	l.next = r.Seq + int64(len(r.Data))
	w := l.a.out
	if r.Stream == runtime.Stderr {
		w = l.a.err
	}
	if l.stamps {
		if _, err := w.Write([]byte(r.Time.Format("2006-01-02T15:04:05.000Z07:00 "))); err != nil {
			return err
		}
	}
	_, err := w.Write(r.Data)
	return err
}

// end says once what is missing.
func (l *logWriter) end() {
	if l.dropped > 0 {
		l.a.say("etal: %s of output are missing above: a log keeps its latest part only (`etal help logs`)", market.FormatBytes(l.dropped))
	}
}
