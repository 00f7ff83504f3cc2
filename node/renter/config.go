package renter

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

// Peers reaches other nodes.
type Peers interface {
	Call(ctx context.Context, to peer.ID, protocol string, req, resp proto.Message) error
	Open(ctx context.Context, to peer.ID, protocol string) (Stream, error)
}

// Stream is a conversation with one peer, as p2p/rpc provides it.
type Stream interface {
	ReadMsg(proto.Message) error
	WriteMsg(proto.Message) error
	// SendBytes sends n bytes of r, all of it where n is negative; RecvBytes reads
	// what the peer sends, at most n.
	SendBytes(r io.Reader, n int64) error
	RecvBytes(n int64) io.Reader
	Close() error
}

// Book is what the renter knows of the market.
type Book interface {
	// Offers returns the valid offers, deltas applied.
	Offers() []market.Offer
	// Learn takes in a sealed object that a peer sent along with an answer.
	Learn(sealed []byte)
	// Trust returns a provider's score, 0 to 1.
	Trust(p peer.ID) float64
	// Receipt takes in a receipt that both signed, or that only we can tell of.
	Receipt(l market.Lease, r *marketpb.Receipt)
}

// ChannelState is what the chain shows of a channel.
type ChannelState struct {
	Amount, Redeemed *big.Int  // base units
	ClosesAt         time.Time // zero unless it is closing
	Closed           bool
}

// Chain is what a renter needs of the chain, answered from local state.
type Chain interface {
	// Deposited returns the confirmed base units that account can lock.
	Deposited(account market.Account) *big.Int
	Channel(id market.ChannelID) (ChannelState, bool)
	// StartClose orders the closing of a channel whose provider is gone;
	// Finalize brings the rest back once its window is over. Both are durable
	// and harmless to repeat.
	StartClose(t *marketpb.ChannelTerms) error
	Finalize(t *marketpb.ChannelTerms) error
}

// Image is a workload's image on the renter's machine.
type Image interface {
	Digest() string
	Blobs() []runtime.Blob
	Open(ctx context.Context, digest string) (io.ReadCloser, error)
	Close() error
}

// Config is what a renter works with.
type Config struct {
	Peers  Peers
	Book   Book
	Chain  Chain
	Store  Store
	Notary *notary.Notary
	// OpenImage finds an image by reference, archive, folder or binary. arch is
	// the GOARCH it must run on; empty means any.
	OpenImage func(ctx context.Context, ref, arch string) (Image, error)
	// Archive writes the file or folder at path to w as a tar stream; Extract
	// unpacks one below dir.
	Archive func(ctx context.Context, path string, w io.Writer) error
	Extract func(ctx context.Context, r io.Reader, dir string) error
	// Settle is how long to wait for a provider's receipt. Zero means 10 s.
	Settle time.Duration
	// LostAfter is how long a provider may be silent. Zero means 8 s.
	LostAfter time.Duration
	// Attempts is how many providers a job is tried on when they are lost. Zero means 3.
	Attempts int
	// Seed makes the choice among equal offers repeatable; zero draws one.
	Seed uint64
	Now  func() time.Time
	Log  *slog.Logger
}

func (c *Config) fill() error {
	if c.Peers == nil || c.Book == nil || c.Chain == nil || c.Store == nil || c.Notary == nil ||
		c.OpenImage == nil || c.Archive == nil || c.Extract == nil {
		return fmt.Errorf("renter: %w: an incomplete configuration", market.ErrInvalid)
	}
	if c.Settle <= 0 {
		c.Settle = 10 * time.Second
	}
	if c.LostAfter <= 0 {
		c.LostAfter = 8 * time.Second
	}
	if c.Attempts <= 0 {
		c.Attempts = 3
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Figures of the trade that are the same for every renter.
const (
	bindLife     = 30 * 24 * time.Hour
	openDeadline = time.Hour       // of a signed opening
	payEvery     = 2 * time.Second // between vouchers of a running job
	callTimeout  = 5 * time.Second
	skewAllowed  = time.Second   // delivered time that we may have seen too late
	firstAsked   = 3             // providers proposed to at once
	moreAsked    = 8             // when those declined
	roomFor      = 4             // leases that a new channel has room for
	maxJobs      = 4096          // records kept
	maxParts     = 200           // leases served by one channel before a new one is opened
	goneAfter    = 2 * time.Hour // a provider is gone: its channel is closed from our side

	sendWithin    = 10 * time.Minute       // an image and inputs must be sent within
	longestGrace  = time.Minute            // between SIGTERM and SIGKILL, as providers grant it
	commitLife    = 10 * time.Second       // a commit on its way still finds its hold
	acceptGrace   = 200 * time.Millisecond // for a better ranked provider, after the first accept
	busyPause     = 300 * time.Millisecond // before a busy provider is asked again
	busyTries     = 18                     // as long as a hold lasts
	repriced      = 2                      // times that a provider is asked again at a new price
	longestWindow = 7 * 24 * time.Hour     // of a channel's closing
	overdue       = time.Minute            // after its term a job must have ended
	stallAfter    = 30 * time.Second       // without a byte: an output's provider is gone
	logStall      = 3 * time.Second        // without a record after the end: so is a log's
	keepGone      = 30 * 24 * time.Hour    // of removed jobs, for the bill
	keepShort     = 5 * time.Minute        // a job that removes itself can be looked at
)
