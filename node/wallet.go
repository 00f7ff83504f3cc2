package node

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/market"
	"github.com/ethereum/go-ethereum/common"
)

// Wallet says what the node's account has and what its signer may still spend.
func (n *Node) Wallet(context.Context) (Wallet, error) {
	d := n.profile.Decimals
	b := n.chain.Balances(common.Address(n.notary.Account()))
	spent, limits := n.notary.Spent(n.cfg.Now())
	w := Wallet{
		Account: n.notary.Account(), Symbol: n.profile.Symbol,
		Wallet: money(b.Wallet, d), Deposited: money(n.renter.Free(), d), InChannels: money(n.renter.Locked(), d),
		SpentToday: spent, LimitDay: limits.PerDay, LimitLease: limits.PerLease, NewPhrase: n.id.made,
	}
	if b.Coin != nil {
		w.Coin = money(b.Coin, market.AmountDecimals)
	}
	return w, nil
}

// Fund brings play money from a local network's faucet, deposits it and waits
// until it can be spent.
func (n *Node) Fund(ctx context.Context) (Wallet, error) {
	if !n.profile.Local {
		return Wallet{}, fmt.Errorf("%w: only a local network has a faucet; send %s to %s", ErrBadRequest, n.profile.Symbol, n.notary.Account())
	}
	if err := n.faucet(ctx); err != nil {
		return Wallet{}, err
	}
	if err := n.deposit(ctx); err != nil {
		return Wallet{}, err
	}
	return n.Wallet(ctx)
}

// fundLoop gives a node of a local network the play money that it lacks: coin
// for fees, and for a node that does not sell a deposit to spend. It tries until
// it has both, for the chain may come later than the node.
func (n *Node) fundLoop(ctx context.Context) {
	if !n.profile.Local {
		return
	}
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := n.fundOnce(ctx)
		n.mu.Lock()
		n.funding = err
		n.mu.Unlock()
		if err == nil || ctx.Err() != nil {
			return
		}
		n.cfg.Log.Debug("no test money yet", "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

func (n *Node) fundOnce(ctx context.Context) error {
	select {
	case <-n.chain.Ready():
	case <-ctx.Done():
		return ctx.Err()
	}
	b, err := n.balances(ctx)
	if err != nil {
		return err
	}
	if b.Coin.Sign() == 0 {
		if err := n.faucet(ctx); err != nil {
			return err
		}
	}
	if n.seller != nil || b.Deposited.Sign() > 0 || len(n.renter.Channels()) > 0 {
		return nil
	}
	return n.deposit(ctx)
}

// balances waits until the account's balances were read.
func (n *Node) balances(ctx context.Context) (chain.Balances, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		changed := n.chain.Changed()
		if b := n.chain.Balances(common.Address(n.notary.Account())); b.Coin != nil && b.Wallet != nil {
			return b, nil
		}
		select {
		case <-changed:
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return chain.Balances{}, fmt.Errorf("%w: the chain does not answer: %w", ErrNoNetwork, ctx.Err())
		}
	}
}

func (n *Node) faucet(ctx context.Context) error {
	var err error
	for _, url := range n.profile.RPC {
		if err = chain.Faucet(ctx, url, common.Address(n.notary.Account())); err == nil {
			return nil
		}
	}
	return err
}

// deposit locks all tokens of the wallet into the deposit and waits until they
// can be spent. A deposit already on its way counts.
func (n *Node) deposit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var all *big.Int
	for all == nil || all.Sign() == 0 {
		b, err := n.balances(ctx)
		if err != nil {
			return err
		}
		if all = b.Wallet; all.Sign() == 0 {
			if b.Deposited.Sign() > 0 {
				return nil
			}
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("deposit: no tokens came: %w", ctx.Err())
			}
		}
	}
	id, err := n.chain.Deposit(fmt.Sprintf("%d-%s", n.chain.Healthy().Tip, all), all)
	if err != nil {
		return fmt.Errorf("deposit: %w", err)
	}
	if _, err := n.chain.Wait(ctx, id); err != nil {
		return fmt.Errorf("deposit: %w", err)
	}
	return nil
}

// Settle closes every channel that serves no running lease and waits until the
// chain shows it: what providers did not earn is back in the deposit.
func (n *Node) Settle(ctx context.Context) error {
	for {
		changed := n.chain.Changed()
		open, err := n.renter.CloseIdle(ctx)
		if open == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%d channels are not settled yet: %w", open, ctx.Err()), err)
		}
	}
}
