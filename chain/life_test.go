package chain_test

import (
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
)

// total is all test$ of some accounts, wherever they are, read from the chain
// without the client: wallets, and the contract's own wallet, in which deposits
// and channels are.
func total(t *testing.T, c *chaintest.Chain, accounts ...common.Address) *big.Int {
	sum := c.Tokens(t, c.Info().Contract)
	for _, a := range accounts {
		sum.Add(sum, c.Tokens(t, a))
	}
	return sum
}

func TestLife(t *testing.T) {
	c := chaintest.New(t)
	renterKey, payeeKey := c.Account(t), c.Account(t)
	renter, payee := running(t, config(c, renterKey)), running(t, config(c, payeeKey))
	r, p := renter.Address(), payee.Address()
	before := total(t, c, r, p)
	d := newDeal(t, c, renterKey, payeeKey)
	id := renter.ID(d.terms)

	rec, err := renter.Deposit("first", units(100))
	if got := wait(t, renter, rec, err); got.Kind != chain.KindDeposit || got.Redeemed.Sign() != 0 {
		t.Errorf("deposit: %+v", got)
	}
	b := renter.Balances(r)
	equal(t, "deposited", b.Deposited, units(100))
	equal(t, "confirmed", b.Confirmed, units(100))
	until(t, renter, "the wallet is read", func() bool {
		b := renter.Balances(r)
		return b.Wallet != nil && b.Wallet.Cmp(units(900)) == 0 && b.Coin.Sign() > 0
	})

	// The payee opens, and is repaid.
	o, sig := d.openFor(t, c, payee, units(50), units(1))
	rec, err = payee.SubmitOpenFor(o, sig, big.NewInt(300_000))
	opened := wait(t, payee, rec, err)
	ch, ok := payee.Channel(id)
	if !ok || ch.Phase != chain.Open || ch.Terms != d.terms || ch.Confirmations < 1 || ch.OpenedAt != opened.Block || !ch.ClosesAt.IsZero() {
		t.Fatalf("after opening: %+v", ch)
	}
	equal(t, "channel", ch.Amount, units(50))
	equal(t, "channel, confirmed", ch.ConfirmedAmount, units(50))
	equal(t, "renter's rest", payee.Balances(r).Deposited, big.NewInt(49_700_000))
	equal(t, "payee's fee", payee.Balances(p).Deposited, big.NewInt(300_000))

	rec, err = renter.TopUp("more", d.terms, units(10))
	wait(t, renter, rec, err)

	// A part of a voucher, then all of a later one with the closing.
	red := d.voucher(t, payee, units(20))
	red.Amount = units(15)
	rec, err = payee.Redeem(red)
	equal(t, "redeemed", wait(t, payee, rec, err).Redeemed, units(15))
	if ch, _ = payee.Channel(id); ch.Rest().Cmp(units(45)) != 0 {
		t.Errorf("after redeeming: %+v", ch)
	}
	rec, err = payee.Settle(d.voucher(t, payee, units(22)))
	got := wait(t, payee, rec, err)
	equal(t, "settled", got.Redeemed, units(7))
	equal(t, "came back", got.Refunded, units(38))
	ch, _ = payee.Channel(id)
	if ch.Phase != chain.Closed || ch.Rest().Sign() != 0 {
		t.Errorf("after closing: %+v", ch)
	}
	equal(t, "redeemed in total", ch.Redeemed, units(22))

	// Both see the same, and what the contract says.
	until(t, renter, "the renter hears of the closing", func() bool {
		ch, ok := renter.Channel(id)
		return ok && ch.Phase == chain.Closed
	})
	for _, cl := range []*chain.Client{renter, payee} {
		for _, a := range []common.Address{r, p} {
			equal(t, "deposited", cl.Balances(a).Deposited, c.Deposited(t, a))
		}
		if of := cl.ChannelsOf(r); len(of) != 1 || of[0].ID != id {
			t.Errorf("channels of the renter: %+v", of)
		}
	}

	rec, err = renter.Withdraw("all", c.Deposited(t, r), r)
	wait(t, renter, rec, err)
	rec, err = payee.Withdraw("all", c.Deposited(t, p), p)
	wait(t, payee, rec, err)
	equal(t, "renter in the end", c.Tokens(t, r), big.NewInt(977_700_000))
	equal(t, "payee in the end", c.Tokens(t, p), big.NewInt(1_022_300_000))
	equal(t, "the sum", total(t, c, r, p), before)
	equal(t, "left in the contract", c.Tokens(t, c.Info().Contract), new(big.Int))

	stranger := address(c.EmptyAccount(t))
	rec, err = renter.SendTokens("gift", units(3), stranger)
	wait(t, renter, rec, err)
	rec, err = renter.SendCoin("gift", big.NewInt(12345), stranger)
	wait(t, renter, rec, err)
	equal(t, "tokens of the stranger", c.Tokens(t, stranger), units(3))
	if coin, err := c.Eth.BalanceAt(t.Context(), stranger, nil); err != nil || coin.Int64() != 12345 {
		t.Errorf("coin of the stranger: %v, %v", coin, err)
	}
	if fee := renter.Fee(chain.GasRedeem); fee.Sign() <= 0 {
		t.Errorf("a fee of %v", fee)
	}
}

func TestClosingWithoutPayee(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	cl := running(t, config(c, key))
	d := newDeal(t, c, key, c.Account(t))
	rec, err := cl.Deposit("d", units(10))
	wait(t, cl, rec, err)
	rec, err = cl.OpenChannel(d.terms, units(4))
	wait(t, cl, rec, err)
	rec, err = cl.StartClose(d.terms)
	wait(t, cl, rec, err)
	ch, _ := cl.Channel(cl.ID(d.terms))
	if left := ch.ClosesAt.Sub(cl.Time()); ch.Phase != chain.Closing || left <= 0 || left > time.Hour {
		t.Fatalf("closing in %v: %+v", left, ch)
	}
	// A window does not keep the payee from what is its own.
	payee := running(t, config(c, d.payee))
	rec, err = payee.Redeem(d.voucher(t, payee, units(1)))
	wait(t, payee, rec, err)

	// Too early: given up without being sent.
	rec, err = cl.Finalize(d.terms)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		tip := cl.Healthy().Tip
		c.Blocks(t, 1)
		until(t, cl, "the next block", func() bool { return cl.Healthy().Tip > tip })
	}
	if _, err := waitFor(t, cl, rec); !errors.Is(err, chain.ErrFailed) {
		t.Fatalf("finalized early: %v", err)
	}
	c.Pass(t, time.Hour)
	rec, err = cl.Finalize(d.terms)
	equal(t, "came back", wait(t, cl, rec, err).Refunded, units(3))
	equal(t, "deposited", cl.Balances(cl.Address()).Deposited, units(9))
}

func TestConfirmations(t *testing.T) {
	c := chaintest.New(t, chaintest.Manual())
	key := c.Account(t)
	cfg := config(c, key)
	cfg.Confirmations = 3
	cl := running(t, cfg)
	mine := func() {
		head, err := c.Mine(1)
		if err != nil {
			t.Fatal(err)
		}
		until(t, cl, "the next block", func() bool { return cl.Healthy().Tip == head })
	}
	state := func(id string) chain.ItemState {
		for _, i := range cl.Items() {
			if i.ID == id {
				return i.State
			}
		}
		return ""
	}
	dep, err := cl.Deposit("d", units(10))
	if err != nil {
		t.Fatal(err)
	}
	// A block may come before a transaction has found its way through the pool.
	mineUntil := func(what string, ok func() bool) {
		t.Helper()
		for n := 0; !ok(); n++ {
			if n > 500 {
				t.Fatalf("never happened: %s: %+v", what, cl.Items())
			}
			mine()
		}
	}
	mineUntil("the approval is mined", func() bool { return state("approve") == chain.Mined || state("approve") == chain.Done })
	mineUntil("the deposit is mined", func() bool { return cl.Balances(cl.Address()).Deposited.Sign() > 0 })
	for n := 1; n <= 3; n++ {
		if n > 1 {
			mine()
		}
		b := cl.Balances(cl.Address())
		equal(t, "deposited", b.Deposited, units(10))
		want := new(big.Int)
		if n == 3 {
			want = units(10)
		}
		equal(t, "confirmed", b.Confirmed, want)
		until(t, cl, "the deposit is mined", func() bool { s := state(dep); return s == chain.Mined || s == chain.Done })
		if _, ok, _ := cl.Receipt(dep); ok && n < 3 {
			t.Errorf("final after %d confirmations", n)
		}
	}
	wait(t, cl, dep, nil)

	d := newDeal(t, c, key, c.Account(t))
	id := cl.ID(d.terms)
	open, err := cl.OpenChannel(d.terms, units(5))
	if err != nil {
		t.Fatal(err)
	}
	mineUntil("the channel is open", func() bool { _, ok := cl.Channel(id); return ok })
	if state(open) == chain.Done {
		t.Errorf("final at once")
	}
	for n := uint64(1); n <= 4; n++ {
		if n > 1 {
			mine()
		}
		ch, ok := cl.Channel(id)
		if !ok || ch.Confirmations != n {
			t.Fatalf("%d confirmations, want %d", ch.Confirmations, n)
		}
		equal(t, "channel", ch.Amount, units(5))
		want := new(big.Int)
		if n >= 3 {
			want = units(5)
		}
		equal(t, "channel, confirmed", ch.ConfirmedAmount, want)
		equal(t, "the rest is not to be relied upon twice", cl.Balances(cl.Address()).Confirmed, units(5))
	}
}
