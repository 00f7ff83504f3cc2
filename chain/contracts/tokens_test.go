package contracts_test

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/voucher"
)

// typedSignature signs a token's own typed data, as a wallet would: v, r, s.
func (s *stall) typedSignature(who person, token contract, name, primary string, fields []apitypes.Type, message map[string]any) (uint8, [32]byte, [32]byte) {
	s.t.Helper()
	hash, _, err := apitypes.TypedDataAndHash(apitypes.TypedData{
		Types: apitypes.Types{
			"EIP712Domain": {
				{Name: "name", Type: "string"},
				{Name: "version", Type: "string"},
				{Name: "chainId", Type: "uint256"},
				{Name: "verifyingContract", Type: "address"},
			},
			primary: fields,
		},
		PrimaryType: primary,
		Domain: apitypes.TypedDataDomain{
			Name: name, Version: "1", ChainId: (*math.HexOrDecimal256)(s.config.ChainID), VerifyingContract: token.addr.Hex(),
		},
		Message: message,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	sig, err := voucher.Sign([32]byte(hash), who.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return sig[64], [32]byte(sig[:32]), [32]byte(sig[32:64])
}

// permit makes the arguments of depositWithPermit.
func (s *stall) permit(owner person, amount int64, deadline uint64) []any {
	s.t.Helper()
	nonce := get[*big.Int](s.token, "nonces", owner.addr)
	v, r, ss := s.typedSignature(owner, s.token, "etal test dollar", "Permit", []apitypes.Type{
		{Name: "owner", Type: "address"},
		{Name: "spender", Type: "address"},
		{Name: "value", Type: "uint256"},
		{Name: "nonce", Type: "uint256"},
		{Name: "deadline", Type: "uint256"},
	}, map[string]any{
		"owner": owner.addr.Hex(), "spender": s.channels.addr.Hex(), "value": units(amount).String(), "nonce": nonce.String(),
		"deadline": new(big.Int).SetUint64(deadline).String(),
	})
	return []any{owner.addr, s.token.addr, units(amount), new(big.Int).SetUint64(deadline), v, r, ss}
}

// directly calls the token's own permit with the arguments of depositWithPermit, as a front runner would.
func (s *stall) directly(args []any) {
	s.t.Helper()
	s.token.do(s.stranger.addr, "", "permit", append([]any{args[0], s.channels.addr}, args[2:]...)...)
}

func TestDepositWithPermit(t *testing.T) {
	s := newStall(t)
	args := s.permit(s.renter, 100, s.now)
	o := s.channels.do(s.renter.addr, "", "depositWithPermit", args...)
	if e := one(s, o, bind.UnpackDepositedEvent); e.Account != s.renter.addr || e.From != s.renter.addr || e.Amount.Int64() != 100 {
		t.Errorf("%+v", e)
	}
	s.equal("the balance", s.balance(s.renter.addr), budget+100)

	// A provider submits it for a newcomer without coin; the money is the newcomer's.
	s.channels.do(s.payee.addr, "", "depositWithPermit", s.permit(s.renter, 50, s.now)...)
	s.equal("the balance", s.balance(s.renter.addr), budget+150)
	s.equal("the submitter's balance", s.balance(s.payee.addr), 0)

	// Somebody spends the permit first. Its owner gets through all the same; a stranger does not.
	args = s.permit(s.renter, 70, s.now)
	s.directly(args)
	s.channels.do(s.payee.addr, "ERC2612InvalidSigner", "depositWithPermit", args...)
	s.channels.do(s.renter.addr, "", "depositWithPermit", args...)
	s.equal("the balance", s.balance(s.renter.addr), budget+220)

	args = s.permit(s.renter, 70, s.now-1)
	s.channels.do(s.payee.addr, "ERC2612ExpiredSignature", "depositWithPermit", args...)
	s.channels.do(s.renter.addr, "ERC20InsufficientAllowance", "depositWithPermit", args...)

	// A standing allowance moves nothing at a stranger's word.
	s.token.do(s.renter.addr, "", "approve", s.channels.addr, units(1000))
	forged := s.permit(s.renter, 30, s.now)
	forged[5] = [32]byte{1}
	o = s.send(s.stranger.addr, &s.channels.addr, nil, s.channels.pack("depositWithPermit", forged...))
	if o.err == nil {
		t.Error("a stranger used an allowance")
	}
	s.equal("the balance", s.balance(s.renter.addr), budget+220)
}

// Tokens exist that answer permit with silence; an allowance given to them must not move at a stranger's word.
func TestSilentPermitMovesNothing(t *testing.T) {
	s := newStall(t)
	bad := s.bad(t)
	bad.do(s.renter.addr, "", "approve", s.channels.addr, units(100))
	args := []any{s.renter.addr, bad.addr, units(100), units(0), uint8(27), [32]byte{}, [32]byte{}}
	if o := s.send(s.stranger.addr, &s.channels.addr, nil, s.channels.pack("depositWithPermit", args...)); o.err == nil {
		t.Error("a stranger used an allowance")
	}
	s.channels.do(s.renter.addr, "", "depositWithPermit", args...)
	s.equal("the balance", s.balanceOf(s.renter.addr, bad.addr), 100)
}

func TestDepositWithAuthorization(t *testing.T) {
	s := newStall(t)
	token := s.deploy(load(t, "testdata/AuthToken.json"))
	token.do(s.minter.addr, "", "mint", s.renter.addr, units(100))
	authorize := func(who person, nonce [32]byte, amount int64) []any {
		after, before := units(0), new(big.Int).SetUint64(s.now+10)
		v, r, ss := s.typedSignature(who, token, "auth", "ReceiveWithAuthorization", []apitypes.Type{
			{Name: "from", Type: "address"},
			{Name: "to", Type: "address"},
			{Name: "value", Type: "uint256"},
			{Name: "validAfter", Type: "uint256"},
			{Name: "validBefore", Type: "uint256"},
			{Name: "nonce", Type: "bytes32"},
		}, map[string]any{
			"from": s.renter.addr.Hex(), "to": s.channels.addr.Hex(), "value": units(amount).String(), "validAfter": "0",
			"validBefore": before.String(), "nonce": hexutil.Encode(nonce[:]),
		})
		return []any{s.renter.addr, token.addr, units(amount), after, before, nonce, v, r, ss}
	}
	args := authorize(s.renter, [32]byte{1}, 60)
	o := s.channels.do(s.stranger.addr, "", "depositWithAuthorization", args...)
	if e := one(s, o, bind.UnpackDepositedEvent); e.Account != s.renter.addr || e.Amount.Int64() != 60 {
		t.Errorf("%+v", e)
	}
	s.equal("the balance", s.balanceOf(s.renter.addr, token.addr), 60)
	s.channels.do(s.stranger.addr, "used", "depositWithAuthorization", args...)
	s.channels.do(s.stranger.addr, "bad signature", "depositWithAuthorization", authorize(s.stranger, [32]byte{2}, 10)...)
	args = authorize(s.renter, [32]byte{3}, 10)
	s.now += 10
	s.channels.do(s.stranger.addr, "not valid now", "depositWithAuthorization", args...)
	s.equal("the balance", s.balanceOf(s.renter.addr, token.addr), 60)
}

// bad deploys the misbehaving token and gives the renter some.
func (s *stall) bad(t *testing.T) contract {
	t.Helper()
	c := s.deploy(load(t, "testdata/BadToken.json"))
	c.do(s.minter.addr, "", "mint", s.renter.addr, units(1_000_000))
	return c
}

// badDeposit puts an amount of the misbehaving token into the renter's balance.
func (s *stall) badDeposit(bad contract, amount int64) {
	s.t.Helper()
	bad.do(s.renter.addr, "", "approve", s.channels.addr, units(amount))
	s.channels.do(s.renter.addr, "", "deposit", bad.addr, units(amount))
}

func TestFeeOnTransferCreditsWhatArrived(t *testing.T) {
	s := newStall(t)
	bad := s.bad(t)
	bad.do(s.minter.addr, "", "setFee", units(1000))
	s.badDeposit(bad, 100)
	s.equal("the balance", s.balanceOf(s.renter.addr, bad.addr), 90)
	s.equal("the holding", get[*big.Int](bad, "balanceOf", s.channels.addr).Int64(), 90)
	s.channels.do(s.renter.addr, "InsufficientBalance", "withdraw", bad.addr, units(91), s.renter.addr)
	s.channels.do(s.renter.addr, "", "withdraw", bad.addr, units(90), s.stranger.addr)
	s.equal("what came out", get[*big.Int](bad, "balanceOf", s.stranger.addr).Int64(), 81)

	bad.do(s.minter.addr, "", "setFee", units(10_000))
	bad.do(s.renter.addr, "", "approve", s.channels.addr, units(10))
	s.channels.do(s.renter.addr, "ZeroAmount", "deposit", bad.addr, units(10))
}

// In the middle of a transfer, no call that moves money gets through, whoever makes it.
func TestReentrancyIsRefused(t *testing.T) {
	s := newStall(t)
	bad := s.bad(t)
	s.badDeposit(bad, 1000)
	// The token is an account of its own with everything that the calls below need.
	bad.do(s.minter.addr, "", "mint", bad.addr, units(1000))
	bad.do(s.minter.addr, "", "run", bad.addr, bad.pack("approve", s.channels.addr, units(500)))
	bad.do(s.minter.addr, "", "run", s.channels.addr, s.channels.pack("deposit", bad.addr, units(100)))

	own := func(n byte) voucher.Terms {
		x := s.terms(n)
		x.Renter, x.Payee, x.Token = bad.addr, bad.addr, bad.addr
		return x
	}
	x := own(1)
	bad.do(s.minter.addr, "", "run", s.channels.addr, s.channels.pack("open", on(x), units(10)))
	o := voucher.Open{Terms: s.terms(2), Amount: units(1), FeeCap: units(1), Deadline: s.now}
	openSig, err := o.Sign(s.domain, s.renter.key)
	if err != nil {
		t.Fatal(err)
	}
	c := voucher.StartClose{Channel: x.ID(s.domain), Deadline: s.now}
	closeSig, err := c.Sign(s.domain, s.signer.key)
	if err != nil {
		t.Fatal(err)
	}
	inner := map[string][]any{
		"deposit":                  {bad.addr, units(100)},
		"depositFor":               {bad.addr, bad.addr, units(100)},
		"depositWithPermit":        {bad.addr, bad.addr, units(100), units(0), uint8(27), [32]byte{}, [32]byte{}},
		"depositWithAuthorization": {bad.addr, bad.addr, units(100), units(0), units(0), [32]byte{}, uint8(27), [32]byte{}, [32]byte{}},
		"withdraw":                 {bad.addr, units(10), bad.addr},
		"open":                     {on(own(3)), units(1)},
		"openMany":                 {[]channels.ChannelsTerms{on(own(3))}, []*big.Int{units(1)}},
		"openFor":                  {on(o.Terms), o.Amount, units(0), o.FeeCap, o.Deadline, openSig},
		"topUp":                    {on(x), units(1)},
		"redeem":                   s.redeemArgs(x, 1, 1),
		"redeemMany":               {[]channels.ChannelsClaim{s.claim(x, 1, 1)}},
		"startClose":               {on(x)},
		"startCloseFor":            {on(x), c.Deadline, closeSig},
		"closeByPayee":             {on(x)},
		"redeemAndClose":           s.redeemArgs(x, 1, 1),
		"finalize":                 {on(x)},
	}
	for name, method := range s.channels.abi.Methods {
		if _, ok := inner[name]; !ok && !method.IsConstant() {
			t.Errorf("%s changes state and is not tried here", name)
		}
	}
	guard := s.channels.abi.Errors["ReentrancyGuardReentrantCall"].ID
	for name, args := range inner {
		bad.do(s.minter.addr, "", "setHook", s.channels.addr, s.channels.pack(name, args...))
		before := get[*big.Int](bad, "hookRefused").Int64()
		balance := s.balanceOf(s.renter.addr, bad.addr)
		s.badDeposit(bad, 50)
		s.equal(name+" inside a deposit: refusals", get[*big.Int](bad, "hookRefused").Int64(), before+1)
		if answer := get[[]byte](bad, "hookAnswer"); string(answer) != string(guard[:4]) {
			t.Errorf("%s is refused with %x", name, answer)
		}
		s.equal(name+" inside a deposit: credited", s.balanceOf(s.renter.addr, bad.addr)-balance, 50)
	}
	s.equal("calls that got through", get[*big.Int](bad, "hookPassed").Int64(), 0)
}

func TestCoinPayeeCannotReenter(t *testing.T) {
	s := newStall(t)
	payee := s.deploy(load(t, "testdata/BadPayee.json"))
	x := s.coinChannel(1, payee.addr, 100)
	payee.do(s.stranger.addr, "", "set", units(3), s.channels.addr, s.channels.pack("redeem", s.redeemArgs(x, 50, 50)...))
	s.redeem(s.stranger, "", x, 20, 20)
	s.equal("refusals", get[*big.Int](payee, "hookRefused").Int64(), 1)
	s.channels.do(s.stranger.addr, "", "redeemMany", []channels.ChannelsClaim{s.claim(x, 30, 30)})
	s.equal("refusals", get[*big.Int](payee, "hookRefused").Int64(), 2)
	s.equal("calls that got through", get[*big.Int](payee, "hookPassed").Int64(), 0)
	s.equal("the payee's coin", s.coin(payee.addr).Int64(), 30)
}

// coinChannel opens a channel in the chain's own coin for a payee.
func (s *stall) coinChannel(n byte, payee common.Address, amount int64) voucher.Terms {
	s.t.Helper()
	s.fund(s.renter.addr, units(amount))
	s.channels.pay(s.renter.addr, units(amount), "", "deposit", common.Address{}, units(amount))
	x := s.terms(n)
	x.Token, x.Payee = common.Address{}, payee
	s.channels.do(s.renter.addr, "", "open", on(x), units(amount))
	return x
}

// A payee that cannot be paid in coin harms nobody else in the batch, and loses nothing.
func TestBatchSurvivesPayeesThatCannotBePaid(t *testing.T) {
	s := newStall(t)
	good := s.coinChannel(1, s.payee.addr, 100)
	list := []channels.ChannelsClaim{s.claim(good, 10, 10)}
	var payees []common.Address
	for i, mode := range []int64{1, 2, 4} {
		bad := s.deploy(load(t, "testdata/BadPayee.json"))
		bad.do(s.stranger.addr, "", "set", units(mode), common.Address{}, []byte{})
		x := s.coinChannel(byte(2+i), bad.addr, 100)
		s.redeem(s.stranger, "PayFailed", x, 40, 40)
		list = append(list, s.claim(x, 40, 40))
		payees = append(payees, bad.addr)
	}
	list = append(list, s.claim(good, 30, 30))
	o := s.channels.do(s.stranger.addr, "", "redeemMany", list)
	if o.gas > 1_200_000 {
		t.Errorf("misbehaving payees cost the submitter %d gas", o.gas)
	}
	if n := len(events(s, o, bind.UnpackCreditedEvent)); n != 3 {
		t.Errorf("%d credited", n)
	}
	s.equal("the good payee's coin", s.coin(s.payee.addr).Int64(), 30)
	for _, p := range payees {
		s.equal("the bad payee's balance", s.balanceOf(p, common.Address{}), 40)
		s.equal("the bad payee's coin", s.coin(p).Int64(), 0)
	}
}

func TestBatchSurvivesTokensThatDoNotPay(t *testing.T) {
	for name, how := range map[string][2]bool{"reverts": {false, false}, "burns gas": {true, false}, "answers false": {false, true}} {
		s := newStall(t)
		bad := s.bad(t)
		s.badDeposit(bad, 100)
		x, y := s.terms(1), s.opened(2, 100)
		x.Token = bad.addr
		s.channels.do(s.renter.addr, "", "open", on(x), units(100))
		bad.do(s.minter.addr, "", "refuse", s.payee.addr, how[0], how[1])
		if o := s.send(s.payee.addr, &s.channels.addr, nil, s.channels.pack("redeem", s.redeemArgs(x, 60, 60)...)); o.err == nil {
			t.Errorf("%s: redeem paid nobody and says nothing", name)
		}
		s.equal(name+": redeemed after a failure", s.channel(x).Redeemed.Int64(), 0)
		o := s.channels.do(s.payee.addr, "", "redeemMany", []channels.ChannelsClaim{s.claim(x, 60, 60), s.claim(y, 10, 10)})
		if e := one(s, o, bind.UnpackCreditedEvent); e.Account != s.payee.addr || e.Token != bad.addr || e.Amount.Int64() != 60 {
			t.Errorf("%s: %+v", name, e)
		}
		s.equal(name+": the good token", s.held(s.payee.addr), 10)
		s.channels.do(s.payee.addr, "", "withdraw", bad.addr, units(60), s.stranger.addr)
		s.equal(name+": what came out", get[*big.Int](bad, "balanceOf", s.stranger.addr).Int64(), 60)
	}
}

// Whoever submits a batch cannot choose the gas so that a good payee is credited instead of paid.
func TestBatchCannotBeStarved(t *testing.T) {
	s := newStall(t)
	x := s.opened(1, 100)
	data := s.channels.pack("redeemMany", []channels.ChannelsClaim{s.claim(x, 10, 10)})
	paid, refused := false, false
	for limit := uint64(40_000); limit < 400_000; limit += 5_000 {
		before := s.state.Copy()
		o := s.sendGas(s.stranger.addr, &s.channels.addr, nil, data, limit)
		if o.err == nil {
			s.equal("credited", s.balance(s.payee.addr), 0)
			s.equal("paid", s.held(s.payee.addr), 10)
			paid = true
		} else if paid {
			t.Fatalf("with %d gas it fails again", limit)
		} else if s.channels.reason(o) == "OutOfGas" {
			refused = true
		}
		s.state = before
	}
	if !paid || !refused {
		t.Fatalf("paid with enough gas: %v, refused with too little: %v", paid, refused)
	}
}
