package market

import (
	"fmt"
	"time"
)

// Request is what a renter wants: how much, how long, at most at what price, where.
type Request struct {
	Resources  Resources
	Term       time.Duration
	Tier       Tier          // empty means TierSandbox
	Arch       string        // empty means any
	MaxPerHour Amount        // zero means no limit
	Budget     Amount        // over the whole term; zero means no limit
	Regions    []string      // any of; empty means any
	Providers  []string      // names or peer ids, any of; empty means any
	Exclude    []string      // peer ids not to use, such as one that was just lost
	Credit     time.Duration // least unconfirmed credit wanted; zero means any
}

// What a Request asks for where it says nothing.
const (
	DefaultMilliCPU = 1000
	DefaultMemory   = 512 << 20
	DefaultDisk     = 1 << 30
	DefaultTerm     = time.Hour
)

// maxChoices bounds each list of a Request.
const maxChoices = 256

// WithDefaults fills the fields that are zero: one core, 512 MiB, 1 GiB of disk,
// an hour, in the sandbox.
func (r Request) WithDefaults() Request {
	if r.Resources.MilliCPU == 0 {
		r.Resources.MilliCPU = DefaultMilliCPU
	}
	if r.Resources.Memory == 0 {
		r.Resources.Memory = DefaultMemory
	}
	if r.Resources.Disk == 0 {
		r.Resources.Disk = DefaultDisk
	}
	if r.Term == 0 {
		r.Term = DefaultTerm
	}
	if r.Tier == "" {
		r.Tier = TierSandbox
	}
	return r
}

// Validate checks a request, in sentences for whoever typed it.
func (r Request) Validate() error {
	if err := r.Resources.Validate(); err != nil {
		return err
	}
	switch {
	case r.Term < time.Second:
		return fmt.Errorf("%w: the time must be at least a second", ErrInvalid)
	case r.Term > MaxDuration:
		return fmt.Errorf("%w: the time must be at most ten years", ErrInvalid)
	case r.Tier != "" && !r.Tier.Known():
		return fmt.Errorf("%w: unknown tier %.20q; there are sandbox and native", ErrInvalid, r.Tier)
	case r.Credit < 0 || r.Credit > MaxDuration:
		return fmt.Errorf("%w: the credit must not be negative", ErrInvalid)
	case len(r.Arch) > 16:
		return fmt.Errorf("%w: an architecture has at most 16 bytes", ErrInvalid)
	}
	for _, list := range [][]string{r.Regions, r.Providers, r.Exclude} {
		if len(list) > maxChoices {
			return fmt.Errorf("%w: more than %d regions or providers", ErrInvalid, maxChoices)
		}
	}
	return nil
}
