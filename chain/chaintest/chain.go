package chaintest

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"
	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/contracts/testtoken"
	"github.com/etal-cloud/etal/chain/devchain"
)

// Test is one whole test$, in base units.
const Test = 1_000_000

// Chain is a running dev chain and a client of it that knows nothing of etal.
type Chain struct {
	*devchain.Chain
	// Eth is a plain Ethereum client of the chain.
	Eth *ethclient.Client
	// Stop ends the chain before the test does.
	Stop func()
}

// Option changes the chain's configuration.
type Option func(*devchain.Config)

// Manual leaves it to the test to make blocks, with Mine.
func Manual() Option { return func(c *devchain.Config) { c.Mining = devchain.Manual } }

// Dir keeps the chain in a folder, for a second New to continue.
func Dir(dir string) Option { return func(c *devchain.Config) { c.Dir = dir } }

// Listen fixes the address of the RPC server, for a second New to take over.
func Listen(addr string) Option { return func(c *devchain.Config) { c.Listen = addr } }

// New starts a chain and waits until it is ready. It ends with the test.
func New(t testing.TB, opts ...Option) *Chain {
	t.Helper()
	cfg := devchain.Config{Mining: devchain.Instant, FaucetEvery: -1}
	for _, o := range opts {
		o(&cfg)
	}
	dev, err := devchain.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- dev.Run(ctx) }()
	select {
	case <-dev.Ready():
	case err := <-done:
		cancel()
		t.Fatalf("the chain did not start: %v", err)
	}
	transport := &http.Transport{}
	r, err := rpc.DialOptions(ctx, dev.RPC(), rpc.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		cancel()
		t.Fatal(errors.Join(err, <-done))
	}
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		r.Close()
		transport.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the chain ended: %v", err)
		}
	}
	t.Cleanup(stop)
	return &Chain{Chain: dev, Eth: ethclient.NewClient(r), Stop: stop}
}

// Account makes a fresh key with ten coins and 1,000 test$.
func (c *Chain) Account(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key := c.EmptyAccount(t)
	if err := c.Fund(t.Context(), crypto.PubkeyToAddress(key.PublicKey), new(big.Int).Mul(big.NewInt(10), big.NewInt(params.Ether)), big.NewInt(1000*Test)); err != nil {
		t.Fatal(err)
	}
	return key
}

// EmptyAccount makes a fresh key that owns nothing.
func (c *Chain) EmptyAccount(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Tokens reads how many base units of test$ an address holds outside Channels.
func (c *Chain) Tokens(t testing.TB, of common.Address) *big.Int {
	t.Helper()
	token := testtoken.NewTestToken()
	n, err := token.UnpackBalanceOf(c.call(t, devchain.TokenAddress, token.PackBalanceOf(of)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Deposited reads an account's balance of test$ inside Channels.
func (c *Chain) Deposited(t testing.TB, of common.Address) *big.Int {
	t.Helper()
	contract := channels.NewChannels()
	n, err := contract.UnpackBalances(c.call(t, devchain.ContractAddress, contract.PackBalances(of, devchain.TokenAddress)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// State reads a channel's slot from the contract.
func (c *Chain) State(t testing.TB, channel [32]byte) channels.ChannelsOutput {
	t.Helper()
	contract := channels.NewChannels()
	s, err := contract.UnpackChannels(c.call(t, devchain.ContractAddress, contract.PackChannels(channel)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Pass makes a block whose time is d later.
func (c *Chain) Pass(t testing.TB, d time.Duration) {
	t.Helper()
	if err := c.AdvanceTime(d); err != nil {
		t.Fatal(err)
	}
}

// Blocks makes n blocks.
func (c *Chain) Blocks(t testing.TB, n int) {
	t.Helper()
	if _, err := c.Mine(n); err != nil {
		t.Fatal(err)
	}
}

// Now is the time of the last block.
func (c *Chain) Now(t testing.TB) time.Time {
	t.Helper()
	h, err := c.Eth.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(int64(h.Time), 0)
}

func (c *Chain) call(t testing.TB, to common.Address, data []byte) []byte {
	t.Helper()
	out, err := c.Eth.CallContract(t.Context(), ethereum.CallMsg{To: &to, Data: data}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Leaks are the goroutines that the chain's library keeps after a chain has
// ended; pass them to goleak.
func Leaks() []goleak.Option {
	return []goleak.Option{
		// Started once per process, for good.
		goleak.IgnoreAnyFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		// Ends by itself within half a minute of closing a database on disk.
		goleak.IgnoreAnyFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
	}
}
