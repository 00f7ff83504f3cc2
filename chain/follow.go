package chain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
)

// maxBackoff is the longest pause between two rounds over all servers when none
// answers.
const maxBackoff = 5 * time.Second

// follow keeps the state up with the chain until ctx ends.
func (c *Client) follow(ctx context.Context) error {
	pause := c.cfg.Poll
	for {
		err := c.servers.try(ctx, func(s *server) error { return c.catchUp(ctx, s) })
		if ctx.Err() != nil {
			return nil
		}
		c.saw(err)
		if errors.Is(err, ErrStore) {
			return err
		}
		pause = nextPause(pause, c.cfg.Poll, err)
		select {
		case <-ctx.Done():
			return nil
		case <-c.cfg.Clock.After(pause):
		}
	}
}

// nextPause doubles the pause after each failure, up to maxBackoff, and returns
// to poll after a success.
func nextPause(last, poll time.Duration, err error) time.Duration {
	if err == nil {
		return poll
	}
	return min(2*last, max(maxBackoff, poll))
}

// saw records the outcome of a round for Healthy and opens Ready: after a
// success, or after a failure when an earlier run has left something to answer
// from.
func (c *Client) saw(err error) {
	c.mu.Lock()
	before := c.health.Err
	c.health.Err = err
	c.health.OK = err == nil
	if err == nil {
		c.health.SeenAt = c.cfg.Clock.Now()
	}
	_, past := c.history.tip()
	if err == nil || past {
		c.readyOnce.Do(func() { close(c.ready) })
	}
	c.mu.Unlock()
	switch {
	case err != nil && before == nil:
		c.cfg.Log.Warn("the chain is away; answering from what was seen", "error", err)
		c.notify()
	case err == nil && before != nil:
		c.cfg.Log.Info("the chain is back")
		c.notify()
	}
}

// catchUp takes in everything up to a server's head.
func (c *Client) catchUp(ctx context.Context, s *server) error {
	head, err := s.head(ctx)
	if err != nil {
		return err
	}
	if err := c.reconcile(ctx, s, head); err != nil {
		return err
	}
	c.mu.Lock()
	c.health.Head, c.health.HeadTime = head.Number, time.Unix(int64(head.Time), 0)
	c.mu.Unlock()
	for forks := 0; ; {
		next := c.next()
		if next > head.Number {
			break
		}
		if head.Number-next > 2*UndoBlocks {
			err = c.takeStretch(ctx, s, next, head.Number-UndoBlocks)
		} else {
			err = c.takeBlock(ctx, s, next, head)
		}
		if errors.Is(err, errForked) {
			// The chain changed between two requests: start over with a fresh head. A
			// server whose blocks never fit is no chain.
			if forks++; forks > 8 {
				return fmt.Errorf("%w: blocks that do not build upon each other", ErrBadAnswer)
			}
			if head, err = s.head(ctx); err == nil {
				err = c.reconcile(ctx, s, head)
			}
		}
		if err != nil {
			return err
		}
	}
	return c.look(ctx, s, head)
}

// errForked says that a block does not build upon the tip.
var errForked = errors.New("the block does not build upon the last one")

// next is the number of the first block that has not been taken in.
func (c *Client) next() uint64 {
	if tip, ok := c.history.tip(); ok {
		return tip.Number + 1
	}
	return c.cfg.Start
}

// takeBlock takes in the block after the tip.
func (c *Client) takeBlock(ctx context.Context, s *server, number uint64, head block) error {
	b := head
	if number != head.Number {
		var err error
		if b, err = s.blockAt(ctx, number); err != nil {
			return err
		}
	}
	if tip, ok := c.history.tip(); ok && b.Parent != tip.Hash {
		return errForked
	}
	logs, err := s.blockLogs(ctx, b, c.cfg.Contract)
	if err != nil {
		return err
	}
	return c.take(b, logs, false)
}

// takeStretch takes in the blocks from the one after the tip on, at most up to
// limit, in one go. They lie too deep to be undone.
func (c *Client) takeStretch(ctx context.Context, s *server, from, limit uint64) error {
	size := c.stretch
	for {
		to := min(from+size-1, limit)
		logs, err := s.rangeLogs(ctx, from, to, c.cfg.Contract)
		if err != nil {
			// Servers refuse ranges in many ways; a smaller one is worth a try while
			// there is one.
			if size > 1 && ctx.Err() == nil && isAnswer(err) {
				size /= 2
				c.stretch = size
				continue
			}
			return err
		}
		b, err := s.blockAt(ctx, to)
		if err != nil {
			return err
		}
		return c.take(b, logs, true)
	}
}

// take lets a block's events act, stores that, and makes it the tip.
func (c *Client) take(b block, logs []types.Log, floor bool) error {
	d := c.state.draft()
	for i := range logs {
		if err := d.apply(&logs[i], logs[i].BlockNumber); err != nil {
			return err
		}
	}
	changes, err := d.changes()
	if err != nil {
		return err
	}
	rec := blockRecord{Number: b.Number, Hash: b.Hash, Time: b.Time, Floor: floor}
	stored, err := c.history.save(c.cfg.Store, &rec, changes)
	if err != nil {
		return err
	}
	c.mu.Lock()
	d.commit()
	c.history.push(rec, stored)
	c.mu.Unlock()
	c.notify()
	return nil
}
