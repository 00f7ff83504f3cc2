package chain

import (
	"bytes"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/voucher"
)

// Address is the account that this client sends for; zero without a key.
func (c *Client) Address() common.Address { return c.self }

// Domain is what vouchers and other signed statements of this network are bound
// to.
func (c *Client) Domain() voucher.Domain {
	return voucher.Domain{ChainID: c.cfg.ChainID, Contract: c.cfg.Contract}
}

// Token is the network's settlement token and its decimals.
func (c *Client) Token() (common.Address, int) { return c.cfg.Token, c.cfg.Decimals }

// Healthy says how fresh the answers are.
func (c *Client) Healthy() Health {
	c.mu.RLock()
	defer c.mu.RUnlock()
	h := c.health.Health
	if tip, ok := c.history.tip(); ok {
		h.Tip = tip.Number
	}
	h.RPC = c.servers.current()
	return h
}

// Watch makes Balances tell an account's wallet and coin too, from the next
// round on. The client's own account is watched always.
func (c *Client) Watch(account common.Address) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.watched[account]; !ok {
		c.watched[account] = wallet{}
	}
}

// Balances says what an account owns, as of the tip.
func (c *Client) Balances(account common.Address) Balances {
	c.mu.RLock()
	defer c.mu.RUnlock()
	p := purse{account, c.cfg.Token}
	now := new(big.Int)
	if v, ok := c.state.purses[p]; ok {
		now.Set(v)
	}
	b := Balances{Deposited: now, Confirmed: new(big.Int).Set(now)}
	for _, prev := range c.unconfirmed(p.key()) {
		v := new(big.Int)
		if prev != nil {
			var err error
			if v, err = decodeAmount(prev); err != nil {
				v = new(big.Int) // what cannot be read is not relied upon
			}
		}
		if v.Cmp(b.Confirmed) < 0 {
			b.Confirmed = v
		}
	}
	if w := c.watched[account]; w.wallet != nil {
		b.Wallet, b.Coin = new(big.Int).Set(w.wallet), new(big.Int).Set(w.coin)
	}
	return b
}

// unconfirmed returns the values that key had before each of the blocks that do
// not have enough confirmations.
func (c *Client) unconfirmed(key string) [][]byte {
	tip, ok := c.history.tip()
	if !ok || tip.Number+2 <= c.cfg.Confirmations {
		return c.history.since(key, 0)
	}
	return c.history.since(key, tip.Number+2-c.cfg.Confirmations)
}

// Channel returns a channel of the network's token; ok is false when none with
// this id is known.
func (c *Client) Channel(id ChannelID) (ch Channel, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.channel(id)
}

func (c *Client) channel(id ChannelID) (Channel, bool) {
	r, ok := c.state.channels[id]
	if !ok || r.Terms.Token != c.cfg.Token {
		return Channel{}, false
	}
	ch := Channel{
		ID:              id,
		Terms:           r.Terms,
		Amount:          new(big.Int).Set(r.Amount),
		ConfirmedAmount: new(big.Int).Set(r.Amount),
		Redeemed:        new(big.Int).Set(r.Redeemed),
		Phase:           Open,
		OpenedAt:        r.OpenedAt,
		Payments:        slices.Clone(r.Payments),
	}
	if r.ClosesAt != 0 {
		ch.Phase, ch.ClosesAt = Closing, time.Unix(int64(r.ClosesAt), 0)
	}
	if r.Closed {
		ch.Phase = Closed
	}
	if tip, ok := c.history.tip(); ok && tip.Number >= r.OpenedAt {
		ch.Confirmations = tip.Number - r.OpenedAt + 1
	}
	for _, prev := range c.unconfirmed(id.key()) {
		amount := new(big.Int)
		if prev != nil {
			if p, err := decodeChannel(prev); err == nil {
				amount.Set(p.Amount)
			}
		}
		if amount.Cmp(ch.ConfirmedAmount) < 0 {
			ch.ConfirmedAmount = amount
		}
	}
	return ch, true
}

// ChannelsOf returns the channels in which an account is renter or payee, those
// that are closed too, oldest first.
func (c *Client) ChannelsOf(account common.Address) []Channel {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var all []Channel
	for id, r := range c.state.channels {
		if r.Terms.Renter != account && r.Terms.Payee != account {
			continue
		}
		if ch, ok := c.channel(id); ok {
			all = append(all, ch)
		}
	}
	slices.SortFunc(all, func(a, b Channel) int {
		if a.OpenedAt != b.OpenedAt {
			if a.OpenedAt < b.OpenedAt {
				return -1
			}
			return 1
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return all
}

// Figures of gas that a transaction needs, for estimates before anything is
// signed.
const (
	GasOpenFor = 115_000
	GasRedeem  = 75_000
	GasClose   = 90_000
)

// Fee estimates what a transaction of so much gas would cost now, in wei, from
// the last block seen; zero before the first.
func (c *Client) Fee(gas uint64) *big.Int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	fee := new(big.Int).Add(c.health.base, c.health.tip)
	return fee.Mul(fee, new(big.Int).SetUint64(gas))
}

// Time is the chain's clock: the time of the last block taken in, zero before
// the first.
func (c *Client) Time() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	tip, ok := c.history.tip()
	if !ok {
		return time.Time{}
	}
	return time.Unix(int64(tip.Time), 0)
}
