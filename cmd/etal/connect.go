package main

import (
	"context"
	"errors"
	"time"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// startPatience is how long a node may take until it answers.
const startPatience = 60 * time.Second

// started is a node's process that was just launched.
type started interface {
	// Ended reports whether it has ended already, and its last words.
	Ended() (bool, string)
}

// reach returns a client of the meant node if that answers. The caller closes it.
func (a *app) reach(ctx context.Context) (*api.Client, node.Status, error) {
	p, err := a.place()
	if err != nil {
		return nil, node.Status{}, err
	}
	return a.reachPlace(ctx, p)
}

func (a *app) reachPlace(ctx context.Context, p place) (*api.Client, node.Status, error) {
	socket, err := api.SocketPath(p.data)
	if err != nil {
		return nil, node.Status{}, err
	}
	c := api.NewClient(socket)
	s, err := c.Status(ctx)
	if err != nil {
		c.Close()
		if errors.Is(err, node.ErrNoNetwork) && !p.own {
			err = tell(node.ErrNoNetwork, "%s is not running: `etal devnet start %s` starts it", p.name, p.name)
		}
		return nil, node.Status{}, err
	}
	return c, s, nil
}

// connect returns a client of the meant node, and starts it if it is the user's
// own and does not run. The caller closes the client.
func (a *app) connect(ctx context.Context) (*api.Client, node.Status, error) {
	p, err := a.place()
	if err != nil {
		return nil, node.Status{}, err
	}
	c, s, err := a.reachPlace(ctx, p)
	if err == nil || !p.own || !errors.Is(err, node.ErrNoNetwork) {
		return c, s, err
	}
	return a.wake(ctx, p)
}

// wake starts the user's own node and waits until it answers.
func (a *app) wake(ctx context.Context, p place) (*api.Client, node.Status, error) {
	t := a.talker()
	defer t.done()
	t.phase("starting your node on " + p.network)
	if n, err := devnet.Load(devnet.Options{Dir: p.dir}); err == nil {
		if err := n.Start(ctx, "renter"); err != nil {
			return nil, node.Status{}, tell(node.ErrNoNetwork, "Your node did not start: %s", err)
		}
		return a.reachPlace(ctx, p)
	}
	proc, err := a.launch(ctx, p)
	if err != nil {
		return nil, node.Status{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience, tell(node.ErrNoNetwork, "Your node does not answer: its log is %s", logPath(p.data)))
	defer cancel()
	for {
		// Another command may have started it first: whoever answers will do.
		c, s, err := a.reachPlace(ctx, p)
		if err == nil || !errors.Is(err, node.ErrNoNetwork) {
			return c, s, err
		}
		if ended, words := proc.Ended(); ended {
			if c, s, err := a.reachPlace(ctx, p); err == nil {
				return c, s, nil
			}
			return nil, node.Status{}, tell(node.ErrNoNetwork, "Your node did not start: %s (log: %s)", words, logPath(p.data))
		}
		select {
		case <-ctx.Done():
			return nil, node.Status{}, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
