package devchain

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/params"
	"golang.org/x/time/rate"

	"github.com/etal-cloud/etal/chain/contracts/testtoken"
)

// Grant is what the faucet gave. The JSON form is the answer of etal_faucet.
type Grant struct {
	// Coin is what was given for gas, in wei.
	Coin *hexutil.Big `json:"coin"`
	// Tokens is what was minted, in base units of test$.
	Tokens *hexutil.Big `json:"tokens"`
	// Transactions are the hashes, mined when the answer comes.
	Transactions []common.Hash `json:"transactions"`
}

// Limits of the faucet beyond Config.FaucetEvery.
const (
	faucetBurst     = 3
	faucetPerSecond = 20   // over all addresses
	faucetRemember  = 4096 // addresses whose limits are kept
	faucetTimeout   = 25 * time.Second
)

// faucet gives, one request at a time.
type faucet struct {
	chain *Chain
	key   *ecdsa.PrivateKey

	sending sync.Mutex // held while nonces are used; see send
	next    uint64     // nonce after the last that was sent; guarded by sending

	mu    sync.Mutex // guards the following fields
	all   *rate.Limiter
	limit map[common.Address]*rate.Limiter
}

func newFaucet(c *Chain, key *ecdsa.PrivateKey) *faucet {
	return &faucet{
		chain: c,
		key:   key,
		all:   rate.NewLimiter(faucetPerSecond, faucetPerSecond),
		limit: make(map[common.Address]*rate.Limiter),
	}
}

// faucetAPI is what JSON-RPC shows of the faucet: its exported methods.
type faucetAPI struct{ f *faucet }

// Faucet is etal_faucet(address): it sends coin and mints test$, and answers
// when both are mined.
func (a *faucetAPI) Faucet(ctx context.Context, to common.Address) (*Grant, error) {
	if err := a.f.allow(to, time.Now()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, faucetTimeout)
	defer cancel()
	return a.f.give(ctx, to, a.f.chain.cfg.FaucetCoin, a.f.chain.cfg.FaucetTokens)
}

// Fund gives an account coin (wei) and test$ (base units) without the limits
// of the faucet, and returns when both are mined. On a Manual chain it mines
// them itself.
func (c *Chain) Fund(ctx context.Context, to common.Address, coin, tokens *big.Int) error {
	_, err := c.faucet.give(ctx, to, coin, tokens)
	return err
}

// allow spends one request of the address's and of everyone's allowance.
func (f *faucet) allow(to common.Address, now time.Time) error {
	every := f.chain.cfg.FaucetEvery
	if every < 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.limit[to]
	if l == nil {
		if len(f.limit) >= faucetRemember {
			f.forget(now)
		}
		l = rate.NewLimiter(rate.Every(every), faucetBurst)
		f.limit[to] = l
	}
	// The address's limit first: one that has no turn must not use up others'.
	if !l.AllowN(now, 1) {
		return fmt.Errorf("%w: this address again in %v", ErrFaucetBusy, every)
	}
	if !f.all.AllowN(now, 1) {
		return fmt.Errorf("%w: again in a second", ErrFaucetBusy)
	}
	return nil
}

// forget drops the limits that have recovered, or all where none has: the limit
// over all addresses still holds.
func (f *faucet) forget(now time.Time) {
	for a, l := range f.limit {
		if l.TokensAt(now) >= faucetBurst {
			delete(f.limit, a)
		}
	}
	if len(f.limit) >= faucetRemember {
		clear(f.limit)
	}
}

func (f *faucet) give(ctx context.Context, to common.Address, coin, tokens *big.Int) (*Grant, error) {
	if to == (common.Address{}) {
		return nil, fmt.Errorf("%w: the zero address belongs to nobody", ErrConfig)
	}
	f.chain.mu.Lock()
	client := f.chain.client
	f.chain.mu.Unlock()
	if client == nil {
		return nil, ErrNotReady
	}
	txs, err := f.send(ctx, client, to, coin, tokens)
	if err != nil {
		return nil, fmt.Errorf("faucet: %w", err)
	}
	if f.chain.cfg.Mining == Manual {
		if _, err := f.chain.Mine(1); err != nil {
			return nil, fmt.Errorf("faucet: %w", err)
		}
	}
	g := &Grant{Coin: (*hexutil.Big)(coin), Tokens: (*hexutil.Big)(tokens)}
	for _, tx := range txs {
		if err := mined(ctx, client, tx.Hash()); err != nil {
			return nil, fmt.Errorf("faucet: %w", err)
		}
		g.Transactions = append(g.Transactions, tx.Hash())
	}
	return g, nil
}

// send signs and sends both transactions. Only one caller at a time does, so
// that no two use the same nonce; waiting for blocks is done outside.
func (f *faucet) send(ctx context.Context, client *ethclient.Client, to common.Address, coin, tokens *big.Int) ([]*types.Transaction, error) {
	f.sending.Lock()
	defer f.sending.Unlock()
	nonce, err := f.nonce(ctx, client)
	if err != nil {
		return nil, err
	}
	head, err := client.HeaderByNumber(ctx, nil)
	if err != nil {
		return nil, err
	}
	tip := big.NewInt(params.GWei)
	feeCap := new(big.Int).Add(tip, new(big.Int).Mul(head.BaseFee, big.NewInt(4)))
	signer := types.LatestSignerForChainID(new(big.Int).SetUint64(f.chain.info.ChainID))
	var txs []*types.Transaction
	add := func(to common.Address, value *big.Int, gas uint64, data []byte) error {
		tx, err := types.SignNewTx(f.key, signer, &types.DynamicFeeTx{
			Nonce: nonce + uint64(len(txs)), GasTipCap: tip, GasFeeCap: feeCap,
			To: &to, Value: value, Gas: gas, Data: data,
		})
		if err != nil {
			return err
		}
		txs = append(txs, tx)
		if err := client.SendTransaction(ctx, tx); err != nil {
			return err
		}
		f.next = tx.Nonce() + 1
		return nil
	}
	if coin.Sign() > 0 {
		// More than a plain transfer needs: the receiver may be a contract.
		if err := add(to, coin, 60_000, nil); err != nil {
			return nil, err
		}
	}
	if tokens.Sign() > 0 {
		mint, err := testtoken.NewTestToken().TryPackMint(to, tokens)
		if err != nil {
			return nil, err
		}
		if err := add(TokenAddress, new(big.Int), 120_000, mint); err != nil {
			return nil, err
		}
	}
	return txs, nil
}

// nonce returns the next nonce. For a moment after a block the pool forgets what
// is pending, so an answer below what was sent is asked again; one that stays is
// true: a fork took those transactions back. The caller holds f.sending.
func (f *faucet) nonce(ctx context.Context, client *ethclient.Client) (n uint64, err error) {
	for range 50 {
		if n, err = client.PendingNonceAt(ctx, addressOf(f.key)); err != nil || n >= f.next {
			return n, err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return n, nil
}

// mined waits until a transaction is in a block and has succeeded.
func mined(ctx context.Context, client *ethclient.Client, tx common.Hash) error {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for {
		r, err := client.TransactionReceipt(ctx, tx)
		switch {
		case err == nil && r.Status == types.ReceiptStatusSuccessful:
			return nil
		case err == nil:
			return fmt.Errorf("transaction %v failed", tx)
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, ethereum.NotFound) && !indexing(err):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// indexing reports whether a node could not say yet whether it has a
// transaction: its index is being built in the background.
func indexing(err error) bool {
	var coded interface{ ErrorCode() int }
	return errors.As(err, &coded) && coded.ErrorCode() == -32000
}
