package market

import (
	"fmt"
	"slices"
)

// leaseNext is the table of legal transitions of a lease; "" is a lease that is
// not there yet.
var leaseNext = map[LeaseState][]LeaseState{
	"":            {LeaseHeld},
	LeaseHeld:     {LeaseOpening, LeaseActive, LeaseReleased},
	LeaseOpening:  {LeaseActive, LeaseEnded},
	LeaseActive:   {LeaseEnded},
	LeaseEnded:    {LeaseSettled},
	LeaseSettled:  nil,
	LeaseReleased: nil,
}

// Next returns nil where to may follow s, else ErrTransition. The empty state
// begins every lease. A state does not follow itself.
func (s LeaseState) Next(to LeaseState) error {
	if !slices.Contains(leaseNext[s], to) {
		return fmt.Errorf("lease from %q to %q: %w", s, to, ErrTransition)
	}
	return nil
}

// Final reports whether nothing follows s: no money moves any more.
func (s LeaseState) Final() bool { return s == LeaseSettled || s == LeaseReleased }

// Delivers reports whether an allocation may run on a lease in state s.
func (s LeaseState) Delivers() bool { return s == LeaseOpening || s == LeaseActive }

// LeaseStates lists every state of a lease, in the order of its life.
func LeaseStates() []LeaseState {
	return []LeaseState{LeaseHeld, LeaseOpening, LeaseActive, LeaseEnded, LeaseSettled, LeaseReleased}
}

// allocNext is the table of legal transitions of an allocation. What cannot be
// observed may turn out to be anything; what has ended stays ended.
var allocNext = map[AllocState][]AllocState{
	"":           {AllocPending},
	AllocPending: {AllocRunning, AllocStopped, AllocFailed, AllocLost, AllocUnknown},
	AllocRunning: {AllocPaused, AllocExited, AllocStopped, AllocLost, AllocUnknown},
	AllocPaused:  {AllocRunning, AllocExited, AllocStopped, AllocLost, AllocUnknown},
	AllocUnknown: {AllocPending, AllocRunning, AllocPaused, AllocExited, AllocStopped, AllocFailed, AllocLost},
	AllocExited:  nil,
	AllocStopped: nil,
	AllocFailed:  nil,
	AllocLost:    nil,
}

// Next returns nil where to may follow s, else ErrTransition. The empty state
// begins every allocation. A state does not follow itself.
func (s AllocState) Next(to AllocState) error {
	if !slices.Contains(allocNext[s], to) {
		return fmt.Errorf("allocation from %q to %q: %w", s, to, ErrTransition)
	}
	return nil
}

// AllocStates lists every state of an allocation.
func AllocStates() []AllocState {
	return []AllocState{
		AllocPending, AllocRunning, AllocPaused, AllocExited, AllocStopped, AllocFailed, AllocLost, AllocUnknown,
	}
}
