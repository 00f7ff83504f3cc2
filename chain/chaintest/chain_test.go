package chaintest_test

import (
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/chain/chaintest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, chaintest.Leaks()...) }

func TestAccounts(t *testing.T) {
	c := chaintest.New(t)
	rich := crypto.PubkeyToAddress(c.Account(t).PublicKey)
	poor := crypto.PubkeyToAddress(c.EmptyAccount(t).PublicKey)
	if n := c.Tokens(t, rich); n.Cmp(big.NewInt(1000*chaintest.Test)) != 0 {
		t.Errorf("a funded account has %v", n)
	}
	if c.Tokens(t, poor).Sign() != 0 || c.Deposited(t, rich).Sign() != 0 || c.State(t, [32]byte{1}).Amount.Sign() != 0 {
		t.Error("something from nothing")
	}
	now := c.Now(t)
	c.Pass(t, time.Hour)
	if d := c.Now(t).Sub(now); d < time.Hour {
		t.Errorf("an hour took %v", d)
	}
}

func TestTakeOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "chain")
	c := chaintest.New(t, chaintest.Dir(dir), chaintest.Manual())
	a := crypto.PubkeyToAddress(c.Account(t).PublicKey)
	c.Blocks(t, 2)
	url := c.RPC()
	c.Stop()
	c = chaintest.New(t, chaintest.Dir(dir), chaintest.Listen(url[len("http://"):]))
	if c.RPC() != url || c.Tokens(t, a).Sign() == 0 {
		t.Errorf("%s has %v; was %s", c.RPC(), c.Tokens(t, a), url)
	}
}
