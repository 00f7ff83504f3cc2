package market_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/etal-cloud/etal/market"
)

// Every pair of states is tried; what the list does not name must be refused.
func TestLeaseTransitions(t *testing.T) {
	legal := []string{
		">held", "held>opening", "held>active", "held>released", "opening>active", "opening>ended", "active>ended", "ended>settled",
	}
	states := append(market.LeaseStates(), "", "nonsense")
	n := 0
	for _, from := range states {
		for _, to := range states {
			err := from.Next(to)
			if ok := slices.Contains(legal, string(from+">"+to)); ok != (err == nil) {
				t.Errorf("%q to %q: %v", from, to, err)
			} else if ok {
				n++
			} else if !errors.Is(err, market.ErrTransition) {
				t.Errorf("%q to %q: %v is not ErrTransition", from, to, err)
			}
		}
		if from.Final() && from.Delivers() {
			t.Errorf("%s is final and delivers", from)
		}
	}
	if n != len(legal) {
		t.Errorf("%d of %d transitions tried", n, len(legal))
	}
}

func TestAllocTransitions(t *testing.T) {
	legal := []string{
		">pending",
		"pending>running", "pending>stopped", "pending>failed", "pending>lost", "pending>unknown",
		"running>paused", "running>exited", "running>stopped", "running>lost", "running>unknown",
		"paused>running", "paused>exited", "paused>stopped", "paused>lost", "paused>unknown",
		"unknown>pending", "unknown>running", "unknown>paused", "unknown>exited", "unknown>stopped", "unknown>failed", "unknown>lost",
	}
	states := append(market.AllocStates(), "", "nonsense")
	for _, from := range states {
		next := 0
		for _, to := range states {
			err := from.Next(to)
			if ok := slices.Contains(legal, string(from+">"+to)); ok != (err == nil) {
				t.Errorf("%q to %q: %v", from, to, err)
			}
			if err == nil {
				next++
			} else if !errors.Is(err, market.ErrTransition) {
				t.Errorf("%q to %q: %v is not ErrTransition", from, to, err)
			}
		}
		if from != "nonsense" && from.Ended() != (next == 0) {
			t.Errorf("%q ended %t, but %d states follow", from, from.Ended(), next)
		}
	}
}
