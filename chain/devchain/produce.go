package devchain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/txpool"
)

// produce makes blocks until ctx ends.
func (c *Chain) produce(ctx context.Context) error {
	switch c.cfg.Mining {
	case Manual:
		<-ctx.Done()
		return nil
	case Instant:
		return c.produceInstantly(ctx)
	}
	t := time.NewTicker(c.cfg.Period)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			if _, err := c.Mine(1); err != nil {
				return err
			}
		}
	}
}

// produceInstantly makes a block when the pool tells of a transaction. The
// ticker catches those that came while a block was being made.
func (c *Chain) produceInstantly(ctx context.Context) error {
	c.mu.Lock()
	pool := c.eth.TxPool()
	c.mu.Unlock()
	events := make(chan core.NewTxsEvent, 64)
	sub := pool.SubscribeTransactions(events, true)
	defer sub.Unsubscribe()
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-sub.Err():
			return err
		case <-events:
		case <-t.C:
		}
		if waiting, _ := pool.Pending(txpool.PendingFilter{}); len(waiting) == 0 {
			continue
		}
		if _, err := c.Mine(1); err != nil {
			return err
		}
	}
}

// Mine makes n blocks now and returns the number of the last one.
func (c *Chain) Mine(n int) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.beacon == nil {
		return 0, ErrNotReady
	}
	for range n {
		before := c.eth.BlockChain().CurrentBlock().Number.Uint64()
		c.beacon.Commit()
		if after := c.eth.BlockChain().CurrentBlock().Number.Uint64(); after <= before {
			return after, fmt.Errorf("mine: no block came after number %d", before)
		}
	}
	return c.eth.BlockChain().CurrentBlock().Number.Uint64(), nil
}

// AdvanceTime makes a block whose time is d after the last one's. What waits is
// mined first.
func (c *Chain) AdvanceTime(d time.Duration) error {
	if d < time.Second {
		return fmt.Errorf("%w: cannot advance by %v", ErrConfig, d)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.beacon == nil {
		return ErrNotReady
	}
	var err error
	for range 8 {
		if err = c.beacon.AdjustTime(d); err == nil {
			return nil
		}
		c.beacon.Commit()
	}
	return err
}

// Fork makes the block that lies depth blocks below the head the new head, as
// if the blocks above it had never been. What they contained is dropped from
// the pool too. It is how tests make a reorganisation.
func (c *Chain) Fork(depth uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.beacon == nil {
		return ErrNotReady
	}
	bc := c.eth.BlockChain()
	head := bc.CurrentBlock().Number.Uint64()
	if depth > head {
		return fmt.Errorf("%w: the chain has %d blocks only", ErrConfig, head)
	}
	parent := bc.GetCanonicalHash(head - depth)
	if parent == (common.Hash{}) {
		return errors.New("fork: no such block")
	}
	if err := c.beacon.Fork(parent); err != nil {
		return fmt.Errorf("fork: %w", err)
	}
	if err := c.eth.TxPool().Sync(); err != nil {
		return fmt.Errorf("fork: %w", err)
	}
	c.beacon.Rollback()
	return nil
}
