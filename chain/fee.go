package chain

import (
	"fmt"
	"math/big"
)

// maxTries bounds how often a transaction's fee is raised: by a quarter each
// time, that is a factor of thirty.
const maxTries = 16

// fees returns what to offer: the recommended tip and room for the base fee to
// double; after an earlier try at least a quarter more than that. ok is false
// when the limit does not even cover the base fee, or does not allow a raise.
func (c *Client) fees(v view, last *attempt) (tip, feeCap *big.Int, ok bool) {
	tip = new(big.Int).Set(v.tip)
	if last != nil {
		tip = bigMax(tip, raise(last.Tip))
	}
	feeCap = new(big.Int).Add(tip, new(big.Int).Lsh(v.head.BaseFee, 1))
	least := v.head.BaseFee
	if last != nil {
		least = raise(last.FeeCap)
		feeCap = bigMax(feeCap, least)
	}
	if feeCap.Cmp(c.cfg.MaxFee) > 0 {
		feeCap = new(big.Int).Set(c.cfg.MaxFee)
	}
	if tip.Cmp(feeCap) > 0 {
		tip = new(big.Int).Set(feeCap)
	}
	return tip, feeCap, feeCap.Cmp(least) >= 0
}

// raise returns a quarter more, and one at least: nodes want a tenth.
func raise(v *big.Int) *big.Int {
	r := new(big.Int).Rsh(v, 2)
	return r.Add(r, v).Add(r, big.NewInt(1))
}

func bigMax(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// hurry raises the fee of an item that waits too long.
func (c *Client) hurry(v view, i *item) (*item, error) {
	if c.cfg.Clock.Now().Sub(i.Sent) < c.cfg.BumpAfter {
		return i, nil
	}
	last := i.last()
	tip, feeCap, ok := c.fees(v, &last)
	if !ok || len(i.Tries) >= maxTries {
		c.note(i, fmt.Sprintf("it waits although its fee was raised to %v wei per gas", last.FeeCap))
		return i, nil
	}
	try, err := c.seal(i, i.Nonce, i.Gas, tip, feeCap)
	if err != nil {
		return i, err
	}
	return c.change(i, func(n *item) {
		n.State = Signed
		n.Tries = append(i.Tries[:len(i.Tries):len(i.Tries)], try)
		n.Sent = c.cfg.Clock.Now()
	})
}
