package chain

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// maxID bounds the name of an intent.
const maxID = 200

// keepFinal is how many final items are remembered. Older ones are forgotten,
// so an intent that old could be submitted anew.
const keepFinal = 4096

// submit stores new items, those that are not known yet, and returns the last
// one's intent. An intent that failed starts over; one that is known is left
// alone.
func (c *Client) submit(items ...*item) (string, error) {
	if c.cfg.Key == nil {
		return "", fmt.Errorf("chain: %w", ErrNoKey)
	}
	last := items[len(items)-1].ID
	c.writing.Lock()
	defer c.writing.Unlock()
	var fresh []*item
	c.mu.RLock()
	seq := uint64(0)
	for _, i := range c.items {
		seq = max(seq, i.Seq)
	}
	for _, i := range items {
		old := c.items[i.ID]
		if old != nil && old.Named && old.State != Failed && !old.same(i) {
			c.mu.RUnlock()
			return "", fmt.Errorf("chain: %w: %.80q", ErrConflict, i.ID)
		}
		if old != nil && old.State != Failed {
			continue
		}
		seq++
		i.Seq, i.State, i.Queued = seq, Queued, c.cfg.Clock.Now()
		fresh = append(fresh, i)
	}
	old := c.forgettable()
	c.mu.RUnlock()
	if len(fresh) == 0 {
		return last, nil
	}
	if err := c.put(fresh, old); err != nil {
		return "", fmt.Errorf("chain: %w", err)
	}
	c.notify()
	return last, nil
}

// forgettable returns the oldest final items beyond keepFinal.
func (c *Client) forgettable() []*item {
	if len(c.items) <= keepFinal {
		return nil
	}
	var final []*item
	for _, i := range c.items {
		if i.State.final() {
			final = append(final, i)
		}
	}
	slices.SortFunc(final, func(a, b *item) int { return cmp.Compare(a.Seq, b.Seq) })
	return final[:max(0, len(final)-keepFinal)]
}

// put stores items and then shows them; the caller holds c.writing.
func (c *Client) put(items, forget []*item) error {
	encoded := make([][]byte, len(items))
	for n, i := range items {
		var err error
		if encoded[n], err = json.Marshal(i); err != nil {
			return err
		}
	}
	err := c.cfg.Store.Update(func(tx Tx) error {
		for _, i := range forget {
			if err := tx.Delete(i.key()); err != nil {
				return err
			}
		}
		for n, i := range items {
			if err := tx.Put(i.key(), encoded[n]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	c.mu.Lock()
	for _, i := range forget {
		delete(c.items, i.ID)
	}
	for _, i := range items {
		c.items[i.ID] = i
	}
	c.mu.Unlock()
	return nil
}

// change stores a changed copy of an item. Only deliver does, so the item has
// not changed since it was read, except that a failed one may have started over.
func (c *Client) change(old *item, f func(*item)) (*item, error) {
	c.writing.Lock()
	i := *old
	i.trouble, i.doomed = "", 0
	f(&i)
	err := c.put([]*item{&i}, nil)
	c.writing.Unlock()
	if err != nil {
		return old, err
	}
	c.notify()
	return &i, nil
}

// note shows what keeps an item waiting, without storing it.
func (c *Client) note(old *item, trouble string) {
	c.mu.Lock()
	changed := old.trouble != trouble
	if changed {
		i := *old
		i.trouble = trouble
		c.items[i.ID] = &i
	}
	c.mu.Unlock()
	if changed && trouble != "" {
		c.cfg.Log.Warn("a transaction waits", "intent", old.ID, "trouble", trouble)
	}
}

// active returns the items that are not final, in the order of their nonces and
// then of their submission.
func (c *Client) active() []*item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var all []*item
	for _, i := range c.items {
		if !i.State.final() {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b *item) int {
		if qa, qb := a.State == Queued, b.State == Queued; qa != qb {
			if qb {
				return -1
			}
			return 1
		} else if !qa && a.Nonce != b.Nonce {
			return cmp.Compare(a.Nonce, b.Nonce)
		}
		return cmp.Compare(a.Seq, b.Seq)
	})
	return all
}

func (c *Client) item(id string) *item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.items[id]
}

// Items returns the transactions that are remembered, in the order of their
// submission: all that are not final, and the last few thousand that are.
func (c *Client) Items() []Item {
	c.mu.RLock()
	all := make([]*item, 0, len(c.items))
	for _, i := range c.items {
		all = append(all, i)
	}
	c.mu.RUnlock()
	slices.SortFunc(all, func(a, b *item) int { return cmp.Compare(a.Seq, b.Seq) })
	public := make([]Item, len(all))
	for n, i := range all {
		public[n] = i.public()
	}
	return public
}

// Receipt returns what became of an intent. ok is false while it is on its way;
// the error is ErrUnknown, or ErrFailed together with the receipt, if it got as
// far as a block.
func (c *Client) Receipt(id string) (r Receipt, ok bool, err error) {
	i := c.item(id)
	switch {
	case i == nil:
		return Receipt{}, false, fmt.Errorf("chain: %w: %.80q", ErrUnknown, id)
	case !i.State.final():
		return Receipt{}, false, nil
	}
	if i.Receipt != nil {
		r = *i.Receipt
	}
	if i.State == Failed {
		return r, true, fmt.Errorf("chain: %s: %w: %s", id, ErrFailed, i.Why)
	}
	return r, true, nil
}

// Wait waits until an intent is done or has failed, which takes the network and
// may take for ever while the chain is away. It returns what Receipt does, or
// the error of ctx. By then the state has everything up to the receipt's block.
func (c *Client) Wait(ctx context.Context, id string) (Receipt, error) {
	for {
		changed := c.Changed()
		if r, ok, err := c.Receipt(id); ok || err != nil {
			return r, err
		}
		select {
		case <-ctx.Done():
			return Receipt{}, fmt.Errorf("chain: wait for %s: %w", id, ctx.Err())
		case <-changed:
		}
	}
}
