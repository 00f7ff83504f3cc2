package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/ledger"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/node/provider"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/gossip"
	"github.com/etal-cloud/etal/p2p/rpc"
	"github.com/ethereum/go-ethereum/common"
	"golang.org/x/sync/errgroup"
)

// Node is one member of a network: it knows the market, rents, and sells where
// Config.Provide says so. Make one with New, run it with Run, use it once Ready.
type Node struct {
	cfg     Config
	profile Profile
	id      identity
	started time.Time

	ledger *ledger.Ledger
	notary *notary.Notary
	chain  *chain.Client
	net    *p2p.Network
	server *rpc.Server
	offers *offers
	topic  *gossip.Topic[market.Sealed]
	renter *renter.Renter
	seller *provider.Provider // nil where the node does not sell

	ready chan struct{}
	stop  chan struct{} // closed by Close
	done  chan struct{} // closed when Run has returned

	mu      sync.Mutex // guards the following fields
	ran     bool
	closed  bool
	funding error // what keeps test money from coming; nil when all is well
}

// New opens the node's folder and puts the node together. It starts nothing and
// reaches nobody: call Run. A node that is not run must be closed.
func New(cfg Config) (n *Node, err error) {
	if err := cfg.fill(); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	n = &Node{
		cfg: cfg, profile: *cfg.Profile, started: cfg.Now(),
		ready: make(chan struct{}), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if n.ledger, err = ledger.Open(filepath.Join(cfg.Data, "ledger.db")); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	opened := n.ledger
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.Close())
		}
	}()
	if n.id, err = loadIdentity(cfg.Data, cfg.Device); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	for _, step := range []func() error{n.openNotary, n.openChain, n.openNetwork, n.openMarket, n.openRenter, n.openSeller} {
		if err = step(); err != nil {
			return nil, fmt.Errorf("node: %w", err)
		}
	}
	return n, nil
}

func (n *Node) openNotary() error {
	part, err := n.ledger.Part("notary")
	if err != nil {
		return err
	}
	n.notary, err = notary.New(notary.Config{
		Network: n.profile.ID(), ChainID: n.profile.ChainID, Contract: n.profile.Contract, Token: n.profile.Token,
		Decimals: n.profile.Decimals, Wallet: n.id.wallet, Signer: n.id.signer, Peer: n.id.peer, Store: part,
		Limits: notary.Limits{PerLease: n.cfg.Limits.PerLease, PerDay: n.cfg.Limits.PerDay},
	})
	return err
}

func (n *Node) openChain() error {
	part, err := n.ledger.Part("chain")
	if err != nil {
		return err
	}
	n.chain, err = chain.New(chain.Config{
		RPC: n.profile.RPC, ChainID: n.profile.ChainID, Contract: common.Address(n.profile.Contract),
		Token: common.Address(n.profile.Token), Decimals: n.profile.Decimals, Start: n.profile.StartBlock,
		Confirmations: n.profile.Confirmations, Key: n.id.wallet, Store: chainStore{part},
		Clock: chainClock{n.cfg.Now}, Log: n.cfg.Log.With("part", "chain"), Poll: n.pollEvery(),
	})
	if err == nil {
		n.chain.Watch(common.Address(n.notary.Account()))
	}
	return err
}

// pollEvery is how often the chain is looked at: a local one is close by and
// makes a block a second.
func (n *Node) pollEvery() time.Duration {
	if n.profile.Local {
		return 400 * time.Millisecond
	}
	return 4 * time.Second
}

func (n *Node) openNetwork() error {
	key, err := n.id.peer.Raw()
	if err != nil {
		return err
	}
	n.net, err = p2p.New(p2p.Config{
		NetworkID: n.profile.ID(), Prefix: n.profile.DHTPrefix, Key: key, Local: n.profile.Local,
		Listen: n.cfg.Listen, Bootstrap: n.profile.Bootstrap, PeersFile: filepath.Join(n.cfg.Data, "peers.json"),
		MDNS: !n.profile.Local, Now: n.cfg.Now, Log: n.cfg.Log.With("part", "p2p"),
	})
	if err != nil {
		return err
	}
	n.server = rpc.NewServer(n.net, rpc.ServerOptions{Log: n.cfg.Log.With("part", "rpc"), Now: n.cfg.Now})
	return nil
}

func (n *Node) openMarket() error {
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return err
	}
	n.offers = newOffers(n.notary, n.net, binary.BigEndian.Uint64(seed[:]), n.cfg.Now)
	var err error
	n.topic, err = n.offers.topic(n.net)
	return err
}

func (n *Node) openRenter() error {
	part, err := n.ledger.Part("renter")
	if err != nil {
		return err
	}
	n.renter, err = renter.New(renter.Config{
		Peers: peers{n.net}, Book: n.offers, Chain: buyerChain{n.chain}, Store: part, Notary: n.notary,
		OpenImage: openImage, Archive: archive, Extract: extract, Now: n.cfg.Now, Log: n.cfg.Log.With("part", "renter"),
	})
	return err
}

func (n *Node) openSeller() error {
	if n.cfg.Provide == nil {
		return nil
	}
	part, err := n.ledger.Part("provider")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	sell, err := n.sell(ctx)
	if err != nil {
		return err
	}
	n.seller, err = provider.New(ctx, provider.Config{
		Sell: sell, Engine: n.cfg.Engine, Chain: sellerChain{n.chain}, Store: part, Notary: n.notary,
		Publish: n.publish, Data: filepath.Join(n.cfg.Data, "provider"), Now: n.cfg.Now, Log: n.cfg.Log.With("part", "provider"),
	})
	return err
}

// Run takes part in the network until ctx ends or Close is called. The first
// failure of a part ends it. Jobs that this node rented or sold go on with the
// next Run.
func (n *Node) Run(ctx context.Context) error {
	n.mu.Lock()
	if n.ran || n.closed {
		n.mu.Unlock()
		return fmt.Errorf("node: %w: it runs once", ErrConflict)
	}
	n.ran = true
	n.mu.Unlock()
	defer close(n.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func(ctx context.Context) {
		select {
		case <-n.stop:
			cancel()
		case <-ctx.Done():
		}
	}(ctx)
	// The mechanisms outlive the agents, which say goodbye through them.
	lower, stopLower := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLower()
	mechanisms, lower := errgroup.WithContext(lower)
	mechanisms.Go(func() error { return n.net.Run(lower) })
	mechanisms.Go(func() error { return n.topic.Run(lower) })
	mechanisms.Go(func() error { return n.chain.Run(lower) })

	agents, ctx := errgroup.WithContext(ctx)
	agents.Go(func() error { // a mechanism that fails ends the node
		select {
		case <-lower.Done():
			return context.Canceled
		case <-ctx.Done():
			return nil
		}
	})
	agents.Go(func() error { return n.live(ctx, agents) })
	err := agents.Wait()
	n.server.Close()
	stopLower()
	if e := mechanisms.Wait(); e != nil && !errors.Is(e, context.Canceled) {
		err = e
	}
	err = errors.Join(ignoreCancel(err), n.net.Close(), n.ledger.Close())
	return err
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// live brings the agents up once the network is there.
func (n *Node) live(ctx context.Context, g *errgroup.Group) error {
	select {
	case <-n.net.Ready():
	case <-ctx.Done():
		return nil
	}
	if err := n.offers.serve(n.server); err != nil {
		return err
	}
	g.Go(func() error { n.follow(ctx); return nil })
	g.Go(func() error { n.fundLoop(ctx); return nil })
	g.Go(func() error { return n.renter.Run(ctx) })
	if n.seller != nil {
		if err := serveSelling(n.server, n.seller); err != nil {
			return err
		}
		g.Go(func() error { return n.seller.Run(ctx) })
	}
	n.settleIn(ctx)
	close(n.ready)
	return nil
}

// settleIn waits a moment for what makes a first command pleasant: a look at the
// chain and a first neighbour. It never waits long: what is missing comes later.
func (n *Node) settleIn(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	select {
	case <-n.chain.Ready():
	case <-ctx.Done():
	}
	for len(n.profile.Bootstrap) > 0 && len(n.net.Peers()) == 0 && ctx.Err() == nil {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// Ready is closed when the node can be used.
func (n *Node) Ready() <-chan struct{} { return n.ready }

// Close ends Run and waits for it. Closing twice does nothing.
func (n *Node) Close() error {
	n.mu.Lock()
	ran, closed := n.ran, n.closed
	n.closed = true
	n.mu.Unlock()
	if !closed {
		close(n.stop)
	}
	if ran {
		<-n.done
		return nil
	}
	if closed {
		return nil
	}
	n.server.Close()
	return errors.Join(n.net.Close(), n.ledger.Close())
}

// publish tells the market something. The topic's own check puts it into our book.
func (n *Node) publish(ctx context.Context, sealed []byte) error {
	return n.topic.Publish(ctx, sealed)
}

// follow asks every new neighbour for its book and greets it with our offer.
func (n *Node) follow(ctx context.Context) {
	events, stop := n.net.Watch()
	defer stop()
	asked := map[string]time.Time{}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		for _, p := range n.net.Peers() {
			if last, ok := asked[string(p)]; ok && n.cfg.Now().Sub(last) < time.Minute {
				continue
			}
			if len(asked) > 4096 {
				clear(asked)
			}
			asked[string(p)] = n.cfg.Now()
			if err := n.offers.ask(ctx, p); err != nil && ctx.Err() == nil {
				n.cfg.Log.Debug("no book from peer", "peer", p.String(), "err", err)
			}
			if n.seller != nil {
				n.seller.Announce()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-events:
		case <-tick.C:
			n.offers.book.Expire(n.cfg.Now())
		}
	}
}
