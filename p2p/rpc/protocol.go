package rpc

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Protocol names a conversation and bounds it. Only Name has no useful zero
// value; both ends use the same Protocol.
type Protocol struct {
	// Name is the word in the protocol id: small letters, digits and dashes.
	Name string
	// Versions are those that this build speaks. Empty means version 1.
	Versions []uint32
	// Codes gives the protocol's own errors their numbers.
	Codes Codes

	// MaxMessage is the largest message in bytes, both ways. 0 means 64 KiB; at
	// most 16 MiB.
	MaxMessage int
	// Idle is how long to wait for the other side to begin a frame. 0 means 30 s,
	// a negative value no limit (for streams that follow something).
	Idle time.Duration
	// Stall is how long a frame that has begun, and each write, may take. 0 means
	// 20 s.
	Stall time.Duration
	// Deadline is how long a whole stream may take. 0 means no limit for a stream
	// and 30 s for Call and Handle1.
	Deadline time.Duration

	// PerPeer is how many streams one peer may have open with a Server. 0 means 8.
	PerPeer int
	// Total is how many streams all peers together may have open. 0 means 128.
	Total int
	// Rate is how many streams a peer may open per second, and Burst how many at
	// once after a rest. 0 means 20 and twice the Rate.
	Rate  float64
	Burst int

	// Relayed allows the protocol over relayed connections, which carry little
	// and end soon: for signalling only.
	Relayed bool
}

const (
	defaultMessage = 64 << 10
	largestMessage = 16 << 20
	callTime       = 30 * time.Second
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// settle checks p and fills in what is empty.
func (p Protocol) settle() (*Protocol, error) {
	if !nameForm.MatchString(p.Name) {
		return nil, fmt.Errorf("%w: name %q", ErrProtocol, p.Name)
	}
	if p.MaxMessage < 0 || p.MaxMessage > largestMessage {
		return nil, fmt.Errorf("%w: %s: messages of %d bytes", ErrProtocol, p.Name, p.MaxMessage)
	}
	if len(p.Versions) > 16 || p.PerPeer < 0 || p.Total < 0 || p.Rate < 0 || p.Burst < 0 || p.Stall < 0 || p.Deadline < 0 {
		return nil, fmt.Errorf("%w: %s: a limit is out of range", ErrProtocol, p.Name)
	}
	if err := p.Codes.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	p.Versions = slices.Clone(p.Versions)
	if len(p.Versions) == 0 {
		p.Versions = []uint32{1}
	}
	slices.SortFunc(p.Versions, func(a, b uint32) int { return cmp.Compare(b, a) })
	p.Versions = slices.Compact(p.Versions)
	p.MaxMessage = cmp.Or(p.MaxMessage, defaultMessage)
	p.Idle = cmp.Or(p.Idle, 30*time.Second)
	p.Stall = cmp.Or(p.Stall, 20*time.Second)
	p.PerPeer = cmp.Or(p.PerPeer, 8)
	p.Total = cmp.Or(p.Total, 128)
	p.Rate = cmp.Or(p.Rate, 20)
	p.Burst = cmp.Or(p.Burst, max(1, int(2*p.Rate)))
	return &p, nil
}
