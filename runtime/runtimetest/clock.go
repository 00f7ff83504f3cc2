package runtimetest

import (
	"sync"
	"time"
)

// Clock is the time that a Fake lives in.
type Clock interface {
	Now() time.Time
	// After returns a channel that receives once d has passed.
	After(d time.Duration) <-chan time.Time
}

// realClock is the machine's own.
type realClock struct{}

func (realClock) Now() time.Time                         { return time.Now() }
func (realClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// ManualClock is a Clock that stands still until it is advanced. The zero value
// is not usable: NewClock makes one.
type ManualClock struct {
	mu     sync.Mutex // guards the following fields
	now    time.Time
	alarms []alarm
}

// alarm is one call of After that has not fired.
type alarm struct {
	at time.Time
	c  chan time.Time
}

// NewClock returns a clock that stands at start.
func NewClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now returns the time at which the clock stands.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After returns a channel that receives once the clock was advanced by d.
func (c *ManualClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := alarm{c.now.Add(d), make(chan time.Time, 1)}
	if d <= 0 {
		a.c <- c.now
	} else {
		c.alarms = append(c.alarms, a)
	}
	return a.c
}

// Advance moves the clock by d and fires what is due. It does not wait for
// those who were waiting to act.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	var left []alarm
	for _, a := range c.alarms {
		if a.at.After(c.now) {
			left = append(left, a)
		} else {
			a.c <- c.now
		}
	}
	c.alarms = left
}

// Waiting returns how many alarms are set: a test waits until those it means to
// fire are there before it advances.
func (c *ManualClock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.alarms)
}
