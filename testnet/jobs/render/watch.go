package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/picture"
)

// often is the time between two drawings: a terminal needs no more, and each
// one costs time that the picture could use.
const often = 80 * time.Millisecond

// watcher tells whoever looks how far the render is: events on stdout for a
// program, a picture or lines on stderr for a person.
type watcher struct {
	options
	ctx    context.Context // of the render
	began  time.Time
	total  int
	stdout io.Writer
	stderr io.Writer
	view   *picture.View // nil unless stderr is a terminal that can draw
	drawn  time.Time
	said   int // twentieths that have been printed
}

func newWatcher(ctx context.Context, o options, layout tile.Layout, stdout, stderr io.Writer) *watcher {
	w := &watcher{options: o, ctx: ctx, began: time.Now(), total: len(layout.Blocks(o.index)), stdout: stdout, stderr: stderr}
	if to := picture.For(stderr); !o.stream && to.Mode != picture.Plain {
		w.view = picture.NewView(stderr, layout, to)
	}
	return w
}

func (w *watcher) start(e tile.Start) error {
	if !w.stream {
		if w.verbose {
			fmt.Fprintln(w.stderr, tile.Kernel{Version: kernel()})
		}
		return nil
	}
	if err := w.print(e); err != nil {
		return err
	}
	if w.verbose {
		return w.print(tile.Kernel{Version: kernel()})
	}
	return nil
}

// print writes an event. A pipe that nobody reads any more ends the work.
func (w *watcher) print(e tile.Event) error {
	if _, err := fmt.Fprintln(w.stdout, e); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func (w *watcher) block(b tile.Pixels, done int) error {
	w.linger(done)
	switch {
	case w.stream:
		if err := w.print(b); err != nil {
			return err
		}
		return w.print(tile.Progress{Done: done, Total: w.total})
	case w.view != nil:
		w.view.Block(b)
		w.view.Status(w.index, picture.Status{Name: "here", State: picture.Running, Done: done, Total: w.total})
		if now := time.Now(); now.Sub(w.drawn) >= often {
			w.drawn = now
			return w.view.Flush()
		}
	default:
		if twentieth := 20 * done / w.total; twentieth > w.said {
			w.said = twentieth
			fmt.Fprintln(w.stderr, tile.Progress{Done: done, Total: w.total})
		}
	}
	return nil
}

// linger waits until a block is due, where the render must not be over too soon:
// whoever watches may want to see how it does, or to end it halfway.
func (w *watcher) linger(done int) {
	due := w.began.Add(w.least / time.Duration(w.total) * time.Duration(done))
	if wait := time.Until(due); wait > 0 {
		select {
		case <-w.ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (w *watcher) done(e tile.Done) error {
	if w.stream {
		return w.print(e)
	}
	if w.view != nil {
		w.view.Status(w.index, picture.Status{Name: "here", State: picture.Finished, Done: w.total, Total: w.total})
	}
	w.close()
	_, err := fmt.Fprintf(w.stderr, "wrote %s, SHA-256 %x\n", w.out, e.Digest)
	return err
}

// close gives the terminal back; a second call does nothing.
func (w *watcher) close() {
	if w.view != nil {
		_ = w.view.Close() // the terminal is gone: nothing is left to give back
	}
}
