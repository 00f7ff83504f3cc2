package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// deliver moves the items along until ctx ends. It is the only one that does.
func (c *Client) deliver(ctx context.Context) error {
	pause := c.cfg.Poll
	for {
		var err error
		if len(c.active()) > 0 {
			err = c.servers.try(ctx, func(s *server) error { return c.round(ctx, s) })
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrStore) {
			return err
		}
		pause = nextPause(pause, c.cfg.Poll, err)
		wait := c.cfg.Clock.After(pause)
		kick := c.kick
		if err != nil {
			kick = nil // news does not help while no server answers
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wait:
		case <-kick:
		}
	}
}

// view is what one round knows of the chain.
type view struct {
	head  block
	nonce uint64   // of the account, in the head
	tip   *big.Int // recommended
}

// round gives every item one chance to move.
func (c *Client) round(ctx context.Context, s *server) error {
	var v view
	var err error
	if v.head, err = s.head(ctx); err != nil {
		return err
	}
	if tip := c.Healthy().Tip; v.head.Number < tip {
		// What an old chain says about nonces would be wrong.
		return fmt.Errorf("%w: at block %d, seen %d", ErrBehind, v.head.Number, tip)
	}
	if v.nonce, err = s.nonce(ctx, c.self, hexutil.EncodeUint64(v.head.Number)); err != nil {
		return err
	}
	if v.tip, err = recommendedTip(ctx, s); err != nil {
		return err
	}
	for _, i := range c.active() {
		// Several states in one round where nothing has to be waited for.
		for moved := true; moved; {
			before := i.State
			switch i.State {
			case Queued:
				i, err = c.sign(ctx, s, v, i)
			case Signed:
				i, err = c.send(ctx, s, v, i)
			case Sent:
				i, err = c.find(ctx, s, v, i)
			case Mined:
				i, err = c.confirm(ctx, s, v, i)
			}
			if err != nil {
				return err
			}
			moved = i.State != before && !i.State.final()
		}
	}
	return nil
}

// sign gives a queued item a gas limit, a fee and a nonce, and stores the signed
// transaction. What would be reverted is given up after a few blocks.
func (c *Client) sign(ctx context.Context, s *server, v view, i *item) (*item, error) {
	if i.After != "" {
		switch first := c.item(i.After); {
		case first == nil || first.State == Done || first.State == Mined:
		case first.State == Failed:
			return c.change(i, func(i *item) { i.State, i.Why = Failed, fmt.Sprintf("%s failed: %s", first.ID, first.Why) })
		default:
			return i, nil
		}
	}
	var gas *hexutil.Uint64
	err := s.call(ctx, &gas, "eth_estimateGas", map[string]any{
		"from": c.self, "to": i.To, "value": (*hexutil.Big)(i.Value), "input": i.Data,
	})
	if data, reverted := revertReason(err); reverted {
		return c.judge(v, i, reasonText(data))
	}
	if isAnswer(err) {
		// Such as too little coin for the gas: somebody may mend that.
		c.note(i, err.Error())
		return i, nil
	}
	if err != nil {
		return i, err
	}
	const mostGas = 16_000_000 // beyond it no transaction is mined on today's chains
	if gas == nil || *gas == 0 || *gas > mostGas {
		return i, fmt.Errorf("%w: gas estimate", ErrBadAnswer)
	}
	tip, feeCap, ok := c.fees(v, nil)
	if !ok {
		c.note(i, fmt.Sprintf("the chain's fee of %v wei per gas is above the limit of %v", v.head.BaseFee, c.cfg.MaxFee))
		return i, nil
	}
	// A margin, since the state may change before it is mined.
	limit := uint64(*gas) + uint64(*gas)/4 + 10_000
	nonce := max(v.nonce, c.nextNonce())
	try, err := c.seal(i, nonce, limit, tip, feeCap)
	if err != nil {
		return i, err
	}
	return c.change(i, func(i *item) {
		i.State, i.Nonce, i.Gas, i.Tries, i.Sent = Signed, nonce, limit, []attempt{try}, c.cfg.Clock.Now()
	})
}

// judge counts the heads in which an item would have been reverted.
func (c *Client) judge(v view, i *item, reason string) (*item, error) {
	if i.judged == v.head.Hash {
		return i, nil
	}
	n := *i
	n.judged, n.doomed, n.trouble = v.head.Hash, i.doomed+1, reason
	if n.doomed >= c.cfg.RevertTries {
		return c.change(i, func(i *item) { i.State, i.Why = Failed, reason })
	}
	c.mu.Lock()
	c.items[n.ID] = &n
	c.mu.Unlock()
	return &n, nil
}

// reasonText names a contract's error.
func reasonText(data []byte) string {
	if len(data) >= 4 {
		for name, e := range contractABI.Errors {
			if string(e.ID[:4]) == string(data[:4]) {
				return name
			}
		}
	}
	if len(data) > 68 {
		data = data[:68]
	}
	return fmt.Sprintf("refused with %#x", data)
}

// nextNonce is the lowest nonce above those of all items on their way.
func (c *Client) nextNonce() uint64 {
	var n uint64
	for _, i := range c.active() {
		if i.State != Queued {
			n = max(n, i.Nonce+1)
		}
	}
	return n
}

// seal signs one try of an item.
func (c *Client) seal(i *item, nonce, gas uint64, tip, feeCap *big.Int) (attempt, error) {
	chainID := new(big.Int).SetUint64(c.cfg.ChainID)
	tx, err := types.SignNewTx(c.cfg.Key, types.LatestSignerForChainID(chainID), &types.DynamicFeeTx{
		ChainID: chainID, Nonce: nonce, Gas: gas, GasTipCap: tip, GasFeeCap: feeCap,
		To: &i.To, Value: i.Value, Data: i.Data,
	})
	if err != nil {
		return attempt{}, err
	}
	raw, err := tx.MarshalBinary()
	return attempt{tx.Hash(), raw, tip, feeCap}, err
}

// send gives a server the last try. What the server says about it is not
// believed: whether it knows the transaction afterwards is what counts.
func (c *Client) send(ctx context.Context, s *server, v view, i *item) (*item, error) {
	var hash common.Hash
	err := s.call(ctx, &hash, "eth_sendRawTransaction", i.last().Raw)
	if err != nil && !isAnswer(err) {
		return i, err
	}
	if err != nil {
		known, kerr := s.knows(ctx, i.last().Hash)
		if kerr != nil {
			return i, kerr
		}
		if !known && v.nonce <= i.Nonce {
			c.note(i, err.Error())
			return c.hurry(v, i)
		}
		// It is there already, or its nonce is used up: find looks by what.
	}
	return c.change(i, func(i *item) { i.State = Sent })
}

// find looks for any try of a sent item in a block.
func (c *Client) find(ctx context.Context, s *server, v view, i *item) (*item, error) {
	for n := len(i.Tries) - 1; n >= 0; n-- {
		r, err := s.receipt(ctx, i.Tries[n].Hash)
		if err != nil {
			return i, err
		}
		if r != nil {
			return c.change(i, func(i *item) { i.State, i.Mined = Mined, i.Tries[n].Hash })
		}
	}
	if v.nonce > i.Nonce {
		return c.overtaken(ctx, s, v, i)
	}
	known, err := s.knows(ctx, i.last().Hash)
	if err != nil {
		return i, err
	}
	if !known {
		// The server lost it, or it is another one.
		var hash common.Hash
		if err := s.call(ctx, &hash, "eth_sendRawTransaction", i.last().Raw); isAnswer(err) {
			c.note(i, err.Error())
		} else if err != nil {
			return i, err
		}
	}
	return c.hurry(v, i)
}

// overtaken deals with an item whose nonce a transaction from elsewhere has
// used. Once that is confirmed, none of the tries can ever be mined, and the
// item starts over with a new nonce.
func (c *Client) overtaken(ctx context.Context, s *server, v view, i *item) (*item, error) {
	if v.head.Number < c.cfg.Confirmations {
		return i, nil
	}
	n, err := s.nonce(ctx, c.self, hexutil.EncodeUint64(v.head.Number-c.cfg.Confirmations))
	if err != nil {
		return i, err
	}
	if n <= i.Nonce {
		return i, nil
	}
	// Once more, now that the answer cannot have been on its way: a server may
	// know a block before it can find receipts in it.
	for _, t := range i.Tries {
		r, err := s.receipt(ctx, t.Hash)
		if err != nil || r != nil {
			return i, err
		}
	}
	c.cfg.Log.Warn("another program uses this account; a transaction starts over", "intent", i.ID, "nonce", i.Nonce)
	return c.change(i, func(i *item) { i.State, i.Tries, i.Nonce, i.Gas = Queued, nil, 0, 0 })
}

// confirm makes a mined item final once its block has enough confirmations and
// the state has it too, or takes it back when its block is gone.
func (c *Client) confirm(ctx context.Context, s *server, v view, i *item) (*item, error) {
	r, err := s.receipt(ctx, i.Mined)
	if err != nil {
		return i, err
	}
	if r == nil {
		return c.change(i, func(i *item) { i.State, i.Mined = Sent, common.Hash{} })
	}
	number := r.BlockNumber.Uint64()
	if number > v.head.Number || v.head.Number-number+1 < c.cfg.Confirmations || c.Healthy().Tip < number {
		return i, nil
	}
	b, err := s.blockAt(ctx, number)
	if err != nil {
		return i, err
	}
	if b.Hash != r.BlockHash {
		return i, nil // the server is between two chains
	}
	redeemed, refunded, err := moved(r.Logs, c.cfg.Contract)
	if err != nil {
		return i, err
	}
	price := r.EffectiveGasPrice
	if price == nil || price.Sign() < 0 {
		return i, fmt.Errorf("%w: a receipt without a price", ErrBadAnswer)
	}
	receipt := &Receipt{
		ID: i.ID, Kind: i.Kind, Hash: i.Mined, Block: number, BlockHash: r.BlockHash,
		GasUsed: r.GasUsed, Fee: new(big.Int).Mul(price, new(big.Int).SetUint64(r.GasUsed)),
		Redeemed: redeemed, Refunded: refunded, OK: r.Status == types.ReceiptStatusSuccessful,
	}
	return c.change(i, func(i *item) {
		i.State, i.Receipt = Done, receipt
		if !receipt.OK {
			i.State, i.Why = Failed, "refused in block "+fmt.Sprint(number)
		}
	})
}
