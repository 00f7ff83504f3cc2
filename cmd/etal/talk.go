package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// talker shows what is going on in one line that is drawn over, on a person's
// screen only: a script reads nothing of it.
type talker struct {
	w    io.Writer
	mu   sync.Mutex // guards the following fields
	text string
	turn int
	stop chan struct{}
	gone chan struct{}
}

// talker returns one for this command's talk. done must be called.
func (a *app) talker() *talker {
	if !terminal(a.err) {
		return &talker{w: nil}
	}
	return &talker{w: a.err}
}

// phase says what is going on now. The first call starts the turning sign.
func (t *talker) phase(text string) {
	if t.w == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = text
	if t.stop == nil {
		t.stop, t.gone = make(chan struct{}), make(chan struct{})
		go t.turning(t.stop, t.gone)
	}
	t.draw()
}

// turning redraws the line until stop is closed.
func (t *talker) turning(stop, gone chan struct{}) {
	defer close(gone)
	tick := time.NewTicker(120 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			t.mu.Lock()
			t.turn++
			t.draw()
			t.mu.Unlock()
		}
	}
}

// draw writes the line over the one before. The caller holds mu.
func (t *talker) draw() {
	signs := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	fmt.Fprintf(t.w, "\r\x1b[K%c %s …", signs[t.turn%len(signs)], t.text)
}

// done wipes the line. A later phase starts again.
func (t *talker) done() {
	t.mu.Lock()
	stop, gone := t.stop, t.gone
	t.stop, t.gone = nil, nil
	t.mu.Unlock()
	if stop == nil {
		return
	}
	close(stop)
	<-gone
	fmt.Fprint(t.w, "\r\x1b[K")
}
