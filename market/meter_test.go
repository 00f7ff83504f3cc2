package market_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
)

func TestMeter(t *testing.T) {
	const (
		sec = time.Second
		run = market.AllocRunning
	)
	type step struct {
		boot  string
		at    time.Duration
		state market.AllocState
		ran   time.Duration
		want  time.Duration
		err   error
	}
	for name, steps := range map[string][]step{
		"by the clock": {
			{"a", 100 * sec, market.AllocPending, 0, 0, nil},
			{"a", 105 * sec, run, 0, 0, nil},
			{"a", 106 * sec, run, 0, 1 * sec, nil},
			{"a", 110 * sec, market.AllocPaused, 0, 5 * sec, nil},
			{"a", 200 * sec, run, 0, 5 * sec, nil},
			{"a", 203 * sec, market.AllocExited, 0, 8 * sec, nil},
			{"a", 900 * sec, market.AllocExited, 0, 8 * sec, nil},
		},
		"by the engine": {
			{"a", 100 * sec, run, 0, 0, nil},
			{"a", 110 * sec, run, 9 * sec, 9 * sec, nil},
			{"a", 120 * sec, run, 8 * sec, 9 * sec, nil}, // never less
			{"a", 130 * sec, market.AllocExited, 25 * sec, 25 * sec, nil},
		},
		"unknown changes nothing": {
			{"a", 100 * sec, run, 0, 0, nil},
			{"a", 110 * sec, market.AllocUnknown, 99 * sec, 0, nil},
			{"a", 120 * sec, run, 0, 20 * sec, nil},
		},
		"a long absence": {
			{"a", 100 * sec, run, 0, 0, nil},
			{"a", 100*sec + 5*time.Hour, run, 5 * time.Hour, market.ClaimLimit, nil},
		},
		"lost": {
			{"a", 100 * sec, run, 0, 0, nil},
			{"a", 110 * sec, run, 0, 10 * sec, nil},
			{"a", 190 * sec, market.AllocLost, 0, 10 * sec, nil},
		},
		"reboot": {
			{"a", 100 * sec, run, 0, 0, nil},
			{"a", 110 * sec, run, 0, 10 * sec, nil},
			{"b", 5 * sec, run, 60 * sec, 10 * sec, market.ErrTransition},
			{"b", 6 * sec, market.AllocLost, 60 * sec, 10 * sec, nil},
		},
		"a clock that goes back": {
			{"a", 100 * sec, run, 0, 0, nil},
			{"a", 99 * sec, run, 0, 0, market.ErrInvalid},
			{"a", 101 * sec, run, 0, 1 * sec, nil},
		},
	} {
		var m market.Meter
		for i, s := range steps {
			var err error
			m, err = m.Observe(market.Observation{Boot: s.boot, At: s.at, State: s.state, Ran: s.ran})
			if m.Delivered != s.want || !errors.Is(err, s.err) {
				t.Errorf("%s, step %d: %s, %v; want %s, %v", name, i, m.Delivered, err, s.want, s.err)
			}
		}
	}
}

// Whatever is observed, delivered time never shrinks and never outruns the
// clock or the engine.
func TestMeterNeverShrinks(t *testing.T) {
	r := seeded(t)
	states := market.AllocStates()
	for range 300 {
		var m market.Meter
		at, first := time.Duration(r.Int64N(1e12)), time.Duration(-1)
		for range 30 {
			o := market.Observation{Boot: fmt.Sprint(r.IntN(20) / 19), At: at, State: states[r.IntN(len(states))]}
			was := m
			m, _ = m.Observe(o)
			if first < 0 && m.Boot != "" {
				first = at
			}
			if m.Delivered < was.Delivered || first >= 0 && m.Delivered > at-first {
				t.Fatalf("%+v after %+v and %+v", m, was, o)
			}
			at += time.Duration(r.Int64N(int64(2 * time.Hour)))
		}
	}
}

func ExampleMeter_Observe() {
	var m market.Meter
	m, _ = m.Observe(market.Observation{Boot: "b1", At: 60 * time.Second, State: market.AllocRunning})
	m, _ = m.Observe(market.Observation{Boot: "b1", At: 72 * time.Second, State: market.AllocPaused})
	m, _ = m.Observe(market.Observation{Boot: "b1", At: 90 * time.Second, State: market.AllocExited})
	fmt.Println(m.Usage().DeliveredMS, "ms")
	// Output: 12000 ms
}
