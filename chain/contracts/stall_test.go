package contracts_test

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/contracts/testtoken"
	"github.com/etal-cloud/etal/chain/voucher"
)

// stall is Channels and the test token, deployed, and the people who use them.
type stall struct {
	*machine
	channels contract
	token    contract
	domain   voucher.Domain

	minter, renter, payee, signer, stranger person
}

// budget is what the renter has in its balance at the start, in base units.
const budget = 1_000_000_000

func newStall(t testing.TB) *stall {
	t.Helper()
	m := newMachine(t)
	s := &stall{
		machine: m, minter: newPerson(t, "minter"), renter: newPerson(t, "renter"), payee: newPerson(t, "payee"),
		signer: newPerson(t, "signer"), stranger: newPerson(t, "stranger"),
	}
	s.channels = m.deploy(load(t, "artifacts/Channels.json"))
	s.token = m.deploy(load(t, "artifacts/TestToken.json"), s.minter.addr)
	s.channels.also = append(s.channels.also, s.token.abi)
	s.domain = voucher.Domain{ChainID: m.config.ChainID.Uint64(), Contract: s.channels.addr}
	s.token.do(s.minter.addr, "", "mint", s.renter.addr, units(2*budget))
	s.token.do(s.renter.addr, "", "approve", s.channels.addr, units(budget))
	s.channels.do(s.renter.addr, "", "deposit", s.token.addr, units(budget))
	return s
}

// terms are those of the n-th channel of the usual parties.
func (s *stall) terms(n byte) voucher.Terms {
	s.t.Helper()
	salt, err := voucher.NewSalt("compute", [24]byte(crypto.Keccak256([]byte{n})))
	if err != nil {
		s.t.Fatal(err)
	}
	return voucher.Terms{
		Renter: s.renter.addr, Payee: s.payee.addr, Signer: s.signer.addr, Token: s.token.addr, Window: 24 * 3600, Salt: salt,
	}
}

// on is the binding's form of terms.
func on(x voucher.Terms) channels.ChannelsTerms {
	return channels.ChannelsTerms{
		Renter: x.Renter, Payee: x.Payee, Signer: x.Signer, Token: x.Token, Window: x.Window, Salt: x.Salt,
	}
}

// opened opens the n-th channel with an amount.
func (s *stall) opened(n byte, amount int64) voucher.Terms {
	s.t.Helper()
	x := s.terms(n)
	s.channels.do(s.renter.addr, "", "open", on(x), units(amount))
	return x
}

// signed is a voucher over one lease, with its signature.
func (s *stall) signed(x voucher.Terms, cumulative int64) (voucher.Voucher, []byte) {
	s.t.Helper()
	return s.signedBy(s.signer, x, cumulative)
}

func (s *stall) signedBy(who person, x voucher.Terms, cumulative int64) (voucher.Voucher, []byte) {
	s.t.Helper()
	v, err := voucher.New(x.ID(s.domain), []voucher.Part{
		{Lease: crypto.Keccak256Hash([]byte("a lease")), Cumulative: units(cumulative)},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	sig, err := v.Sign(s.domain, who.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return v, sig
}

// receipts stands for a root over receipts.
var receipts = crypto.Keccak256Hash([]byte("receipts"))

// redeemArgs are the arguments of redeem and redeemAndClose for a voucher of which amount is taken.
func (s *stall) redeemArgs(x voucher.Terms, amount, cumulative int64) []any {
	s.t.Helper()
	v, sig := s.signed(x, cumulative)
	return []any{on(x), units(amount), v.Cumulative, voucher.PartsHash(v.Parts), [32]byte(receipts), sig}
}

// redeem takes amount with a voucher for cumulative, and demands the named error.
func (s *stall) redeem(from person, want string, x voucher.Terms, amount, cumulative int64) outcome {
	s.t.Helper()
	return s.channels.do(from.addr, want, "redeem", s.redeemArgs(x, amount, cumulative)...)
}

// claim is the same as an entry of redeemMany.
func (s *stall) claim(x voucher.Terms, amount, cumulative int64) channels.ChannelsClaim {
	s.t.Helper()
	v, sig := s.signed(x, cumulative)
	return channels.ChannelsClaim{
		Terms: on(x), Amount: units(amount), Cumulative: v.Cumulative, Parts: voucher.PartsHash(v.Parts), Receipts: receipts, Sig: sig,
	}
}

func (s *stall) balance(who common.Address) int64 {
	s.t.Helper()
	return s.balanceOf(who, s.token.addr)
}

func (s *stall) balanceOf(who, token common.Address) int64 {
	s.t.Helper()
	return get[*big.Int](s.channels, "balances", who, token).Int64()
}

// held is what an address has of the test token outside Channels.
func (s *stall) held(who common.Address) int64 {
	s.t.Helper()
	return get[*big.Int](s.token, "balanceOf", who).Int64()
}

// channel reads a channel's slot.
func (s *stall) channel(x voucher.Terms) channels.ChannelsOutput {
	s.t.Helper()
	c := channels.NewChannels()
	out, err := c.UnpackChannels(s.read(s.channels.addr, c.PackChannels(x.ID(s.domain))))
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// events returns the logs of one name, in order, unpacked by the binding.
func events[E any](s *stall, o outcome, unpack func(*types.Log) (*E, error)) []*E {
	s.t.Helper()
	var list []*E
	for _, l := range o.logs {
		if l.Address != s.channels.addr {
			continue
		}
		if e, err := unpack(l); err == nil {
			list = append(list, e)
		}
	}
	return list
}

// one demands exactly one log of a name.
func one[E any](s *stall, o outcome, unpack func(*types.Log) (*E, error)) *E {
	s.t.Helper()
	list := events(s, o, unpack)
	if len(list) != 1 {
		s.t.Fatalf("%d events %T, want one", len(list), *new(E))
	}
	return list[0]
}

func (s *stall) equal(what string, got, want int64) {
	s.t.Helper()
	if got != want {
		s.t.Fatalf("%s is %d, want %d", what, got, want)
	}
}

// bind is the generated binding; the tests read logs with it, as the node does.
var bind = channels.NewChannels()

func TestTestToken(t *testing.T) {
	s := newStall(t)
	if got := get[string](s.token, "symbol"); got != "test$" {
		t.Errorf("symbol is %q", got)
	}
	if got := get[uint8](s.token, "decimals"); got != 6 {
		t.Errorf("%d decimals", got)
	}
	if got := get[common.Address](s.token, "minter"); got != s.minter.addr {
		t.Errorf("minter is %s", got)
	}
	s.token.do(s.stranger.addr, "NotMinter", "mint", s.stranger.addr, units(1))
	s.token.do(s.renter.addr, "NotMinter", "mint", s.stranger.addr, units(1))
	before := get[*big.Int](s.token, "totalSupply")
	s.token.do(s.minter.addr, "", "mint", s.stranger.addr, units(7))
	after := get[*big.Int](s.token, "totalSupply")
	s.equal("the supply's growth", new(big.Int).Sub(after, before).Int64(), 7)
	s.equal("what was made", s.held(s.stranger.addr), 7)
}

// The bindings and the artifacts are of the same compilation.
func TestBindingsHoldTheArtifacts(t *testing.T) {
	for name, bin := range map[string]string{
		"Channels": channels.ChannelsMetaData.Bin, "TestToken": testtoken.TestTokenMetaData.Bin,
	} {
		a := load(t, "artifacts/"+name+".json")
		if common.Bytes2Hex(a.code) != common.Bytes2Hex(common.FromHex(bin)) {
			t.Errorf("the binding of %s has other bytecode than its artifact", name)
		}
		if len(a.code) > 24_576 {
			t.Errorf("%s has %d bytes, more than a chain accepts", name, len(a.code))
		}
	}
}
