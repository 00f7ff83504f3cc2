package devnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
)

// The longest that a step of Up may take. The first start of a provider unpacks
// its engine.
const (
	chainPatience = 60 * time.Second
	nodePatience  = 60 * time.Second
	fundPatience  = 60 * time.Second
	offerPatience = 90 * time.Second
)

// Up starts a network and returns once its renter sees every provider's offer
// and has test money. It returns ErrUp where one runs already; what a crashed
// one left is taken down first. If anything fails, or ctx ends, what was started
// is taken down again.
func Up(ctx context.Context, o Options) (*Net, error) {
	if o.Providers < 1 || o.Providers > MaxProviders {
		return nil, fmt.Errorf("%w: a devnet has 1 to %d providers", node.ErrBadRequest, MaxProviders)
	}
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, fmt.Errorf("start a devnet: %w", err)
	}
	var mu sync.Mutex
	tell := o.Progress
	o.Progress = func(s string) {
		mu.Lock()
		defer mu.Unlock()
		if tell != nil {
			tell(s)
		}
	}
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o700); err != nil {
		return nil, fmt.Errorf("start a devnet: %w", err)
	}
	unlock, err := lock(o.Dir + ".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := clear(ctx, o); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("start a devnet: %w", err)
	}
	r, err := plan(o)
	if err != nil {
		return nil, err
	}
	n := &Net{o: o, rec: r}
	if err := n.rec.write(o.Dir); err != nil {
		return nil, err
	}
	if err := n.up(ctx); err != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return nil, errors.Join(err, n.down(end))
	}
	return n, nil
}

// clear makes room for a network: it refuses where one runs, and takes down
// what is left of one that does not.
func clear(ctx context.Context, o Options) error {
	old, err := Load(o)
	switch {
	case errors.Is(err, ErrNone):
		return nil
	case err != nil:
		return err
	}
	for _, v := range old.Status().Nodes {
		if v.State == StateRunning && v.Role != RoleRenter {
			return ErrUp
		}
	}
	o.Progress("taking down what an earlier devnet left")
	return old.down(ctx)
}

// up starts what the record plans.
func (n *Net) up(ctx context.Context) error {
	var chain, boot int
	var rest []int
	for i, m := range n.rec.Nodes {
		switch m.Role {
		case RoleChain:
			chain = i
		case RoleBootstrap:
			boot = i
		default:
			rest = append(rest, i)
		}
	}
	n.o.Progress("starting the chain")
	if err := n.launch(ctx, chain); err != nil {
		return err
	}
	info, err := readChainInfo(n.member(chain).Data)
	if err != nil {
		return fmt.Errorf("start the chain: %w", err)
	}
	if err := writeProfile(n.o.Dir, info, nil); err != nil {
		return err
	}
	n.o.Progress("starting the bootstrap node")
	if err := n.launch(ctx, boot); err != nil {
		return err
	}
	if err := writeProfile(n.o.Dir, info, n.member(boot).Addresses); err != nil {
		return err
	}
	n.o.Progress(fmt.Sprintf("starting %d providers and a renter", n.o.Providers))
	g, gctx := errgroup.WithContext(ctx)
	for _, i := range rest {
		g.Go(func() error {
			if err := n.launch(gctx, i); err != nil {
				return err
			}
			return n.fund(gctx, i)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return n.meet(ctx)
}

// fund waits until a node has its test money, which it asks the faucet for by
// itself: a renter something to spend, a provider the coin that settling takes.
func (n *Net) fund(ctx context.Context, i int) error {
	c, err := n.client(i)
	if err != nil {
		return err
	}
	defer c.Close()
	renter := n.member(i).Role == RoleRenter
	return n.await(ctx, i, fundPatience, func(ctx context.Context) error {
		w, err := c.Wallet(ctx)
		if err == nil && (w.Coin.IsZero() || renter && w.Deposited.IsZero()) {
			err = errors.New("it has no test money yet")
		}
		return err
	})
}

// meet waits until the renter has every provider's offer.
func (n *Net) meet(ctx context.Context) error {
	n.o.Progress("waiting for the offers")
	renter, err := n.find("renter")
	if err != nil {
		return err
	}
	c, err := n.client(renter)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, offerPatience)
	defer cancel()
	seen := map[string]bool{}
	for {
		offers, err := c.Offers(ctx, "")
		if err == nil {
			for _, o := range offers {
				seen[o.Provider] = true
			}
			if len(seen) >= n.o.Providers {
				return n.level(ctx, c)
			}
		}
		for i, m := range n.rec.Nodes {
			if !n.member(i).Process.alive() {
				return n.died(m)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the offers: %d of %d came: %w", len(seen), n.o.Providers, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// level waits until every provider has read the chain as far as the renter has:
// before that it would decline the renter, whose money it does not see yet.
func (n *Net) level(ctx context.Context, renter *api.Client) error {
	s, err := renter.Status(ctx)
	if err != nil {
		return fmt.Errorf("wait for the providers: %w", err)
	}
	for i := range n.rec.Nodes {
		if n.member(i).Role != RoleProvider {
			continue
		}
		c, err := n.client(i)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := n.await(ctx, i, fundPatience, func(ctx context.Context) error {
			p, err := c.Status(ctx)
			if err == nil && p.Chain.Head < s.Chain.Head {
				err = errors.New("it has not read the chain yet")
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// client returns a client of a node.
func (n *Net) client(i int) (*api.Client, error) {
	socket, err := api.SocketPath(n.member(i).Data)
	if err != nil {
		return nil, err
	}
	return api.NewClient(socket), nil
}
