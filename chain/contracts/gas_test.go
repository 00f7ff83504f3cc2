package contracts_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"testing"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/voucher"
)

var update = flag.Bool("update", false, "write gas.json instead of comparing with it")

// gasFigure is one line of gas.json. A limit of zero means that nothing was promised.
type gasFigure struct {
	Gas   uint64 `json:"gas"`
	Limit uint64 `json:"limit,omitempty"`
}

// gasLimits are the promises.
var gasLimits = map[string]uint64{"open": 60_000, "redeem": 55_000, "topUp": 40_000, "redeemMany_per_100": 19_000}

// The amounts are those of everyday use, in millionths of a dollar; keys and salts are fixed, so a figure changes only
// with the contract, the compiler or the fork.
func TestGas(t *testing.T) {
	s := newStall(t)
	got := map[string]uint64{}
	x := s.terms(1)
	got["open"] = s.channels.do(s.renter.addr, "", "open", on(x), units(25_000_000)).gas
	got["topUp"] = s.channels.do(s.renter.addr, "", "topUp", on(x), units(12_345_678)).gas
	got["redeem_first"] = s.redeem(s.payee, "", x, 1_234_567, 1_234_567).gas
	got["redeem"] = s.redeem(s.payee, "", x, 2_345_678, 2_345_678).gas
	got["startClose"] = s.channels.do(s.renter.addr, "", "startClose", on(x)).gas
	s.now += x.Window
	got["finalize"] = s.channels.do(s.renter.addr, "", "finalize", on(x)).gas

	y := s.opened(2, 25_000_000)
	got["redeemAndClose"] = s.channels.do(s.payee.addr, "", "redeemAndClose", s.redeemArgs(y, 1_234_567, 1_234_567)...).gas
	z := s.opened(3, 25_000_000)
	got["closeByPayee"] = s.channels.do(s.payee.addr, "", "closeByPayee", on(z)).gas

	o := voucher.Open{Terms: s.terms(4), Amount: units(25_000_000), FeeCap: units(20_000), Deadline: s.now + 600}
	sig, err := o.Sign(s.domain, s.renter.key)
	if err != nil {
		t.Fatal(err)
	}
	got["openFor_first"] = s.openFor(s.payee, "", o, 15_000, sig).gas
	o.Terms = s.terms(5)
	if sig, err = o.Sign(s.domain, s.renter.key); err != nil {
		t.Fatal(err)
	}
	got["openFor"] = s.openFor(s.payee, "", o, 15_000, sig).gas

	s.token.do(s.renter.addr, "", "approve", s.channels.addr, units(25_000_000))
	got["deposit"] = s.channels.do(s.renter.addr, "", "deposit", s.token.addr, units(20_000_000)).gas
	got["withdraw"] = s.channels.do(s.renter.addr, "", "withdraw", s.token.addr, units(1_000_000), s.renter.addr).gas

	const many = 100
	var list []channels.ChannelsTerms
	var amounts []*big.Int
	var claims []channels.ChannelsClaim
	for i := byte(0); i < many; i++ {
		c := s.terms(100 + i)
		list, amounts = append(list, on(c)), append(amounts, units(5_000_000))
	}
	got["openMany_per_100"] = s.channels.do(s.renter.addr, "", "openMany", list, amounts).gas / many
	for i := byte(0); i < many; i++ {
		claims = append(claims, s.claim(s.terms(100+i), 1_234_567+int64(i), 1_234_567+int64(i)))
	}
	o2 := s.channels.do(s.payee.addr, "", "redeemMany", claims)
	if n := len(events(s, o2, bind.UnpackRedeemedEvent)); n != many {
		t.Fatalf("%d of %d redeemed", n, many)
	}
	got["redeemMany_per_100"] = o2.gas / many

	compareGas(t, got)
}

func compareGas(t *testing.T, got map[string]uint64) {
	t.Helper()
	figures := map[string]gasFigure{}
	for name, gas := range got {
		figures[name] = gasFigure{Gas: gas, Limit: gasLimits[name]}
	}
	for name, limit := range gasLimits {
		if gas, ok := got[name]; !ok || gas > limit {
			t.Errorf("%s costs %d gas, promised are %d", name, gas, limit)
		}
	}
	want, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("gas.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("gas.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("gas.json is not what was measured; go test -run TestGas -update writes it:\n%s", want)
	}
}

// The figures are for today's main chain: transient storage and the calldata floor are there, later forks are not.
func TestForkIsOsaka(t *testing.T) {
	m := newMachine(t)
	r := m.rules()
	if !r.IsOsaka || r.IsAmsterdam {
		t.Fatalf("%+v", r)
	}
}
