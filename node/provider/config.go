package provider

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/runtime"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// Store keeps records. Save is durable and atomic when it returns nil; a nil
// value deletes its key.
type Store interface {
	Save(changes map[string][]byte) error
	Load(prefix string, fn func(key string, value []byte) error) error
}

// ChannelState is what the chain shows of a channel.
type ChannelState struct {
	Amount, Redeemed *big.Int  // base units
	ClosesAt         time.Time // zero unless it is closing
	Closed           bool
	Confirmed        bool // enough blocks deep
}

// Chain is what a provider needs of the chain. Questions are answered from
// local state, also while the chain cannot be reached; orders are kept in a
// durable outbox and giving the same order twice does nothing more.
type Chain interface {
	// Deposited returns the confirmed base units that account can lock.
	Deposited(account market.Account) *big.Int
	Channel(id market.ChannelID) (ChannelState, bool)
	OpenFor(t *marketpb.ChannelTerms, o *marketpb.OpenFor) error
	// Redeem takes amount (cumulative base units) by the voucher. With closing
	// the rest goes back to the renter in the same transaction. A nil voucher
	// closes without taking anything.
	Redeem(t *marketpb.ChannelTerms, v *marketpb.Voucher, amount *big.Int, closing bool) error
}

// Stream is a conversation with one peer, as p2p/rpc provides it.
type Stream interface {
	Peer() peer.ID
	ReadMsg(proto.Message) error
	WriteMsg(proto.Message) error
	// SendBytes sends n bytes of r, all of it where n is negative; RecvBytes reads
	// what the peer sends, at most n.
	SendBytes(r io.Reader, n int64) error
	RecvBytes(n int64) io.Reader
	// Reset cuts the stream off: what waits for the peer fails.
	Reset()
}

// Sell is what the owner offers.
type Sell struct {
	Name      string // 1 to 32 of [a-z0-9-]
	Region    string
	Resources market.Resources
	Price     market.Price
	MaxTerm   time.Duration // zero means 24 h
	Reach     string        // empty means direct
	// Credit is how much of a lease is delivered before its channel is confirmed.
	// Zero means 60 s; negative means none.
	Credit time.Duration
	// ChannelIdle is how long a channel serves no lease before it is settled and
	// closed. Zero means 1 h.
	ChannelIdle time.Duration
}

// Config is what a provider works with. All fields but Log and Now are required.
type Config struct {
	Sell   Sell
	Engine runtime.Engine
	Chain  Chain
	Store  Store
	Notary *notary.Notary
	// Publish sends a sealed offer or delta to the offers topic.
	Publish func(ctx context.Context, sealed []byte) error
	Data    string // a folder for inputs, outputs and what they need
	Now     func() time.Time
	Log     *slog.Logger
}

// Figures of the trade that are the same for every provider.
const (
	holdFor     = 5 * time.Second     // a hold ends by itself
	offerEvery  = 20 * time.Second    // a full offer, as a sign of life
	offerLife   = 90 * time.Second    // three offers may be lost
	startWithin = 5 * time.Minute     // a lease that starts no job ends
	keepOutputs = time.Hour           // logs and outputs, after the end
	unpaidPause = 20 * time.Second    // delivered beyond paidThrough before a pause
	unpaidStop  = 10 * time.Minute    // paused before a stop
	meterEvery  = time.Second         // metering tick
	bindLife    = 30 * 24 * time.Hour // of our own bind
	minCover    = time.Minute         // a balance must cover so much of a lease
	closeWindow = 24 * time.Hour      // wanted of a channel's closing window
	maxInputs   = 2 << 30             // bytes of one input, before the disk's own limit
	maxLeases   = 256                 // at once
	maxRecords  = 100_000             // kept for the bill
	maxSold     = 100_000             // accounts remembered as customers
	maxIdle     = 64                  // leases an hour of one renter that run nothing
	maxChannels = 64                  // of one renter that may still move money
	keepRecords = 30 * 24 * time.Hour // of settled leases, for the bill
	receiveIn   = 15 * time.Minute    // an image and inputs must arrive within
	redeemAhead = time.Hour           // leases end so long before their channel closes
	settleIn    = 30 * time.Second    // a renter brings its last voucher within
	statusIn    = 5 * time.Second     // an engine must answer within
	stopWithin  = time.Minute         // beyond the grace, for an engine to end a job
)

func (c *Config) fill() error {
	switch {
	case c.Engine == nil || c.Chain == nil || c.Store == nil || c.Notary == nil || c.Publish == nil || c.Data == "":
		return fmt.Errorf("provider: %w: an incomplete configuration", market.ErrInvalid)
	}
	if err := c.Sell.Resources.Validate(); err != nil {
		return fmt.Errorf("provider: what is sold: %w", err)
	}
	if err := c.Sell.Price.Validate(); err != nil {
		return fmt.Errorf("provider: %w", err)
	}
	if c.Sell.MaxTerm <= 0 {
		c.Sell.MaxTerm = 24 * time.Hour
	}
	if c.Sell.Credit == 0 {
		c.Sell.Credit = time.Minute
	}
	c.Sell.Credit = max(c.Sell.Credit, 0)
	if c.Sell.ChannelIdle <= 0 {
		c.Sell.ChannelIdle = time.Hour
	}
	if c.Sell.Reach == "" {
		c.Sell.Reach = "direct"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}
