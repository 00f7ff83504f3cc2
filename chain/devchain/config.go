package devchain

import (
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

var (
	// ErrConfig says that a setting cannot be used.
	ErrConfig = errors.New("unusable setting of the dev chain")
	// ErrOtherChain says that the folder holds a chain with another chain id.
	ErrOtherChain = errors.New("the folder holds another chain")
	// ErrInUse says that another process has the folder open.
	ErrInUse = errors.New("another process runs this chain")
	// ErrNotReady says that the chain does not run, or not yet.
	ErrNotReady = errors.New("the dev chain is not running")
	// ErrFaucetBusy says that the faucet was asked too often. It is worth trying
	// again after the time in the message.
	ErrFaucetBusy = errors.New("the faucet was asked too often")
)

// Defaults of Config.
const (
	// DefaultChainID is used by a new chain when the configuration names none.
	DefaultChainID = 1337
	// DefaultPeriod is the time between blocks.
	DefaultPeriod = time.Second
	// Decimals of test$.
	Decimals = 6
)

// Mining says when the chain makes blocks.
type Mining string

const (
	// Periodic makes a block every Period, empty or not. It is the zero value.
	Periodic Mining = ""
	// Instant makes a block as soon as a transaction waits, and none otherwise.
	Instant Mining = "instant"
	// Manual makes blocks only when Mine is called.
	Manual Mining = "manual"
)

// Config says where a chain lives and how it behaves. Its zero value is a chain
// in memory with a block every second on a free port of 127.0.0.1.
type Config struct {
	// Dir keeps the chain; empty means memory.
	Dir string
	// ChainID of a new chain; 0 means that of the folder, or DefaultChainID.
	ChainID uint64
	// Listen is the address of the JSON-RPC server; empty means 127.0.0.1:0. It
	// must be a loopback address unless AllowRemote is set.
	Listen string
	// AllowRemote permits Listen to be any address: for networks that are cut
	// off by other means, such as network namespaces. Whoever reaches the
	// address can use the faucet.
	AllowRemote bool
	// Mining says when blocks are made.
	Mining Mining
	// Period is the time between blocks when Mining is Periodic; 0 means
	// DefaultPeriod. Block times are whole seconds and always rise, so with a
	// shorter period they run ahead of the clock.
	Period time.Duration
	// FaucetCoin is what one request gives for gas, in wei; nil means 10 coins.
	FaucetCoin *big.Int
	// FaucetTokens is what one request mints, in base units of test$; nil means
	// 1,000 test$.
	FaucetTokens *big.Int
	// FaucetEvery is how often one address may ask on average, with three times
	// at once; 0 means 20 s, negative means without limit (for tests).
	FaucetEvery time.Duration
	// Log takes what an operator should read; nil means nowhere.
	Log *slog.Logger
}

// Info is what a client must know of a running chain.
type Info struct {
	// RPC is the URL of the JSON-RPC server.
	RPC string
	// ChainID of the chain.
	ChainID uint64
	// Contract is the address of Channels.
	Contract common.Address
	// Token is the address of test$.
	Token common.Address
	// Decimals of test$.
	Decimals int
	// Faucet is the account that gives.
	Faucet common.Address
}

// withDefaults fills in what is empty and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return c, fmt.Errorf("%w: address %q: %w", ErrConfig, c.Listen, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return c, fmt.Errorf("%w: port %q", ErrConfig, port)
	}
	if ip := net.ParseIP(host); ip == nil || (!ip.IsLoopback() && !c.AllowRemote) {
		return c, fmt.Errorf("%w: address %q is not a loopback address", ErrConfig, c.Listen)
	}
	switch c.Mining {
	case Periodic, Instant, Manual:
	default:
		return c, fmt.Errorf("%w: mining %q", ErrConfig, c.Mining)
	}
	if c.Period < 0 {
		return c, fmt.Errorf("%w: period %v", ErrConfig, c.Period)
	}
	if c.Period == 0 {
		c.Period = DefaultPeriod
	}
	if c.FaucetCoin == nil {
		c.FaucetCoin = new(big.Int).Mul(big.NewInt(10), big.NewInt(1e18))
	}
	if c.FaucetTokens == nil {
		c.FaucetTokens = big.NewInt(1000 * 1e6)
	}
	if c.FaucetCoin.Sign() < 0 || c.FaucetTokens.Sign() < 0 {
		return c, fmt.Errorf("%w: the faucet cannot give less than nothing", ErrConfig)
	}
	if c.FaucetEvery == 0 {
		c.FaucetEvery = 20 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
