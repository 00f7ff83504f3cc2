package node

import "time"

// RunOptions says how the renter's node looks after a job. The zero value pays
// as time passes and keeps the job's record until it is removed.
type RunOptions struct {
	// Prepay is how much time is paid ahead, for a machine that will sleep.
	// Zero pays for delivered time only, every few seconds.
	Prepay time.Duration `json:"prepay_ns,omitempty"`
	// Remove forgets the job when it has ended and its log was read.
	Remove bool `json:"remove,omitempty"`
}
