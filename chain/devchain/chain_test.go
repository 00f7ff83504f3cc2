package devchain_test

import (
	"bufio"
	"context"
	"errors"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/etal-cloud/etal/chain/contracts/testtoken"
	"github.com/etal-cloud/etal/chain/devchain"
)

// start runs a chain until the test ends, or until the returned function is
// called.
func start(t *testing.T, cfg devchain.Config) (*devchain.Chain, func()) {
	t.Helper()
	c, err := devchain.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	select {
	case <-c.Ready():
	case err := <-done:
		cancel()
		t.Fatalf("the chain did not start: %v", err)
	}
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the chain ended: %v", err)
		}
	}
	t.Cleanup(stop)
	return c, stop
}

func dial(t *testing.T, url string) *rpc.Client {
	t.Helper()
	transport := &http.Transport{}
	c, err := rpc.DialOptions(t.Context(), url, rpc.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); transport.CloseIdleConnections() })
	return c
}

func tokens(t *testing.T, c *rpc.Client, of common.Address) *big.Int {
	t.Helper()
	token := testtoken.NewTestToken()
	at := devchain.TokenAddress
	out, err := ethclient.NewClient(c).CallContract(t.Context(), ethereum.CallMsg{To: &at, Data: token.PackBalanceOf(of)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := token.UnpackBalanceOf(out)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// alice is an address that owns nothing at the start.
var alice = common.HexToAddress("0xa11ce00000000000000000000000000000000001")

func TestFaucetOverRPC(t *testing.T) {
	c, _ := start(t, devchain.Config{ChainID: 777, Mining: devchain.Instant})
	r := dial(t, c.RPC())
	e := ethclient.NewClient(r)
	if id, err := e.ChainID(t.Context()); err != nil || id.Uint64() != 777 || c.Info().ChainID != 777 {
		t.Fatalf("chain id %v, %v", id, err)
	}
	for _, at := range []common.Address{c.Info().Contract, c.Info().Token} {
		if code, err := e.CodeAt(t.Context(), at, nil); err != nil || len(code) == 0 {
			t.Fatalf("no contract at %v: %v", at, err)
		}
	}
	var g devchain.Grant
	if err := r.CallContext(t.Context(), &g, "etal_faucet", alice); err != nil {
		t.Fatal(err)
	}
	coin, err := e.BalanceAt(t.Context(), alice, nil)
	if err != nil || coin.Cmp(g.Coin.ToInt()) != 0 || coin.Sign() == 0 {
		t.Errorf("coin %v, granted %v, %v", coin, g.Coin, err)
	}
	if n := tokens(t, r, alice); n.Cmp(big.NewInt(1000e6)) != 0 || n.Cmp(g.Tokens.ToInt()) != 0 || len(g.Transactions) != 2 {
		t.Errorf("tokens %v, granted %v by %v", n, g.Tokens, g.Transactions)
	}
	// Three at once, then it must wait; others are not affected.
	var errs []error
	for range 3 {
		errs = append(errs, r.CallContext(t.Context(), nil, "etal_faucet", alice))
	}
	if errs[0] != nil || errs[1] != nil || errs[2] == nil || !strings.Contains(errs[2].Error(), devchain.ErrFaucetBusy.Error()) {
		t.Errorf("the faucet's limit: %v", errs)
	}
	if err := r.CallContext(t.Context(), nil, "etal_faucet", common.Address{19: 2}); err != nil {
		t.Errorf("another address: %v", err)
	}
	for _, bad := range []any{common.Address{}, "0x12", "nobody", 7, nil} {
		if err := r.CallContext(t.Context(), nil, "etal_faucet", bad); err == nil {
			t.Errorf("the faucet gave to %v", bad)
		}
	}
	for _, hidden := range []string{"debug_setHead", "admin_nodeInfo", "dev_addWithdrawal", "engine_forkchoiceUpdatedV3", "testing_buildBlockV1", "miner_setExtra", "txpool_content"} {
		err := r.CallContext(t.Context(), nil, hidden)
		var coded rpc.Error
		if !errors.As(err, &coded) || coded.ErrorCode() != -32601 {
			t.Errorf("%s answers: %v", hidden, err)
		}
	}
}

func TestFaucetAtOnce(t *testing.T) {
	c, _ := start(t, devchain.Config{Mining: devchain.Instant})
	r := dial(t, c.RPC())
	errs := make(chan error)
	const n = 12
	for i := range n {
		go func() { errs <- r.CallContext(t.Context(), nil, "etal_faucet", common.Address{18: 1, 19: byte(i)}) }()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	for i := range n {
		if got := tokens(t, r, common.Address{18: 1, 19: byte(i)}); got.Cmp(big.NewInt(1000e6)) != 0 {
			t.Errorf("address %d has %v", i, got)
		}
	}
}

func TestPeriodic(t *testing.T) {
	c, _ := start(t, devchain.Config{Period: 20 * time.Millisecond})
	e := ethclient.NewClient(dial(t, c.RPC()))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		n, err := e.BlockNumber(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n >= 5 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no blocks: still at %d", n)
		}
	}
}

func TestRestartContinues(t *testing.T) {
	cfg := devchain.Config{Dir: filepath.Join(t.TempDir(), "chain"), ChainID: 99, Mining: devchain.Manual}
	c, stop := start(t, cfg)
	if err := c.Fund(t.Context(), alice, big.NewInt(5), big.NewInt(7)); err != nil {
		t.Fatal(err)
	}
	before, err := c.Mine(3)
	if err != nil {
		t.Fatal(err)
	}
	faucet := c.Info().Faucet
	if other, err := devchain.New(cfg); err != nil {
		t.Fatal(err)
	} else if err := other.Run(t.Context()); !errors.Is(err, devchain.ErrInUse) {
		t.Errorf("a second process: %v", err)
	}
	stop()
	if _, err := c.Mine(1); !errors.Is(err, devchain.ErrNotReady) {
		t.Errorf("mining on a stopped chain: %v", err)
	}

	cfg.ChainID = 100
	if _, err := devchain.New(cfg); !errors.Is(err, devchain.ErrOtherChain) {
		t.Errorf("another chain id: %v", err)
	}
	cfg.ChainID = 0
	c, _ = start(t, cfg)
	if c.Info().ChainID != 99 || c.Info().Faucet != faucet {
		t.Errorf("the identity changed: %+v", c.Info())
	}
	r := dial(t, c.RPC())
	if n, err := ethclient.NewClient(r).BlockNumber(t.Context()); err != nil || n != before {
		t.Errorf("at block %d, was at %d, %v", n, before, err)
	}
	if n := tokens(t, r, alice); n.Int64() != 7 {
		t.Errorf("alice has %v", n)
	}
}

// TestKill kills a chain's process again and again without warning. What it
// had mined must be there each time.
func TestKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "chain")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var height uint64
	for round := 1; round <= 4; round++ {
		cmd := exec.CommandContext(t.Context(), exe)
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		url, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("round %d: the child said nothing: %v", round, err)
		}
		r := dial(t, strings.TrimSpace(url))
		e := ethclient.NewClient(r)
		if n, err := e.BlockNumber(t.Context()); err != nil || n < height {
			t.Fatalf("round %d: at block %d after %d, %v", round, n, height, err)
		}
		if got, want := tokens(t, r, alice), big.NewInt(int64(round-1)*1000e6); got.Cmp(want) != 0 {
			t.Fatalf("round %d: alice has %v, want %v", round, got, want)
		}
		if err := r.CallContext(t.Context(), nil, "etal_faucet", alice); err != nil {
			t.Fatal(err)
		}
		// Past a finalised block (every 32nd) old blocks move to other files.
		for first := height; height < first+80; {
			if height, err = e.BlockNumber(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed: the error says so
	}
}

func TestForkAndTime(t *testing.T) {
	c, _ := start(t, devchain.Config{Mining: devchain.Manual})
	r := dial(t, c.RPC())
	e := ethclient.NewClient(r)
	if _, err := c.Mine(3); err != nil {
		t.Fatal(err)
	}
	if err := c.Fund(t.Context(), alice, big.NewInt(1), big.NewInt(7)); err != nil {
		t.Fatal(err)
	}
	old, err := e.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Fork(2); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Mine(3); err != nil {
		t.Fatal(err)
	}
	h, err := e.HeaderByNumber(t.Context(), old.Number)
	if err != nil || h.Hash() == old.Hash() {
		t.Errorf("block %v was not replaced: %v", old.Number, err)
	}
	if n := tokens(t, r, alice); n.Sign() != 0 {
		t.Errorf("alice kept %v", n)
	}
	if err := c.Fork(1000); !errors.Is(err, devchain.ErrConfig) {
		t.Errorf("a fork below the first block: %v", err)
	}
	head, err := e.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AdvanceTime(time.Hour); err != nil {
		t.Fatal(err)
	}
	later, err := e.HeaderByNumber(t.Context(), nil)
	if err != nil || later.Time < head.Time+3600 {
		t.Errorf("time went from %d to %d: %v", head.Time, later.Time, err)
	}
	if err := c.AdvanceTime(0); !errors.Is(err, devchain.ErrConfig) {
		t.Errorf("advance by nothing: %v", err)
	}
	// What was lost in the fork can be sent again.
	if err := c.Fund(t.Context(), alice, big.NewInt(1), big.NewInt(7)); err != nil {
		t.Fatal(err)
	}
	if n := tokens(t, r, alice); n.Int64() != 7 {
		t.Errorf("alice has %v", n)
	}
}

func TestConfig(t *testing.T) {
	for name, cfg := range map[string]devchain.Config{
		"open to the world": {Listen: "0.0.0.0:0"},
		"a name":            {Listen: "localhost:0"},
		"no port":           {Listen: "127.0.0.1"},
		"a big port":        {Listen: "127.0.0.1:70000"},
		"mining":            {Mining: "sometimes"},
		"period":            {Period: -1},
		"faucet":            {FaucetCoin: big.NewInt(-1)},
	} {
		if _, err := devchain.New(cfg); !errors.Is(err, devchain.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := devchain.New(devchain.Config{Listen: "0.0.0.0:0", AllowRemote: true}); err != nil {
		t.Errorf("allowed remote: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "devchain.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := devchain.New(devchain.Config{Dir: dir}); err == nil {
		t.Error("a broken record was accepted")
	}
}
