package contracts_test

import (
	"flag"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/voucher"
)

var seedFlag = flag.Uint64("seed", 0, "repeat the random histories of this seed; 0 draws one")

// ledger is what Channels should hold, in the simplest form: the oracle of the random histories.
type ledger struct {
	balances map[account]int64
	channels map[[32]byte]*held
}

type account struct{ who, token common.Address }

type held struct {
	terms            voucher.Terms
	amount, redeemed int64
	closesAt         uint64
	closed           bool
}

// history runs random calls against the contract and the ledger at once.
type history struct {
	*stall
	rng     *rand.Rand
	ledger  ledger
	parties []person
	tokens  []common.Address
	all     []voucher.Terms // every channel that was ever talked about
	outside map[account]int64
}

func newHistory(t *testing.T, rng *rand.Rand) *history {
	s := newStall(t)
	h := &history{
		stall: s, rng: rng, parties: []person{s.renter, s.payee, s.stranger},
		tokens:  []common.Address{s.token.addr, {}},
		ledger:  ledger{balances: map[account]int64{{s.renter.addr, s.token.addr}: budget}, channels: map[[32]byte]*held{}},
		outside: map[account]int64{},
	}
	for _, p := range h.parties {
		s.fund(p.addr, units(budget))
		s.token.do(s.minter.addr, "", "mint", p.addr, units(budget))
		s.token.do(p.addr, "", "approve", s.channels.addr, units(1<<62))
		h.outside[account{p.addr, common.Address{}}] = budget
		h.outside[account{p.addr, s.token.addr}] = s.held(p.addr)
	}
	return h
}

func pick[T any](h *history, list []T) T { return list[h.rng.IntN(len(list))] }

// sum is a random amount, at times zero and at times too much.
func (h *history) sum() int64 {
	switch h.rng.IntN(10) {
	case 0:
		return 0
	case 1:
		return 1 + h.rng.Int64N(3*budget)
	default:
		return 1 + h.rng.Int64N(budget/10)
	}
}

// about picks the terms of a channel: a known one mostly, else new ones.
func (h *history) about() voucher.Terms {
	if len(h.all) > 0 && h.rng.IntN(5) > 0 {
		return pick(h, h.all)
	}
	x := voucher.Terms{
		Renter: pick(h, h.parties).addr, Payee: pick(h, h.parties).addr, Signer: h.signer.addr, Token: pick(h, h.tokens),
		Window: voucher.MinWindow, Salt: [32]byte{byte(len(h.all)), byte(len(h.all) >> 8), 1},
	}
	h.all = append(h.all, x)
	return x
}

// caller is mostly the one who may.
func (h *history) caller(right common.Address) common.Address {
	if h.rng.IntN(5) > 0 {
		return right
	}
	return pick(h, h.parties).addr
}

// live is the ledger's open or closing channel, or nil.
func (h *history) live(x voucher.Terms) *held {
	c := h.ledger.channels[x.ID(h.domain)]
	if c == nil || c.closed {
		return nil
	}
	return c
}

func (h *history) step() {
	h.t.Helper()
	switch h.rng.IntN(12) {
	case 0, 1:
		h.deposit()
	case 2:
		h.withdraw()
	case 3, 4:
		h.open()
	case 5:
		h.topUp()
	case 6, 7:
		h.redeemOne()
	case 8:
		h.redeemSome()
	case 9:
		h.startClose()
	case 10:
		h.closeByPayee()
	case 11:
		h.finalize()
	}
	h.now += uint64(h.rng.IntN(voucher.MinWindow / 2))
}

func (h *history) deposit() {
	from, to, token, n := pick(h, h.parties).addr, pick(h, h.parties).addr, pick(h, h.tokens), h.sum()
	want, wei := "", (*big.Int)(nil)
	if token == (common.Address{}) {
		n = min(n, h.outside[account{from, token}]) // no chain would take a transaction with more
		wei = units(n)
	}
	switch {
	case n > h.outside[account{from, token}]:
		want = "ERC20InsufficientBalance"
	case n == 0:
		want = "ZeroAmount"
	default:
		h.outside[account{from, token}] -= n
		h.ledger.balances[account{to, token}] += n
	}
	h.channels.pay(from, wei, want, "depositFor", to, token, units(n))
}

func (h *history) withdraw() {
	from, to, token, n := pick(h, h.parties).addr, pick(h, h.parties).addr, pick(h, h.tokens), h.sum()
	want := ""
	switch {
	case n == 0:
		want = "ZeroAmount"
	case n > h.ledger.balances[account{from, token}]:
		want = "InsufficientBalance"
	default:
		h.ledger.balances[account{from, token}] -= n
		h.outside[account{to, token}] += n
	}
	h.channels.do(from, want, "withdraw", token, units(n), to)
}

func (h *history) open() {
	x, n := h.about(), h.sum()
	from, want := h.caller(x.Renter), ""
	switch {
	case from != x.Renter:
		want = "Unauthorized"
	case n == 0:
		want = "ZeroAmount"
	case h.ledger.channels[x.ID(h.domain)] != nil:
		want = "AlreadyOpened"
	case n > h.ledger.balances[account{x.Renter, x.Token}]:
		want = "InsufficientBalance"
	default:
		h.ledger.balances[account{x.Renter, x.Token}] -= n
		h.ledger.channels[x.ID(h.domain)] = &held{terms: x, amount: n}
	}
	h.channels.do(from, want, "open", on(x), units(n))
}

func (h *history) topUp() {
	x, n := h.about(), h.sum()
	from, want, c := h.caller(x.Renter), "", h.live(x)
	switch {
	case from != x.Renter:
		want = "Unauthorized"
	case n == 0:
		want = "ZeroAmount"
	case c == nil:
		want = "NotOpen"
	case c.closesAt != 0:
		want = "Closing"
	case n > h.ledger.balances[account{x.Renter, x.Token}]:
		want = "InsufficientBalance"
	default:
		h.ledger.balances[account{x.Renter, x.Token}] -= n
		c.amount += n
	}
	h.channels.do(from, want, "topUp", on(x), units(n))
}

// wish draws what somebody wants to redeem, and what should come of it.
func (h *history) wish() (x voucher.Terms, amount, cumulative int64, want string) {
	x = h.about()
	amount = h.sum()
	cumulative = amount
	if h.rng.IntN(3) == 0 {
		cumulative += h.rng.Int64N(100) - 20
	}
	cumulative = max(cumulative, 0)
	switch c := h.live(x); {
	case c == nil:
		want = "NotOpen"
	case amount > cumulative:
		want = "AboveVoucher"
	case amount > c.amount:
		want = "AboveChannel"
	case amount <= c.redeemed:
		want = "NothingToRedeem"
	default:
		h.outside[account{x.Payee, x.Token}] += amount - c.redeemed
		c.redeemed = amount
	}
	return x, amount, cumulative, want
}

func (h *history) redeemOne() {
	x, amount, cumulative, want := h.wish()
	h.redeem(pick(h, h.parties), want, x, amount, cumulative)
}

func (h *history) redeemSome() {
	var claims []channels.ChannelsClaim
	skipped := 0
	for range h.rng.IntN(6) {
		x, amount, cumulative, want := h.wish()
		if want != "" {
			skipped++
		}
		claims = append(claims, h.claim(x, amount, cumulative))
	}
	o := h.channels.do(pick(h, h.parties).addr, "", "redeemMany", claims)
	h.equal("skipped entries", int64(len(events(h.stall, o, bind.UnpackSkippedEvent))), int64(skipped))
}

func (h *history) startClose() {
	x := h.about()
	from, want, c := h.caller(x.Renter), "", h.live(x)
	switch {
	case from != x.Renter:
		want = "Unauthorized"
	case c == nil:
		want = "NotOpen"
	case c.closesAt != 0:
		want = "Closing"
	default:
		c.closesAt = h.now + x.Window
	}
	h.channels.do(from, want, "startClose", on(x))
}

func (h *history) end(c *held) {
	h.ledger.balances[account{c.terms.Renter, c.terms.Token}] += c.amount - c.redeemed
	c.amount, c.closed = c.redeemed, true
}

func (h *history) closeByPayee() {
	x := h.about()
	from, want, c := h.caller(x.Payee), "", h.live(x)
	switch {
	case from != x.Payee:
		want = "Unauthorized"
	case c == nil:
		want = "NotOpen"
	default:
		h.end(c)
	}
	h.channels.do(from, want, "closeByPayee", on(x))
}

func (h *history) finalize() {
	x := h.about()
	want, c := "", h.live(x)
	switch {
	case c == nil:
		want = "NotOpen"
	case c.closesAt == 0 || h.now < c.closesAt:
		want = "NotFinal"
	default:
		h.end(c)
	}
	h.channels.do(pick(h, h.parties).addr, want, "finalize", on(x))
}

// check compares everything that the contract and the tokens say with the ledger, and what must hold whatever happened.
func (h *history) check() {
	h.t.Helper()
	for _, token := range h.tokens {
		var inside, all int64
		for _, p := range h.parties {
			got := h.balanceOf(p.addr, token)
			h.equal("a balance", got, h.ledger.balances[account{p.addr, token}])
			inside += got
			has := h.coin(p.addr).Int64()
			if token == h.token.addr {
				has = h.held(p.addr)
			}
			h.equal("a holding", has, h.outside[account{p.addr, token}])
			all += has
		}
		for _, x := range h.all {
			if x.Token != token {
				continue
			}
			got := h.channel(x)
			if got.Redeemed.Cmp(got.Amount) > 0 {
				h.t.Fatalf("more was redeemed than was ever there: %+v", got)
			}
			inside += got.Amount.Int64() - got.Redeemed.Int64()
			want := h.ledger.channels[x.ID(h.domain)]
			if want == nil {
				want = &held{}
			}
			h.equal("a channel's amount", got.Amount.Int64(), want.amount)
			h.equal("a channel's redeemed", got.Redeemed.Int64(), want.redeemed)
			closesAt := want.closesAt
			if want.closed {
				closesAt = 1<<64 - 1
			}
			if got.ClosesAt != closesAt {
				h.t.Fatalf("closes at %d, want %d", got.ClosesAt, closesAt)
			}
		}
		// What the contract has is what it owes, to the unit; and no money came or went.
		has, total := h.coin(h.channels.addr).Int64(), int64(len(h.parties))*budget
		if token == h.token.addr {
			has, total = h.held(h.channels.addr), get[*big.Int](h.token, "totalSupply").Int64()
		}
		h.equal("what the contract holds", has, inside)
		h.equal("the sum of all money", all+has, total)
	}
}

// Random histories of three parties and two kinds of money keep the contract and the ledger alike after every call.
func TestRandomHistories(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	histories, steps := uint64(8), 150
	if testing.Short() {
		histories, steps = 2, 60
	}
	for i := range histories {
		h := newHistory(t, rand.New(rand.NewPCG(seed, i)))
		t.Cleanup(func() {
			if t.Failed() && i == 0 {
				t.Logf("repeat with -seed %d", seed)
			}
		})
		for range steps {
			h.step()
			h.check()
		}
		closed := 0
		for _, c := range h.ledger.channels {
			if c.closed {
				closed++
			}
		}
		t.Logf("history %d: %d channels opened, %d closed", i, len(h.ledger.channels), closed)
	}
}
