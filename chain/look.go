package chain

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/contracts/testtoken"
)

// token packs the calls that every token has; nothing of the test token's own is
// used.
var token = testtoken.NewTestToken()

// look reads what no event tells: fees, and what the watched accounts own
// outside the contract. Only a new head or a new account is a reason to.
func (c *Client) look(ctx context.Context, s *server, head block) error {
	c.mu.RLock()
	fresh := head.Hash != c.health.hash
	var accounts []common.Address
	for a, w := range c.watched {
		if fresh || w.wallet == nil {
			accounts = append(accounts, a)
		}
	}
	c.mu.RUnlock()
	seen := make(map[common.Address]wallet, len(accounts))
	for _, a := range accounts {
		coin, err := s.number(ctx, "eth_getBalance", a, "latest")
		if err != nil {
			return err
		}
		tokens, err := readToken(ctx, s, c.cfg.Token, a)
		if err != nil {
			return err
		}
		seen[a] = wallet{tokens, coin}
	}
	tip := c.health.tip
	if fresh {
		var err error
		if tip, err = recommendedTip(ctx, s); err != nil {
			return err
		}
	}
	c.mu.Lock()
	changed := fresh
	for a, w := range seen {
		old := c.watched[a]
		changed = changed || old.wallet == nil || old.wallet.Cmp(w.wallet) != 0 || old.coin.Cmp(w.coin) != 0
		c.watched[a] = w
	}
	c.health.Head, c.health.HeadTime = head.Number, time.Unix(int64(head.Time), 0)
	c.health.hash, c.health.base, c.health.tip = head.Hash, head.BaseFee, tip
	c.mu.Unlock()
	if changed {
		c.notify()
	}
	return nil
}

// readToken reads an account's balance of a token; of the chain's own coin when
// the token is the zero address.
func readToken(ctx context.Context, s *server, at, account common.Address) (*big.Int, error) {
	if at == (common.Address{}) {
		return s.number(ctx, "eth_getBalance", account, "latest")
	}
	data, err := token.TryPackBalanceOf(account)
	if err != nil {
		return nil, err
	}
	out, err := s.read(ctx, at, data)
	if err != nil {
		return nil, err
	}
	n, err := token.UnpackBalanceOf(out)
	if err != nil || n == nil {
		return nil, fmt.Errorf("%w: a token balance", ErrBadAnswer)
	}
	return n, nil
}

// recommendedTip asks what to pay beyond the base fee; nothing where a server
// has no opinion.
func recommendedTip(ctx context.Context, s *server) (*big.Int, error) {
	tip, err := s.number(ctx, "eth_maxPriorityFeePerGas")
	if isAnswer(err) {
		return new(big.Int), nil
	}
	return tip, err
}
