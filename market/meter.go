package market

import (
	"fmt"
	"time"
)

// ClaimLimit is how much unseen running time one observation may add to a Meter:
// what the shim's times prove after etal itself was away.
const ClaimLimit = time.Hour

// Observation is one look at an allocation.
type Observation struct {
	Boot  string        // boot id of the machine that runs it
	At    time.Duration // that machine's boot-time clock, which goes on in sleep
	State AllocState
	// Ran is the running time that the engine itself counts from the shim's
	// times. Where it is not zero it decides.
	Ran time.Duration
}

// Meter counts the time that an allocation was running. It is a plain value:
// persist it after each Observe and before acting on it. The zero Meter has
// seen nothing.
type Meter struct {
	Boot      string        `json:"boot"`
	At        time.Duration `json:"at"`      // of the last observation that counted
	Running   bool          `json:"running"` // at that observation
	Delivered time.Duration `json:"delivered"`
}

// Usage returns what was delivered so far, in whole milliseconds rounded down.
func (m Meter) Usage() Usage { return Usage{DeliveredMS: m.Delivered.Milliseconds()} }

// Observe returns the meter after o. Running time between two observations of
// one boot counts, an unknown state leaves the meter as it is, and one
// observation adds at most ClaimLimit. After a reboot the job is lost, unbilled
// from then: on another boot the meter stops at its last value, and Observe
// returns ErrTransition if o claims that the job goes on. A clock that went back
// within one boot is ErrInvalid, and leaves the meter as it is.
func (m Meter) Observe(o Observation) (Meter, error) {
	if o.State == AllocUnknown {
		return m, nil
	}
	if m.Boot != "" && o.Boot != m.Boot {
		m.Running = false
		if o.State.Ended() {
			return m, nil
		}
		return m, fmt.Errorf("allocation %s on another boot of its machine: %w", o.State, ErrTransition)
	}
	if o.At < m.At && m.Boot != "" {
		return m, fmt.Errorf("%w: boot-time clock went back from %s to %s", ErrInvalid, m.At, o.At)
	}
	gain := time.Duration(0)
	switch {
	case o.Ran > 0:
		gain = o.Ran - m.Delivered
	case m.Running && o.State != AllocLost:
		gain = o.At - m.At
	}
	// Delivered never shrinks: a voucher may already pay for it.
	m.Delivered += min(max(gain, 0), ClaimLimit)
	m.Delivered = min(m.Delivered, MaxDuration)
	m.Boot, m.At, m.Running = o.Boot, o.At, o.State == AllocRunning
	return m, nil
}
