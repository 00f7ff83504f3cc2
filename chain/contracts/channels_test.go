package contracts_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/voucher"
)

func TestDepositAndWithdraw(t *testing.T) {
	s := newStall(t)
	s.equal("the balance", s.balance(s.renter.addr), budget)
	s.equal("the contract's holding", s.held(s.channels.addr), budget)

	s.token.do(s.renter.addr, "", "approve", s.channels.addr, units(100))
	o := s.channels.do(s.renter.addr, "", "depositFor", s.stranger.addr, s.token.addr, units(40))
	e := one(s, o, bind.UnpackDepositedEvent)
	if e.Account != s.stranger.addr || e.From != s.renter.addr || e.Token != s.token.addr || e.Amount.Int64() != 40 {
		t.Errorf("%+v", e)
	}
	s.equal("another's balance", s.balance(s.stranger.addr), 40)

	s.channels.do(s.renter.addr, "ERC20InsufficientAllowance", "deposit", s.token.addr, units(61))
	s.channels.do(s.renter.addr, "ZeroAmount", "deposit", s.token.addr, units(0))
	s.channels.do(s.renter.addr, "BadTerms", "depositFor", common.Address{}, s.token.addr, units(1))
	s.fund(s.renter.addr, units(5))
	s.channels.pay(s.renter.addr, units(5), "WrongValue", "deposit", s.token.addr, units(5))
	s.channels.do(s.renter.addr, "execution reverted", "deposit", s.payee.addr, units(5)) // no token there

	s.channels.do(s.stranger.addr, "InsufficientBalance", "withdraw", s.token.addr, units(41), s.stranger.addr)
	s.channels.do(s.stranger.addr, "ZeroAmount", "withdraw", s.token.addr, units(0), s.stranger.addr)
	s.channels.do(s.stranger.addr, "BadTerms", "withdraw", s.token.addr, units(1), common.Address{})
	s.channels.do(s.stranger.addr, "BadTerms", "withdraw", s.token.addr, units(1), s.channels.addr)
	o = s.channels.do(s.stranger.addr, "", "withdraw", s.token.addr, units(15), s.payee.addr)
	w := one(s, o, bind.UnpackWithdrawnEvent)
	if w.Account != s.stranger.addr || w.To != s.payee.addr || w.Amount.Int64() != 15 {
		t.Errorf("%+v", w)
	}
	s.equal("the rest", s.balance(s.stranger.addr), 25)
	s.equal("what was paid out", s.held(s.payee.addr), 15)
}

func TestCoin(t *testing.T) {
	s := newStall(t)
	coin := common.Address{}
	s.fund(s.renter.addr, units(1000))
	s.channels.pay(s.renter.addr, units(10), "WrongValue", "deposit", coin, units(11))
	s.channels.do(s.renter.addr, "WrongValue", "deposit", coin, units(11))
	s.channels.pay(s.renter.addr, units(500), "", "deposit", coin, units(500))
	if o := s.send(s.renter.addr, &s.channels.addr, units(1), nil); o.err == nil {
		t.Error("coin that nobody would own is accepted")
	}
	x := s.terms(1)
	x.Token = coin
	s.channels.do(s.renter.addr, "", "open", on(x), units(300))
	s.redeem(s.stranger, "", x, 120, 120)
	s.equal("the payee's coin", s.coin(s.payee.addr).Int64(), 120)
	s.channels.do(s.payee.addr, "", "closeByPayee", on(x))
	s.equal("the balance", s.balanceOf(s.renter.addr, coin), 380)
	s.channels.do(s.renter.addr, "", "withdraw", coin, units(380), s.renter.addr)
	s.equal("the renter's coin", s.coin(s.renter.addr).Int64(), 880)
	s.equal("the contract's coin", s.coin(s.channels.addr).Int64(), 0)
}

func TestOpen(t *testing.T) {
	s := newStall(t)
	x := s.terms(1)
	id := x.ID(s.domain)
	if got := get[[32]byte](s.channels, "channelId", on(x)); got != id {
		t.Fatalf("the contract says id %x, Go says %x", got, id)
	}
	s.channels.do(s.stranger.addr, "Unauthorized", "open", on(x), units(1))
	s.channels.do(s.renter.addr, "ZeroAmount", "open", on(x), units(0))
	s.channels.do(s.renter.addr, "InsufficientBalance", "open", on(x), units(budget+1))

	o := s.channels.do(s.renter.addr, "", "open", on(x), units(100))
	e := one(s, o, bind.UnpackOpenedEvent)
	if e.Channel != id || e.Renter != x.Renter || e.Payee != x.Payee || e.Signer != x.Signer || e.Token != x.Token ||
		e.Window != x.Window || e.Salt != x.Salt || e.Amount.Int64() != 100 {
		t.Errorf("%+v", e)
	}
	s.equal("the balance", s.balance(s.renter.addr), budget-100)
	s.channels.do(s.renter.addr, "AlreadyOpened", "open", on(x), units(100))

	for name, change := range map[string]func(*voucher.Terms){
		"no payee":     func(x *voucher.Terms) { x.Payee = common.Address{} },
		"no signer":    func(x *voucher.Terms) { x.Signer = common.Address{} },
		"pays itself":  func(x *voucher.Terms) { x.Payee = s.channels.addr },
		"short window": func(x *voucher.Terms) { x.Window = voucher.MinWindow - 1 },
		"long window":  func(x *voucher.Terms) { x.Window = voucher.MaxWindow + 1 },
		"no window":    func(x *voucher.Terms) { x.Window = 0 },
		"huge window":  func(x *voucher.Terms) { x.Window = 1<<64 - 1 },
	} {
		y := s.terms(2)
		change(&y)
		if got := s.channels.reason(s.send(s.renter.addr, &s.channels.addr, nil, s.channels.pack("open", on(y), units(1)))); got != "BadTerms" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, window := range []uint64{voucher.MinWindow, voucher.MaxWindow} {
		y := s.terms(3)
		y.Window = window
		s.channels.do(s.renter.addr, "", "open", on(y), units(1))
	}
}

func TestOpenManyIsAllOrNone(t *testing.T) {
	s := newStall(t)
	list := []channels.ChannelsTerms{on(s.terms(1)), on(s.terms(2)), on(s.terms(3))}
	amounts := []*big.Int{units(10), units(20), units(30)}
	s.channels.do(s.renter.addr, "LengthMismatch", "openMany", list, amounts[:2])
	foreign := slices.Clone(list)
	foreign[2].Renter = s.stranger.addr
	s.channels.do(s.renter.addr, "Unauthorized", "openMany", foreign, amounts)
	s.channels.do(s.renter.addr, "AlreadyOpened", "openMany", append(slices.Clone(list), list[0]), append(slices.Clone(amounts), units(1)))
	s.equal("the balance", s.balance(s.renter.addr), budget)
	o := s.channels.do(s.renter.addr, "", "openMany", list, amounts)
	if n := len(events(s, o, bind.UnpackOpenedEvent)); n != 3 {
		t.Errorf("%d opened", n)
	}
	s.equal("the balance", s.balance(s.renter.addr), budget-60)
	s.equal("the last channel", s.channel(s.terms(3)).Amount.Int64(), 30)
}

func (s *stall) openFor(from person, want string, o voucher.Open, fee int64, sig []byte) outcome {
	s.t.Helper()
	return s.channels.do(from.addr, want, "openFor", on(o.Terms), o.Amount, units(fee), o.FeeCap, o.Deadline, sig)
}

func TestOpenFor(t *testing.T) {
	s := newStall(t)
	sign := func(o voucher.Open, who person) []byte {
		t.Helper()
		sig, err := o.Sign(s.domain, who.key)
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	good := voucher.Open{Terms: s.terms(1), Amount: units(100), FeeCap: units(9), Deadline: s.now}
	sig := sign(good, s.renter)
	s.openFor(s.payee, "BadSignature", good, 5, sign(good, s.stranger))
	s.openFor(s.payee, "BadSignature", good, 5, sign(good, s.signer))
	s.openFor(s.payee, "BadSignature", good, 5, nil)
	s.openFor(s.payee, "FeeAboveCap", good, 10, sig)
	for name, change := range map[string]func(*voucher.Open){
		"more":           func(o *voucher.Open) { o.Amount = units(101) },
		"greater cap":    func(o *voucher.Open) { o.FeeCap = units(10) },
		"later":          func(o *voucher.Open) { o.Deadline++ },
		"to another":     func(o *voucher.Open) { o.Terms.Payee = s.stranger.addr },
		"another signer": func(o *voucher.Open) { o.Terms.Signer = s.stranger.addr },
	} {
		o := good
		change(&o)
		data := s.channels.pack("openFor", on(o.Terms), o.Amount, units(5), o.FeeCap, o.Deadline, sig)
		if got := s.channels.reason(s.send(s.payee.addr, &s.channels.addr, nil, data)); got != "BadSignature" {
			t.Errorf("%s: %q", name, got)
		}
	}
	poor := voucher.Open{Terms: s.terms(1), Amount: units(budget), FeeCap: units(9), Deadline: s.now}
	s.openFor(s.payee, "InsufficientBalance", poor, 1, sign(poor, s.renter))
	s.equal("the balance after refusals", s.balance(s.renter.addr), budget)

	s.now++
	s.openFor(s.payee, "Expired", good, 5, sig)
	s.now--
	o := s.openFor(s.payee, "", good, 5, sig)
	if e := one(s, o, bind.UnpackReimbursedEvent); e.Fee.Int64() != 5 || e.Submitter != s.payee.addr || e.Channel != good.Terms.ID(s.domain) {
		t.Errorf("%+v", e)
	}
	s.equal("the renter's balance", s.balance(s.renter.addr), budget-105)
	s.equal("the submitter's balance", s.balance(s.payee.addr), 5)
	s.equal("the channel", s.channel(good.Terms).Amount.Int64(), 100)

	// Neither while it is open nor after closing does the same signature open it again.
	s.openFor(s.payee, "AlreadyOpened", good, 5, sig)
	s.channels.do(s.payee.addr, "", "closeByPayee", on(good.Terms))
	s.openFor(s.payee, "AlreadyOpened", good, 5, sig)
	s.channels.do(s.renter.addr, "AlreadyOpened", "open", on(good.Terms), units(1))
	s.equal("the submitter's balance after replays", s.balance(s.payee.addr), 5)

	free := voucher.Open{Terms: s.terms(2), Amount: units(1), FeeCap: units(0), Deadline: s.now}
	if n := len(events(s, s.openFor(s.stranger, "", free, 0, sign(free, s.renter)), bind.UnpackReimbursedEvent)); n != 0 {
		t.Error("a fee of nothing is logged")
	}
}

func TestOpenForOfAnotherContractIsRefused(t *testing.T) {
	s := newStall(t)
	o := voucher.Open{Terms: s.terms(1), Amount: units(1), FeeCap: units(1), Deadline: s.now}
	for _, d := range []voucher.Domain{
		{ChainID: s.domain.ChainID + 1, Contract: s.domain.Contract}, {ChainID: s.domain.ChainID, Contract: s.token.addr},
	} {
		sig, err := o.Sign(d, s.renter.key)
		if err != nil {
			t.Fatal(err)
		}
		s.openFor(s.payee, "BadSignature", o, 0, sig)
	}
}

func TestTopUp(t *testing.T) {
	s := newStall(t)
	x := s.opened(1, 100)
	s.channels.do(s.stranger.addr, "Unauthorized", "topUp", on(x), units(1))
	s.channels.do(s.renter.addr, "ZeroAmount", "topUp", on(x), units(0))
	s.channels.do(s.renter.addr, "NotOpen", "topUp", on(s.terms(2)), units(1))
	s.channels.do(s.renter.addr, "InsufficientBalance", "topUp", on(x), units(budget))
	o := s.channels.do(s.renter.addr, "", "topUp", on(x), units(50))
	if e := one(s, o, bind.UnpackToppedUpEvent); e.Amount.Int64() != 50 || e.Total.Int64() != 150 {
		t.Errorf("%+v", e)
	}
	s.redeem(s.payee, "", x, 150, 150)
	s.channels.do(s.renter.addr, "", "topUp", on(x), units(1))
	s.redeem(s.payee, "", x, 151, 151)
	s.channels.do(s.renter.addr, "", "startClose", on(x))
	s.channels.do(s.renter.addr, "Closing", "topUp", on(x), units(1))
	s.channels.do(s.payee.addr, "", "closeByPayee", on(x))
	s.channels.do(s.renter.addr, "NotOpen", "topUp", on(x), units(1))
}

func TestTopUpBeyondTheSlotIsRefused(t *testing.T) {
	s := newStall(t)
	max96 := new(big.Int).Sub(new(big.Int).Lsh(units(1), 96), units(1))
	s.fund(s.renter.addr, new(big.Int).Lsh(units(1), 98))
	coin := common.Address{}
	s.channels.pay(s.renter.addr, new(big.Int).Lsh(units(1), 97), "", "deposit", coin, new(big.Int).Lsh(units(1), 97))
	x := s.terms(1)
	x.Token = coin
	s.channels.do(s.renter.addr, "", "open", on(x), max96)
	if o := s.send(s.renter.addr, &s.channels.addr, nil, s.channels.pack("topUp", on(x), units(1))); o.err == nil {
		t.Fatal("a channel above 2⁹⁶ wrapped around")
	}
	if got := s.channel(x).Amount; got.Cmp(max96) != 0 {
		t.Fatalf("the channel holds %s", got)
	}
}

func TestRedeem(t *testing.T) {
	s := newStall(t)
	x := s.opened(1, 100)
	o := s.redeem(s.payee, "", x, 30, 30)
	e := one(s, o, bind.UnpackRedeemedEvent)
	if e.Channel != x.ID(s.domain) || e.Payee != s.payee.addr || e.Amount.Int64() != 30 || e.Total.Int64() != 30 || e.Receipts != receipts {
		t.Errorf("%+v", e)
	}
	s.equal("the payee's holding", s.held(s.payee.addr), 30)

	// The same voucher again, an older one, and less than was taken are worth nothing.
	s.redeem(s.payee, "NothingToRedeem", x, 30, 30)
	s.redeem(s.payee, "NothingToRedeem", x, 20, 20)
	s.redeem(s.payee, "NothingToRedeem", x, 29, 50)
	s.redeem(s.payee, "NothingToRedeem", x, 0, 50)

	// Less than the voucher may be taken, and the rest later, by anybody, for the payee.
	o = s.redeem(s.payee, "", x, 45, 60)
	if e := one(s, o, bind.UnpackRedeemedEvent); e.Amount.Int64() != 15 || e.Total.Int64() != 45 {
		t.Errorf("%+v", e)
	}
	s.redeem(s.stranger, "", x, 60, 60)
	s.equal("the payee's holding", s.held(s.payee.addr), 60)
	s.equal("the stranger's holding", s.held(s.stranger.addr), 0)

	s.redeem(s.payee, "AboveVoucher", x, 71, 70)
	s.redeem(s.payee, "AboveChannel", x, 101, 101)
	s.redeem(s.payee, "AboveChannel", x, 101, 1000)
	s.redeem(s.payee, "", x, 100, 1000)
	s.equal("the payee's holding", s.held(s.payee.addr), 100)
	s.redeem(s.payee, "NotOpen", s.terms(2), 1, 1)
	s.redeem(s.payee, "AboveChannel", x, 101, 1000)
}

func TestRedeemRefusesEveryOtherSignature(t *testing.T) {
	s := newStall(t)
	x, y := s.opened(1, 100), s.opened(2, 100)
	v, sig := s.signed(x, 50)
	parts := voucher.PartsHash(v.Parts)
	try := func(name string, x voucher.Terms, cumulative int64, parts [32]byte, sig []byte) {
		t.Helper()
		data := s.channels.pack("redeem", on(x), units(50), units(cumulative), parts, [32]byte{}, sig)
		if got := s.channels.reason(s.send(s.payee.addr, &s.channels.addr, nil, data)); got != "BadSignature" {
			t.Errorf("%s: %q", name, got)
		}
	}
	try("other channel", y, 50, parts, sig)
	try("greater total", x, 51, parts, sig)
	try("other parts", x, 50, [32]byte{1}, sig)
	for _, who := range []person{s.renter, s.payee, s.stranger} {
		_, forged := s.signedBy(who, x, 50)
		try("signed by another", x, 50, parts, forged)
	}
	n := crypto.S256().Params().N
	high := slices.Clone(sig)
	new(big.Int).Sub(n, new(big.Int).SetBytes(sig[32:64])).FillBytes(high[32:64])
	high[64] = 27 + 28 - high[64]
	try("high s", x, 50, parts, high)
	raw := slices.Clone(sig)
	raw[64] -= 27
	try("raw v", x, 50, parts, raw)
	try("short", x, 50, parts, sig[:64])
	try("long", x, 50, parts, append(slices.Clone(sig), 0))
	try("nothing", x, 50, parts, nil)
	try("zeroes", x, 50, parts, make([]byte, 65))
	try("ones", x, 50, parts, bytes.Repeat([]byte{0xff}, 65))
	for _, d := range []voucher.Domain{
		{ChainID: s.domain.ChainID + 1, Contract: s.domain.Contract}, {ChainID: s.domain.ChainID, Contract: s.token.addr},
	} {
		foreign, err := v.Sign(d, s.signer.key)
		if err != nil {
			t.Fatal(err)
		}
		try("other domain", x, 50, parts, foreign)
	}
	s.equal("the payee's holding", s.held(s.payee.addr), 0)
}

// The contract accepts what Go signs, over many keys, terms, amounts and part lists.
func TestContractAcceptsGoSignatures(t *testing.T) {
	s := newStall(t)
	for n := byte(1); n <= 20; n++ {
		x := s.terms(n)
		signer := newPerson(t, "signer "+string('a'+rune(n)))
		x.Signer, x.Window = signer.addr, voucher.MinWindow+uint64(n)
		s.channels.do(s.renter.addr, "", "open", on(x), units(1_000_000))
		var parts []voucher.Part
		for i := byte(0); i < n; i++ {
			parts = append(parts, voucher.Part{Lease: crypto.Keccak256Hash([]byte{i, n}), Cumulative: units(int64(n) * int64(i))})
		}
		parts = append(parts, voucher.Part{Lease: [32]byte{1}, Cumulative: units(1)})
		v, err := voucher.New(x.ID(s.domain), parts)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := v.Sign(s.domain, signer.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(s.domain, signer.addr, sig); err != nil {
			t.Fatal(err)
		}
		before := s.held(s.payee.addr)
		s.channels.do(s.payee.addr, "", "redeem", on(x), v.Cumulative, v.Cumulative, voucher.PartsHash(v.Parts), [32]byte{}, sig)
		s.equal("what was paid", s.held(s.payee.addr)-before, v.Cumulative.Int64())
	}
}

func TestRedeemManySkipsBadEntries(t *testing.T) {
	s := newStall(t)
	a, b, c := s.opened(1, 100), s.opened(2, 100), s.opened(3, 100)
	other := s.terms(4)
	other.Payee = s.stranger.addr
	s.channels.do(s.renter.addr, "", "open", on(other), units(100))
	s.channels.do(s.payee.addr, "", "closeByPayee", on(c))

	forged := s.claim(b, 10, 10)
	forged.Sig = s.claim(a, 10, 10).Sig
	mute := s.claim(b, 10, 10)
	mute.Sig = nil
	list := []channels.ChannelsClaim{
		s.claim(a, 10, 10),
		s.claim(s.terms(9), 10, 10), // never opened
		s.claim(c, 10, 10),          // closed
		forged,
		mute,
		s.claim(a, 10, 10),       // the same again
		s.claim(a, 101, 1000),    // above the channel
		s.claim(b, 11, 10),       // above the voucher
		s.claim(other, 100, 100), // another payee in between
		s.claim(b, 20, 30),
		s.claim(a, 15, 15), // more of the first
	}
	o := s.channels.do(s.stranger.addr, "", "redeemMany", list)
	var reasons []string
	for _, e := range events(s, o, bind.UnpackSkippedEvent) {
		err, lookup := s.channels.abi.ErrorByID(e.Reason)
		if lookup != nil {
			t.Fatal(lookup)
		}
		reasons = append(reasons, string('0'+rune(e.Index.Int64()))+" "+err.Name)
		if want := on2id(s, list[e.Index.Int64()]); e.Channel != want {
			t.Errorf("entry %d: channel %x, want %x", e.Index, e.Channel, want)
		}
	}
	want := []string{"1 NotOpen", "2 NotOpen", "3 BadSignature", "4 BadSignature", "5 NothingToRedeem", "6 AboveChannel", "7 AboveVoucher"}
	if !slices.Equal(reasons, want) {
		t.Errorf("skipped %q, want %q", reasons, want)
	}
	var moved []int64
	for _, e := range events(s, o, bind.UnpackRedeemedEvent) {
		moved = append(moved, e.Amount.Int64())
	}
	if !slices.Equal(moved, []int64{10, 100, 20, 5}) {
		t.Errorf("moved %v", moved)
	}
	s.equal("the payee's holding", s.held(s.payee.addr), 35)
	s.equal("the other payee's holding", s.held(s.stranger.addr), 100)
	s.channels.do(s.stranger.addr, "", "redeemMany", []channels.ChannelsClaim{})
}

func on2id(s *stall, c channels.ChannelsClaim) [32]byte {
	return voucher.Terms{
		Renter: c.Terms.Renter, Payee: c.Terms.Payee, Signer: c.Terms.Signer, Token: c.Terms.Token,
		Window: c.Terms.Window, Salt: c.Terms.Salt,
	}.ID(s.domain)
}

func TestCloseWithWindow(t *testing.T) {
	s := newStall(t)
	x := s.opened(1, 100)
	s.redeem(s.payee, "", x, 10, 10)
	s.channels.do(s.payee.addr, "Unauthorized", "startClose", on(x))
	s.channels.do(s.stranger.addr, "NotFinal", "finalize", on(x))
	o := s.channels.do(s.renter.addr, "", "startClose", on(x))
	until := s.now + x.Window
	if e := one(s, o, bind.UnpackCloseStartedEvent); e.ClosesAt != until || s.channel(x).ClosesAt != until {
		t.Errorf("closes at %d, want %d", e.ClosesAt, until)
	}
	s.channels.do(s.renter.addr, "Closing", "startClose", on(x))

	s.now = until - 1
	s.redeem(s.payee, "", x, 40, 40)
	s.channels.do(s.renter.addr, "NotFinal", "finalize", on(x))
	s.now = until
	s.redeem(s.payee, "", x, 45, 45) // until somebody finalizes, the voucher counts
	o = s.channels.do(s.stranger.addr, "", "finalize", on(x))
	if e := one(s, o, bind.UnpackClosedEvent); e.Refunded.Int64() != 55 {
		t.Errorf("%+v", e)
	}
	s.equal("the renter's balance", s.balance(s.renter.addr), budget-45)
	s.equal("the payee's holding", s.held(s.payee.addr), 45)

	for method, from := range map[string]person{"finalize": s.stranger, "startClose": s.renter, "closeByPayee": s.payee} {
		s.channels.do(from.addr, "NotOpen", method, on(x))
	}
	s.redeem(s.payee, "NotOpen", x, 100, 100)
	s.channels.do(s.renter.addr, "AlreadyOpened", "open", on(x), units(1))
	if got := s.channel(x); got.ClosesAt != 1<<64-1 || got.Amount.Int64() != 45 || got.Redeemed.Int64() != 45 {
		t.Errorf("%+v", got)
	}
}

func TestStartCloseFor(t *testing.T) {
	s := newStall(t)
	for n, who := range map[byte]person{1: s.renter, 2: s.signer} {
		x := s.opened(n, 100)
		c := voucher.StartClose{Channel: x.ID(s.domain), Deadline: s.now}
		sign := func(p person) []byte {
			sig, err := c.Sign(s.domain, p.key)
			if err != nil {
				t.Fatal(err)
			}
			return sig
		}
		s.channels.do(s.stranger.addr, "BadSignature", "startCloseFor", on(x), c.Deadline, sign(s.payee))
		s.channels.do(s.stranger.addr, "BadSignature", "startCloseFor", on(x), c.Deadline+1, sign(who))
		s.channels.do(s.stranger.addr, "BadSignature", "startCloseFor", on(s.terms(7)), c.Deadline, sign(who))
		s.now++
		s.channels.do(s.stranger.addr, "Expired", "startCloseFor", on(x), c.Deadline, sign(who))
		s.now--
		s.channels.do(s.stranger.addr, "", "startCloseFor", on(x), c.Deadline, sign(who))
		s.channels.do(s.stranger.addr, "Closing", "startCloseFor", on(x), c.Deadline, sign(who))
	}
}

func TestCloseByPayee(t *testing.T) {
	s := newStall(t)
	x := s.opened(1, 100)
	s.channels.do(s.renter.addr, "Unauthorized", "closeByPayee", on(x))
	s.channels.do(s.payee.addr, "NotOpen", "closeByPayee", on(s.terms(2)))
	o := s.channels.do(s.payee.addr, "", "closeByPayee", on(x))
	if e := one(s, o, bind.UnpackClosedEvent); e.Refunded.Int64() != 100 || e.Channel != x.ID(s.domain) {
		t.Errorf("%+v", e)
	}
	s.equal("the renter's balance", s.balance(s.renter.addr), budget)
	// Nothing was redeemed, so the slot's amounts are zero; its mark alone keeps the id closed.
	s.channels.do(s.renter.addr, "AlreadyOpened", "open", on(x), units(1))
	s.redeem(s.payee, "NotOpen", x, 1, 1)

	y := s.opened(2, 100)
	s.channels.do(s.renter.addr, "Unauthorized", "redeemAndClose", s.redeemArgs(y, 70, 70)...)
	s.channels.do(s.payee.addr, "AboveChannel", "redeemAndClose", s.redeemArgs(y, 101, 101)...)
	o = s.channels.do(s.payee.addr, "", "redeemAndClose", s.redeemArgs(y, 70, 80)...)
	if r, c := one(s, o, bind.UnpackRedeemedEvent), one(s, o, bind.UnpackClosedEvent); r.Amount.Int64() != 70 || c.Refunded.Int64() != 30 {
		t.Errorf("%+v %+v", r, c)
	}
	s.equal("the payee's holding", s.held(s.payee.addr), 70)
	s.equal("the renter's balance", s.balance(s.renter.addr), budget-70)

	// Also while closing, and when all is spent.
	z := s.opened(3, 100)
	s.channels.do(s.renter.addr, "", "startClose", on(z))
	s.channels.do(s.payee.addr, "", "redeemAndClose", s.redeemArgs(z, 100, 100)...)
	s.equal("the renter's balance", s.balance(s.renter.addr), budget-170)
}

// Terms whose words carry garbage above an address or the window are no second name of a channel.
func TestUncleanTermsAreRefused(t *testing.T) {
	s := newStall(t)
	x := s.opened(1, 100)
	const selector, word = 4, 32
	for field := range 5 {
		dirty := func(data []byte) []byte {
			data = slices.Clone(data)
			data[selector+field*word] = 1
			return data
		}
		if o := s.send(s.renter.addr, &s.channels.addr, nil, dirty(s.channels.pack("open", on(s.terms(2)), units(1)))); o.err == nil {
			t.Errorf("word %d: a channel with unclean terms was opened", field)
		}
		for method, args := range map[string][]any{
			"redeem": s.redeemArgs(x, 10, 10), "topUp": {on(x), units(1)}, "startClose": {on(x)}, "finalize": {on(x)},
			"closeByPayee": {on(x)}, "redeemAndClose": s.redeemArgs(x, 10, 10),
		} {
			for _, from := range []person{s.renter, s.payee} {
				if o := s.send(from.addr, &s.channels.addr, nil, dirty(s.channels.pack(method, args...))); o.err == nil {
					t.Errorf("word %d: %s took unclean terms", field, method)
				}
			}
		}
	}
	s.equal("the channel", s.channel(x).Amount.Int64(), 100)
	s.equal("the payee's holding", s.held(s.payee.addr), 0)
}
