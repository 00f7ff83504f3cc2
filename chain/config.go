package chain

import (
	"crypto/ecdsa"
	"fmt"
	"log/slog"
	"math/big"
	"net/url"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
)

// UndoBlocks is how many blocks below the tip can be undone.
const UndoBlocks = 128

// Bounds of Config.
const (
	maxRPC           = 16
	maxConfirmations = UndoBlocks / 2
)

// Config says which network a client belongs to and how it behaves. RPC,
// ChainID, Contract, Token and Store must be set; the rest may be empty.
type Config struct {
	// RPC are the http or https URLs of JSON-RPC servers, in order of
	// preference; 1 to 16.
	RPC []string
	// ChainID that every server must have.
	ChainID uint64
	// Contract is the address of Channels.
	Contract common.Address
	// Token is the network's settlement token. Channels in other tokens are
	// followed but not shown.
	Token common.Address
	// Decimals of the token; only carried along for callers.
	Decimals int
	// Start is the block in which the contract was deployed, or an earlier one;
	// 0 is always right and slow on an old chain.
	Start uint64
	// Confirmations make an event final in the eyes of this client: Wait waits
	// for them, and confirmed amounts have them. 0 means 1, at most 64.
	Confirmations uint64
	// Key signs transactions; nil makes a client that only follows.
	Key *ecdsa.PrivateKey
	// Store keeps what must survive.
	Store Store
	// Clock tells time; nil means the computer's.
	Clock Clock
	// Log takes what an operator should read; nil means nowhere.
	Log *slog.Logger
	// Poll is the time between two looks at the chain; 0 means 1 s.
	Poll time.Duration
	// Timeout of one request to a server; 0 means 10 s.
	Timeout time.Duration
	// LogRange is the greatest number of blocks asked for at once while catching
	// up; 0 means 2,000. It is halved where a server refuses.
	LogRange uint64
	// BumpAfter is how long a transaction may stay unmined before its fee is
	// raised; 0 means 45 s.
	BumpAfter time.Duration
	// MaxFee is the highest fee per gas that is ever paid, in wei; nil means 500
	// gwei. Above it transactions wait.
	MaxFee *big.Int
	// RevertTries is in how many blocks in a row a transaction must look doomed
	// before it is given up without being sent; 0 means 3. More than one, because
	// what it builds upon may be a block away.
	RevertTries int
}

// Clock is what the client needs of time.
type Clock interface {
	// Now is the time.
	Now() time.Time
	// After sends the time once, when d has passed.
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// withDefaults fills in what is empty and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	bad := func(format string, args ...any) (Config, error) {
		return c, fmt.Errorf("chain: %w: "+format, append([]any{ErrConfig}, args...)...)
	}
	if len(c.RPC) == 0 || len(c.RPC) > maxRPC {
		return bad("%d RPC servers, not 1 to %d", len(c.RPC), maxRPC)
	}
	for _, s := range c.RPC {
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return bad("RPC server %.200q is not an http URL", s)
		}
	}
	switch {
	case c.ChainID == 0:
		return bad("no chain id")
	case c.Contract == (common.Address{}):
		return bad("no contract")
	case c.Store == nil:
		return bad("no store")
	case c.Decimals < 0 || c.Decimals > 18:
		return bad("a token of %d decimals", c.Decimals)
	case c.Confirmations > maxConfirmations:
		return bad("%d confirmations, more than %d", c.Confirmations, maxConfirmations)
	case c.Poll < 0 || c.Timeout < 0 || c.BumpAfter < 0 || c.RevertTries < 0:
		return bad("a negative time or number")
	case c.MaxFee != nil && c.MaxFee.Sign() <= 0:
		return bad("a greatest fee of %v", c.MaxFee)
	}
	setDefault(&c.Confirmations, 1)
	setDefault(&c.Poll, time.Second)
	setDefault(&c.Timeout, 10*time.Second)
	setDefault(&c.LogRange, 2000)
	setDefault(&c.BumpAfter, 45*time.Second)
	setDefault(&c.RevertTries, 3)
	if c.MaxFee == nil {
		c.MaxFee = big.NewInt(500 * params.GWei)
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
