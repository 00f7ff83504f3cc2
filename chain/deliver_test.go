package chain_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
)

func TestIntents(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	cl := running(t, config(c, key))
	a, err := cl.Deposit("a", units(5))
	wait(t, cl, a, err)
	if again, err := cl.Deposit("a", units(5)); err != nil || again != a {
		t.Errorf("the same again: %q, %v", again, err)
	}
	if _, err := cl.Deposit("a", units(6)); !errors.Is(err, chain.ErrConflict) {
		t.Errorf("another amount: %v", err)
	}
	b, err := cl.Deposit("b", units(5))
	wait(t, cl, b, err)
	equal(t, "deposited", cl.Balances(cl.Address()).Deposited, units(10))

	// What the contract refuses fails with its word, and may be tried again.
	doomed, err := cl.Withdraw("too much", units(11), cl.Address())
	if err != nil {
		t.Fatal(err)
	}
	until(t, cl, "it is given up", func() bool { c.Blocks(t, 1); _, ok, _ := cl.Receipt(doomed); return ok })
	if r, err := waitFor(t, cl, doomed); !errors.Is(err, chain.ErrFailed) || r.Hash != ([32]byte{}) || !strings.Contains(err.Error(), "InsufficientBalance") {
		t.Errorf("%+v, %v", r, err)
	}
	third, err := cl.Deposit("c", units(1))
	wait(t, cl, third, err)
	again, err := cl.Withdraw("too much", units(11), cl.Address())
	wait(t, cl, again, err)
	equal(t, "deposited in the end", cl.Balances(cl.Address()).Deposited, new(big.Int))

	if _, err := waitFor(t, cl, "nothing/like/it"); !errors.Is(err, chain.ErrUnknown) {
		t.Errorf("an unknown intent: %v", err)
	}
	items := cl.Items()
	if len(items) != 5 || items[0].ID != "approve" || items[4].State != chain.Done {
		t.Errorf("items: %+v", items)
	}
	d := newDeal(t, c, key, c.EmptyAccount(t))
	o, sig := d.openFor(t, c, cl, units(1), units(1))
	red := d.voucher(t, cl, units(1))
	for name, f := range map[string]func() (string, error){
		"no amount":             func() (string, error) { return cl.Deposit("x", nil) },
		"nothing":               func() (string, error) { return cl.Deposit("x", new(big.Int)) },
		"less":                  func() (string, error) { return cl.Withdraw("x", big.NewInt(-1), cl.Address()) },
		"no name":               func() (string, error) { return cl.Deposit("", units(1)) },
		"nobody":                func() (string, error) { return cl.Withdraw("x", units(1), [20]byte{}) },
		"nobody's tokens":       func() (string, error) { return cl.SendTokens("x", units(1), [20]byte{}) },
		"nobody's coin":         func() (string, error) { return cl.SendCoin("x", units(1), [20]byte{}) },
		"97 bits":               func() (string, error) { return cl.OpenChannel(d.terms, new(big.Int).Lsh(big.NewInt(1), 96)) },
		"257 bits":              func() (string, error) { return cl.Deposit("x", new(big.Int).Lsh(big.NewInt(1), 256)) },
		"a fee over the cap":    func() (string, error) { return cl.SubmitOpenFor(o, sig, units(2)) },
		"no fee":                func() (string, error) { return cl.SubmitOpenFor(o, sig, nil) },
		"a cut signature":       func() (string, error) { return cl.SubmitOpenFor(o, sig[:64], units(1)) },
		"an unsigned amount":    func() (string, error) { o := o; o.Amount = units(2); return cl.SubmitOpenFor(o, sig, units(1)) },
		"more than the voucher": func() (string, error) { r := red; r.Amount = units(2); return cl.Redeem(r) },
		"another channel's voucher": func() (string, error) {
			r := red
			r.Terms.Salt[31]++
			return cl.Redeem(r)
		},
		"another signature": func() (string, error) { r := red; r.Sig = sig; return cl.Settle(r) },
		"another token": func() (string, error) {
			terms := d.terms
			terms.Token = [20]byte{1}
			return cl.OpenChannel(terms, units(1))
		},
	} {
		if id, err := f(); !errors.Is(err, chain.ErrConfig) {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
	if len(cl.Items()) != 5 {
		t.Errorf("something impossible was queued: %+v", cl.Items())
	}
}

// TestLostAnswers loses what is sent, or the answers, in turn.
func TestLostAnswers(t *testing.T) {
	for name, v := range map[string]verdict{
		"the request": {cut: true},
		"the answer":  {mute: true},
		"a refusal":   {fault: `{"code":-32000,"message":"go away"}`},
		"an untruth":  {result: `"0x0000000000000000000000000000000000000000000000000000000000000001"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := chaintest.New(t)
			p := newProxy(t, c.RPC())
			cfg := config(c, c.Account(t))
			cfg.RPC = []string{p.URL}
			cl := running(t, cfg)
			n := 0
			p.set(func(method string, _ json.RawMessage) verdict {
				if n++; method == "eth_sendRawTransaction" && n%3 != 0 {
					return v
				}
				return verdict{}
			})
			for i := range int64(3) {
				rec, err := cl.Deposit(string(rune('a'+i)), units(i+1))
				wait(t, cl, rec, err)
			}
			equal(t, "deposited", c.Deposited(t, cl.Address()), units(6))
			if sent, err := c.Eth.NonceAt(t.Context(), cl.Address(), nil); err != nil || sent != 4 {
				t.Errorf("%d transactions, want 4, %v", sent, err)
			}
		})
	}
}

// fakeClock stands still unless told; waiting is real, so that rounds go on.
type fakeClock struct{ now atomic.Int64 }

func (f *fakeClock) Now() time.Time                         { return time.Unix(f.now.Load(), 0) }
func (f *fakeClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// TestBump raises the fee of a transaction that no block takes. Whichever try is
// mined in the end, it is mined once.
func TestBump(t *testing.T) {
	c := chaintest.New(t, chaintest.Manual())
	clock := new(fakeClock)
	cfg := config(c, c.Account(t))
	cfg.Clock, cfg.BumpAfter, cfg.MaxFee = clock, 10*time.Second, big.NewInt(9*params.GWei)
	cl := running(t, cfg)
	to := address(c.EmptyAccount(t))
	id, err := cl.SendCoin("x", big.NewInt(77), to)
	if err != nil {
		t.Fatal(err)
	}
	now := func() chain.Item { return cl.Items()[0] }
	until(t, cl, "it is sent", func() bool { return now().State == chain.Sent })
	seen := map[[32]byte]bool{now().Hash: true}
	for range 3 {
		last := now().Hash
		clock.now.Add(11)
		until(t, cl, "the fee is raised", func() bool { return now().Hash != last && now().State == chain.Sent })
		seen[now().Hash] = true
	}
	if len(seen) != 4 {
		t.Errorf("tries: %v", seen)
	}
	// Not beyond the limit.
	until(t, cl, "the limit is reached", func() bool { clock.now.Add(11); return now().Trouble != "" })
	until(t, cl, "it is mined", func() bool { c.Blocks(t, 1); return now().State == chain.Done })
	r := wait(t, cl, id, nil)
	tx, _, err := c.Eth.TransactionByHash(t.Context(), r.Hash)
	if err != nil || tx.GasFeeCap().Cmp(cfg.MaxFee) > 0 || tx.GasFeeCap().Cmp(big.NewInt(4*params.GWei)) < 0 {
		t.Errorf("paid at most %v per gas, %v", tx.GasFeeCap(), err)
	}
	if coin, err := c.Eth.BalanceAt(t.Context(), to, nil); err != nil || coin.Int64() != 77 {
		t.Errorf("received %v, %v", coin, err)
	}
}

// TestOvertaken has another program use the account's nonce. The transaction
// starts over, once it can never be mined any more.
func TestOvertaken(t *testing.T) {
	c := chaintest.New(t, chaintest.Manual())
	p := newProxy(t, c.RPC())
	key := c.Account(t)
	cfg := config(c, key)
	cfg.RPC, cfg.Confirmations = []string{p.URL}, 3
	cl := running(t, cfg)
	p.set(func(method string, _ json.RawMessage) verdict {
		if method == "eth_sendRawTransaction" {
			return verdict{fault: `{"code":-32000,"message":"not today"}`}
		}
		return verdict{}
	})
	to := address(c.EmptyAccount(t))
	id, err := cl.SendCoin("x", big.NewInt(77), to)
	if err != nil {
		t.Fatal(err)
	}
	until(t, cl, "it waits", func() bool {
		i := cl.Items()[0]
		return i.State == chain.Signed && i.Trouble == "eth_sendRawTransaction: not today"
	})
	other, err := types.SignNewTx(key, types.LatestSignerForChainID(new(big.Int).SetUint64(cfg.ChainID)), &types.DynamicFeeTx{
		Nonce: 0, Gas: 21_000, GasTipCap: big.NewInt(params.GWei), GasFeeCap: big.NewInt(10 * params.GWei),
		To: &to, Value: big.NewInt(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Eth.SendTransaction(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	for n := uint64(0); n == 0; {
		c.Blocks(t, 1)
		if n, err = c.Eth.NonceAt(t.Context(), address(key), nil); err != nil {
			t.Fatal(err)
		}
	}
	p.set(nil)
	until(t, cl, "it is mined", func() bool { c.Blocks(t, 1); _, ok, _ := cl.Receipt(id); return ok })
	wait(t, cl, id, nil)
	if coin, err := c.Eth.BalanceAt(t.Context(), to, nil); err != nil || coin.Int64() != 78 {
		t.Errorf("received %v, %v", coin, err)
	}
}

// TestNoCoin keeps a transaction waiting until there is coin for its gas.
func TestNoCoin(t *testing.T) {
	c := chaintest.New(t)
	key := c.EmptyAccount(t)
	if err := c.Fund(t.Context(), address(key), new(big.Int), units(5)); err != nil {
		t.Fatal(err)
	}
	cl := running(t, config(c, key))
	id, err := cl.Deposit("d", units(5))
	if err != nil {
		t.Fatal(err)
	}
	until(t, cl, "it says what is missing", func() bool { return cl.Items()[0].Trouble != "" })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cl.Wait(ctx, id); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ended with %v", err)
	}
	if err := chain.Faucet(t.Context(), c.RPC(), address(key)); err != nil {
		t.Fatal(err)
	}
	wait(t, cl, id, nil)
	equal(t, "deposited", c.Deposited(t, address(key)), units(5))
	if err := chain.Faucet(t.Context(), deadURL(t), address(key)); !errors.Is(err, chain.ErrFaucet) {
		t.Errorf("no faucet: %v", err)
	}
}
