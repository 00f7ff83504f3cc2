package chain

import (
	"context"
	"fmt"
)

// reconcile undoes the blocks that are no longer part of the chain. A server
// that is merely behind is left for another.
func (c *Client) reconcile(ctx context.Context, s *server, head block) error {
	tip, ok := c.history.tip()
	if !ok {
		return nil
	}
	records := c.history.records
	for keep := len(records) - 1; keep >= 0; keep-- {
		r := records[keep]
		if r.Number > head.Number {
			continue
		}
		at := head
		if r.Number != head.Number {
			var err error
			if at, err = s.blockAt(ctx, r.Number); err != nil {
				return err
			}
		}
		if at.Hash != r.Hash {
			continue
		}
		switch {
		case keep == len(records)-1:
			return nil
		case head.Number < tip.Number && c.mayBeBehind(head, keep):
			return fmt.Errorf("%w: at block %d, seen %d", ErrBehind, head.Number, tip.Number)
		}
		return c.undo(keep)
	}
	return fmt.Errorf("%w: at and below block %d", ErrDeepReorg, records[0].Number)
}

// mayBeBehind reports whether a server with a lower head contradicts nothing
// that is known: the highest record at or below its head is the one it has too.
func (c *Client) mayBeBehind(head block, keep int) bool {
	records := c.history.records
	return keep+1 >= len(records) || records[keep+1].Number > head.Number
}

// undo takes back all blocks above index keep.
func (c *Client) undo(keep int) error {
	back, err := c.history.saveUndo(c.cfg.Store, keep)
	if err != nil {
		return err
	}
	tip, _ := c.history.tip()
	c.mu.Lock()
	c.history.cut(keep)
	for _, u := range back {
		if err = c.state.set(string(u.Key), u.Prev); err != nil {
			break
		}
	}
	now, _ := c.history.tip()
	c.mu.Unlock()
	if err != nil {
		return err
	}
	c.cfg.Log.Info("the chain reorganised itself", "undone_from", tip.Number, "undone_to", now.Number)
	c.notify()
	return nil
}
