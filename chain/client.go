package chain

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"golang.org/x/sync/errgroup"
)

// Client follows one network's contract and sends for one account. Its methods
// may be called from any goroutine; none of them waits for the network unless
// it says so.
type Client struct {
	cfg     Config
	self    common.Address // the key's address, or zero
	servers *servers
	stretch uint64 // blocks per request while catching up; only follow uses it

	ready     chan struct{}
	readyOnce sync.Once
	kick      chan struct{} // wakes the outbox

	// Only follow changes state and history, and only with mu held, so follow
	// itself reads them without. mu is never held while the store is used:
	// whoever is in a transaction of the store may ask this client something.
	mu      sync.RWMutex // guards the following fields
	state   *state
	history history
	health  health
	watched map[common.Address]wallet
	items   map[string]*item
	changed chan struct{}

	writing sync.Mutex // held from reading items to having stored a change of them; before mu
}

// wallet is what an account owns outside the contract; nil while unknown.
type wallet struct{ wallet, coin *big.Int }

type health struct {
	Health
	hash common.Hash
	base *big.Int // fee per gas that the last block took
	tip  *big.Int // what servers recommend beyond it
}

// Health says how fresh the answers are.
type Health struct {
	// OK says that the last round over the RPC servers succeeded.
	OK bool
	// Err is what went wrong in the last round; nil when OK.
	Err error
	// Head is the number of the last block that was seen, since this client
	// started.
	Head uint64
	// HeadTime is that block's time by the chain's clock.
	HeadTime time.Time
	// SeenAt is when the last good round ended, by this client's clock; zero
	// before the first.
	SeenAt time.Time
	// Tip is the number of the last block whose events have been taken in, also
	// by an earlier run.
	Tip uint64
	// RPC is the server in use.
	RPC string
}

// meta ties a store to its network.
type meta struct {
	ChainID  uint64         `json:"chain_id"`
	Contract common.Address `json:"contract"`
	Token    common.Address `json:"token"`
}

// New checks the configuration and loads what the store has; it starts nothing
// and asks no server. It returns ErrConfig, ErrOtherNetwork or ErrStore.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	all, transport, err := dialServers(cfg.RPC, cfg.Timeout)
	if err != nil {
		return nil, err
	}
	c := &Client{
		cfg:     cfg,
		servers: &servers{chainID: cfg.ChainID, contract: cfg.Contract, all: all, transport: transport},
		stretch: cfg.LogRange,
		ready:   make(chan struct{}),
		kick:    make(chan struct{}, 1),
		watched: make(map[common.Address]wallet),
		changed: make(chan struct{}),
	}
	c.health.base, c.health.tip = new(big.Int), new(big.Int)
	if cfg.Key != nil {
		c.self = crypto.PubkeyToAddress(cfg.Key.PublicKey)
		c.watched[c.self] = wallet{}
	}
	if err := c.load(); err != nil {
		c.servers.close()
		return nil, fmt.Errorf("chain: %w", err)
	}
	return c, nil
}

// load reads the store, and claims an empty one for this network.
func (c *Client) load() error {
	own := meta{c.cfg.ChainID, c.cfg.Contract, c.cfg.Token}
	claimed := false
	err := c.cfg.Store.View(func(tx Tx) error {
		b, err := tx.Get([]byte(keyMeta))
		if err != nil {
			return err
		}
		if claimed = b != nil; claimed {
			var m meta
			if err := json.Unmarshal(b, &m); err != nil {
				return fmt.Errorf("%w: unreadable network", ErrStore)
			}
			if m != own {
				return fmt.Errorf("%w: the store belongs to chain id %d, contract %v, token %v", ErrOtherNetwork, m.ChainID, m.Contract, m.Token)
			}
		}
		if c.history, err = loadHistory(tx); err != nil {
			return err
		}
		c.state = newState()
		for _, prefix := range []string{keyPurse, keyChannel} {
			if err := tx.Each([]byte(prefix), func(k, v []byte) error { return c.state.set(string(k), v) }); err != nil {
				return err
			}
		}
		c.items, err = loadItems(tx)
		return err
	})
	if err != nil {
		return storeError(err)
	}
	if claimed {
		return nil
	}
	b, err := json.Marshal(own)
	if err != nil {
		return err
	}
	return storeError(c.cfg.Store.Update(func(tx Tx) error { return tx.Put([]byte(keyMeta), b) }))
}

// Run follows the chain and sends what is in the outbox until ctx ends, and
// then returns nil. It can be called once. It returns an error only when the
// store fails: ErrStore.
func (c *Client) Run(ctx context.Context) error {
	defer c.servers.close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.follow(ctx) })
	if c.cfg.Key != nil {
		g.Go(func() error { return c.deliver(ctx) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("chain: %w", err)
	}
	return nil
}

// Ready is closed when Run has taken in the chain up to its head, or has found
// that no server answers while an earlier run has left something to answer
// from.
func (c *Client) Ready() <-chan struct{} { return c.ready }

// Changed returns a channel that is closed at the next change of anything that
// this client can be asked for. It is a hint: take the channel, then ask, then
// wait.
func (c *Client) Changed() <-chan struct{} {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.changed
}

func (c *Client) notify() {
	c.mu.Lock()
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	c.wake()
}

// wake makes the outbox look at its items.
func (c *Client) wake() {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}
