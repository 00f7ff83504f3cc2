package market

import (
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// Limits on an Offer. A sealed offer never passes MaxOfferBytes.
const (
	MaxOfferBytes = 1024
	MaxDeltaBytes = 512
	// MaxOfferLife bounds Expires − Issued.
	MaxOfferLife = 10 * time.Minute
	// MaxClockSkew is how far ahead of the reader's clock Issued may lie.
	MaxClockSkew = 30 * time.Second
)

// Offer is a provider's statement of its free capacity and prices: a firm quote
// until it expires. Times are whole milliseconds on the wire.
type Offer struct {
	Network NetworkID
	Bind    Bind // Bind.Peer is the provider, Bind.Account is paid
	// Boot rises with each start of the provider, Seq with each Offer or Delta
	// of one Boot. A reader keeps the highest (Boot, Seq).
	Boot, Seq       uint64
	Issued, Expires time.Time
	Name            string // for people: 1 to 32 of [a-z0-9-]
	Region          string // a claim: 0 to 32 of [a-z0-9-]
	Arch            string // GOARCH of the images it runs
	Free            Resources
	Price           Price
	Tiers           []Tier
	Limits          string        // what enforces limits: none, watchdog, cgroup1, cgroup2
	Reach           string        // direct or relayed
	SellsUntil      time.Time     // no lease passes it; zero means no end is known
	MaxTerm         time.Duration // longest lease it sells
	MinChannel      Amount        // smallest channel it serves
	// Credit is how much time of a lease it delivers before its channel is
	// confirmed: its unconfirmed credit.
	Credit time.Duration
}

// Delta is a small change to an Offer: what is free now, and at what price.
type Delta struct {
	Network   NetworkID
	Peer      peer.ID
	Boot, Seq uint64
	Issued    time.Time
	Free      Resources
	Price     Price
}

// Newer reports whether (boot, seq) comes after (boot0, seq0).
func Newer(boot, seq, boot0, seq0 uint64) bool {
	return boot > boot0 || boot == boot0 && seq > seq0
}
