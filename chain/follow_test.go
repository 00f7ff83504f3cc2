package chain_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
)

// TestAwayAndBack takes the chain away while something is on its way. Answers
// stay, what is submitted meanwhile is kept, and all is done when the chain is
// back, though it has forgotten what waited.
func TestAwayAndBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "chain")
	c := chaintest.New(t, chaintest.Dir(dir))
	key := c.Account(t)
	cfg := config(c, key)
	cl := running(t, cfg)
	rec, err := cl.Deposit("one", units(5))
	wait(t, cl, rec, err)
	addr := strings.TrimPrefix(c.RPC(), "http://")
	c.Stop()
	until(t, cl, "the chain is missed", func() bool { return !cl.Healthy().OK })
	h := cl.Healthy()
	if !errors.Is(h.Err, chain.ErrUnavailable) || h.SeenAt.IsZero() || h.Tip == 0 || h.Head < h.Tip {
		t.Errorf("health while away: %+v", h)
	}
	equal(t, "deposited, while away", cl.Balances(cl.Address()).Deposited, units(5))
	two, err := cl.Deposit("two", units(6))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := cl.Receipt(two); ok || err != nil {
		t.Errorf("done without a chain: %v", err)
	}

	// A client that starts now answers too.
	late, _ := start(t, chain.Config{
		RPC: cfg.RPC, ChainID: cfg.ChainID, Contract: cfg.Contract, Token: cfg.Token, Decimals: 6,
		Store: cfg.Store, Poll: cfg.Poll,
	})
	<-late.Ready()
	equal(t, "deposited, while away, after a start", late.Balances(cl.Address()).Deposited, units(5))
	if late.Healthy().OK {
		t.Error("healthy without a chain")
	}
	if _, err := late.Deposit("x", units(1)); !errors.Is(err, chain.ErrNoKey) {
		t.Errorf("a client without a key: %v", err)
	}

	c = chaintest.New(t, chaintest.Dir(dir), chaintest.Listen(addr))
	wait(t, cl, two, nil)
	equal(t, "deposited", c.Deposited(t, cl.Address()), units(11))
	until(t, cl, "healthy again", func() bool { return cl.Healthy().OK })
}

func TestReadyNeedsAPast(t *testing.T) {
	c := chaintest.New(t)
	cfg := config(c, nil)
	cfg.RPC = []string{deadURL(t)}
	cl, _ := start(t, cfg)
	until(t, cl, "a failed round", func() bool { return cl.Healthy().Err != nil })
	select {
	case <-cl.Ready():
		t.Error("ready with nothing to answer from")
	default:
	}
}

// deadURL is one where nobody listens.
func deadURL(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

func TestOneOfThreeServers(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	cfg := config(c, key)
	flaky := newProxy(t, c.RPC())
	cfg.RPC = []string{deadURL(t), flaky.URL, c.RPC()}
	cl := running(t, cfg)
	if rpc := cl.Healthy().RPC; rpc != flaky.URL {
		t.Errorf("in use: %s", rpc)
	}
	rec, err := cl.Deposit("one", units(5))
	wait(t, cl, rec, err)
	flaky.set(func(string, json.RawMessage) verdict { return verdict{cut: true} })
	rec, err = cl.Deposit("two", units(5))
	wait(t, cl, rec, err)
	until(t, cl, "the third server is used", func() bool { return cl.Healthy().OK && cl.Healthy().RPC == c.RPC() })
	equal(t, "deposited", cl.Balances(cl.Address()).Deposited, units(10))
}

// TestReorg takes blocks back on a real chain: their effects go, and what was
// in them is sent again by whoever sent it.
func TestReorg(t *testing.T) {
	c := chaintest.New(t, chaintest.Manual())
	key := c.Account(t)
	cfg := config(c, key)
	p := newProxy(t, c.RPC())
	cfg.RPC, cfg.Confirmations = []string{p.URL}, 6
	cl, stop := start(t, cfg)
	<-cl.Ready()
	c.Blocks(t, 30)
	dep, err := cl.Deposit("d", units(10))
	if err != nil {
		t.Fatal(err)
	}
	mine := func(n int) {
		t.Helper()
		head, err := c.Mine(n)
		if err != nil {
			t.Fatal(err)
		}
		until(t, cl, "the next blocks", func() bool { return cl.Healthy().Tip == head })
	}
	deposited := func() *big.Int { return cl.Balances(cl.Address()).Deposited }
	for n := 0; deposited().Sign() == 0; n++ {
		if n > 500 {
			t.Fatalf("no deposit: %+v", cl.Items())
		}
		mine(1)
	}
	forked := cl.Healthy().Tip
	mine(1)
	// Nothing is sent while the test looks.
	p.set(func(method string, _ json.RawMessage) verdict {
		if method == "eth_sendRawTransaction" {
			return verdict{fault: `{"code":-32000,"message":"later"}`}
		}
		return verdict{}
	})
	if err := c.Fork(3); err != nil {
		t.Fatal(err)
	}
	c.Blocks(t, 4)
	until(t, cl, "the deposit is undone", func() bool { return deposited().Sign() == 0 && cl.Healthy().Tip > forked })
	equal(t, "nothing is confirmed", cl.Balances(cl.Address()).Confirmed, new(big.Int))
	p.set(nil)
	for n := 0; deposited().Sign() == 0; n++ {
		if n > 500 {
			t.Fatalf("no deposit: %+v", cl.Items())
		}
		mine(1)
	}
	if _, ok, err := cl.Receipt(dep); ok {
		t.Errorf("final before its confirmations: %v", err)
	}
	// The same again while nobody looks: a restart must find out.
	p.set(func(method string, _ json.RawMessage) verdict {
		return verdict{cut: method == "eth_sendRawTransaction"}
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	mined, err := c.Eth.TransactionReceipt(t.Context(), cl.Items()[1].Hash)
	if err != nil {
		t.Fatal(err)
	}
	depth := cl.Healthy().Tip - mined.BlockNumber.Uint64() + 1
	if err := c.Fork(depth); err != nil {
		t.Fatal(err)
	}
	c.Blocks(t, int(depth)+1)
	cl = running(t, cfg)
	equal(t, "deposited after a restart", deposited(), new(big.Int))
	p.set(nil)
	until(t, cl, "the deposit is there once more", func() bool { c.Blocks(t, 1); _, ok, _ := cl.Receipt(dep); return ok })
	wait(t, cl, dep, nil)
	equal(t, "deposited", deposited(), units(10))
	equal(t, "deposited, as the contract says", c.Deposited(t, cl.Address()), units(10))
}

// TestBehind sees a server that knows less than an earlier one: nothing is
// undone for that.
func TestBehind(t *testing.T) {
	c := chaintest.New(t, chaintest.Manual())
	p := newProxy(t, c.RPC())
	cfg := config(c, nil)
	cfg.RPC = []string{p.URL}
	cl := running(t, cfg)
	c.Blocks(t, 10)
	old, err := c.Eth.BlockNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.Blocks(t, 5)
	until(t, cl, "the head", func() bool { return cl.Healthy().Tip == old+5 })
	p.set(func(method string, params json.RawMessage) verdict {
		if method == "eth_getBlockByNumber" && strings.Contains(string(params), "latest") {
			var b json.RawMessage
			if err := c.Eth.Client().CallContext(t.Context(), &b, method, hexutil.EncodeUint64(old), false); err != nil {
				return verdict{cut: true}
			}
			return verdict{result: string(b)}
		}
		return verdict{}
	})
	until(t, cl, "the server is found out", func() bool { return errors.Is(cl.Healthy().Err, chain.ErrBehind) })
	if tip := cl.Healthy().Tip; tip != old+5 {
		t.Errorf("went back to %d", tip)
	}
	p.set(nil)
	until(t, cl, "healthy again", func() bool { return cl.Healthy().OK })
}

// TestCatchUp starts on a chain with a past of many blocks, through a server
// that refuses long ranges.
func TestCatchUp(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	first, stop := start(t, config(c, key))
	var want int64
	for i := range int64(6) {
		rec, err := first.Deposit(fmt.Sprint(i), units(i+1))
		wait(t, first, rec, err)
		want += i + 1
		c.Blocks(t, 100)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, c.RPC())
	var mu sync.Mutex
	longest := uint64(0)
	p.set(func(method string, params json.RawMessage) verdict {
		var filter []struct{ FromBlock, ToBlock *hexutil.Uint64 }
		if method == "eth_getLogs" && json.Unmarshal(params, &filter) == nil && filter[0].FromBlock != nil {
			n := uint64(*filter[0].ToBlock-*filter[0].FromBlock) + 1
			if n > 40 {
				return verdict{fault: `{"code":-32005,"message":"too many"}`}
			}
			mu.Lock()
			longest = max(longest, n)
			mu.Unlock()
		}
		return verdict{}
	})
	cfg := config(c, nil)
	cfg.RPC = []string{p.URL}
	cl := running(t, cfg)
	equal(t, "deposited", cl.Balances(address(key)).Deposited, units(want))
	mu.Lock()
	if longest == 0 {
		t.Error("no stretch was taken in at once")
	}
	mu.Unlock()
	// Few requests: not one per block.
	if n := p.count("eth_getBlockByNumber"); n > 400 {
		t.Errorf("%d blocks were asked for", n)
	}
	// What it stored is all that a restart needs, without asking again.
	asked := p.count("eth_getLogs")
	again := running(t, cfg)
	equal(t, "deposited after a restart", again.Balances(address(key)).Deposited, units(want))
	if n := p.count("eth_getLogs") - asked; n > 0 {
		t.Errorf("a restart asked for events %d times", n)
	}
}

// TestDeepReorg meets another chain in place of its own.
func TestDeepReorg(t *testing.T) {
	c := chaintest.New(t)
	c.Blocks(t, 40)
	cfg := config(c, nil)
	cl, stop := start(t, cfg)
	<-cl.Ready()
	rec := cl.Healthy().Tip
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	other := chaintest.New(t) // another faucet, hence another first block
	other.Blocks(t, 60)
	cfg.RPC = []string{other.RPC()}
	cl, _ = start(t, cfg)
	until(t, cl, "the other chain is refused", func() bool { return errors.Is(cl.Healthy().Err, chain.ErrDeepReorg) })
	if cl.Healthy().Tip == 0 || cl.Healthy().Tip > rec {
		t.Errorf("tip %d, was %d", cl.Healthy().Tip, rec)
	}
}

func TestOtherNetworks(t *testing.T) {
	c := chaintest.New(t)
	cfg := config(c, nil)
	_ = running(t, cfg)
	other := cfg
	other.Token = common.Address{1}
	if _, err := chain.New(other); !errors.Is(err, chain.ErrOtherNetwork) {
		t.Errorf("a store of another token: %v", err)
	}
	for want, change := range map[error]func(*chain.Config){
		chain.ErrOtherNetwork: func(c *chain.Config) { c.ChainID++ },
		chain.ErrNoContract:   func(c *chain.Config) { c.Contract = common.Address{1} },
	} {
		cfg := config(c, nil)
		change(&cfg)
		cl, _ := start(t, cfg)
		until(t, cl, want.Error(), func() bool { return errors.Is(cl.Healthy().Err, want) })
	}
}
