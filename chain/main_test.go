package chain_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
	"github.com/etal-cloud/etal/chain/voucher"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, chaintest.Leaks()...) }

// patience is how long a test waits for what must happen; nothing is ever that
// slow, so running out of it is a failure and not a measurement.
const patience = 2 * time.Minute

// config is that of a client which looks at the chain all the time.
func config(c *chaintest.Chain, key *ecdsa.PrivateKey) chain.Config {
	info := c.Info()
	return chain.Config{
		RPC: []string{info.RPC}, ChainID: info.ChainID, Contract: info.Contract, Token: info.Token,
		Decimals: info.Decimals, Key: key, Store: new(chain.Memory), Poll: 5 * time.Millisecond,
	}
}

// start runs a client until the test ends or the returned function is called,
// which returns what Run returned.
func start(t testing.TB, cfg chain.Config) (*chain.Client, func() error) {
	t.Helper()
	cl, err := chain.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- cl.Run(ctx) }()
	var result error
	stopped := false
	stop := func() error {
		if !stopped {
			stopped = true
			cancel()
			result = <-done
		}
		return result
	}
	t.Cleanup(func() {
		if err := stop(); err != nil && !errors.Is(err, errCrash) {
			t.Errorf("the client ended: %v", err)
		}
	})
	return cl, stop
}

// running is start for a client that becomes ready.
func running(t testing.TB, cfg chain.Config) *chain.Client {
	t.Helper()
	cl, _ := start(t, cfg)
	select {
	case <-cl.Ready():
	case <-time.After(patience):
		t.Fatalf("not ready: %+v", cl.Healthy())
	}
	return cl
}

// until waits for a condition that a client's news may fulfil.
func until(t testing.TB, cl *chain.Client, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		changed := cl.Changed()
		if ok() {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond): // the condition may be of something else
		case <-deadline:
			t.Fatalf("never happened: %s; %+v; %+v", what, cl.Healthy(), cl.Items())
		}
	}
}

// wait waits for an intent to be done.
func wait(t testing.TB, cl *chain.Client, id string, err error) chain.Receipt {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	r, err := waitFor(t, cl, id)
	if err != nil {
		t.Fatalf("%v; %+v; %+v", err, cl.Healthy(), cl.Items())
	}
	if !r.OK || r.Hash == (common.Hash{}) || r.Fee.Sign() <= 0 || r.GasUsed == 0 {
		t.Fatalf("a receipt with holes: %+v", r)
	}
	return r
}

func waitFor(t testing.TB, cl *chain.Client, id string) (chain.Receipt, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return cl.Wait(ctx, id)
}

func address(k *ecdsa.PrivateKey) common.Address { return crypto.PubkeyToAddress(k.PublicKey) }

// units is n whole test$ in base units.
func units(n int64) *big.Int { return big.NewInt(n * chaintest.Test) }

// equal fails unless two amounts are the same.
func equal(t testing.TB, what string, got, want *big.Int) {
	t.Helper()
	if got == nil || got.Cmp(want) != 0 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// deal is a renter and a payee with a channel between them.
type deal struct {
	renter, payee, signer *ecdsa.PrivateKey
	terms                 voucher.Terms
}

var salts byte

// newDeal makes the terms of a channel between two accounts.
func newDeal(t testing.TB, c *chaintest.Chain, renter, payee *ecdsa.PrivateKey) deal {
	t.Helper()
	d := deal{renter: renter, payee: payee, signer: c.EmptyAccount(t)}
	salts++
	salt, err := voucher.NewSalt("compute", [24]byte{salts})
	if err != nil {
		t.Fatal(err)
	}
	d.terms = voucher.Terms{
		Renter: address(renter), Payee: address(payee), Signer: address(d.signer),
		Token: c.Info().Token, Window: 3600, Salt: salt,
	}
	return d
}

// voucher signs a voucher for one lease.
func (d deal) voucher(t testing.TB, cl *chain.Client, cumulative *big.Int) chain.Redemption {
	t.Helper()
	v, err := voucher.New(cl.ID(d.terms), []voucher.Part{{Lease: [32]byte{1}, Cumulative: cumulative}})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := v.Sign(cl.Domain(), d.signer)
	if err != nil {
		t.Fatal(err)
	}
	return chain.Redemption{Terms: d.terms, Voucher: v, Sig: sig, Receipts: [32]byte{7}}
}

// openFor signs an opening for the payee to submit.
func (d deal) openFor(t testing.TB, c *chaintest.Chain, cl *chain.Client, amount, feeCap *big.Int) (voucher.Open, []byte) {
	t.Helper()
	o := voucher.Open{Terms: d.terms, Amount: amount, FeeCap: feeCap, Deadline: uint64(c.Now(t).Add(time.Hour).Unix())}
	sig, err := o.Sign(cl.Domain(), d.renter)
	if err != nil {
		t.Fatal(err)
	}
	return o, sig
}
