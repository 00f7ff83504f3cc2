package voucher_test

import (
	"crypto/ecdsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/etal-cloud/etal/chain/voucher"
)

// The oracle is go-ethereum's general EIP-712 code: slow, but written by others.
func oracle(t *testing.T, d voucher.Domain, types apitypes.Types, primary string, message map[string]any) [32]byte {
	t.Helper()
	all := apitypes.Types{"EIP712Domain": {
		{Name: "name", Type: "string"},
		{Name: "version", Type: "string"},
		{Name: "chainId", Type: "uint256"},
		{Name: "verifyingContract", Type: "address"},
	}}
	for name, fields := range types {
		all[name] = fields
	}
	hash, _, err := apitypes.TypedDataAndHash(apitypes.TypedData{
		Types:       all,
		PrimaryType: primary,
		Domain: apitypes.TypedDataDomain{
			Name: "etal", Version: "1",
			ChainId:           (*math.HexOrDecimal256)(new(big.Int).SetUint64(d.ChainID)),
			VerifyingContract: d.Contract.Hex(),
		},
		Message: message,
	})
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(hash)
}

// fields reads "type name, type name".
func fields(pairs ...string) []apitypes.Type {
	var list []apitypes.Type
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, apitypes.Type{Type: pairs[i], Name: pairs[i+1]})
	}
	return list
}

// source makes values from a printed seed.
type source struct{ *rand.Rand }

func newSource(t testing.TB) source {
	seed := rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return source{rand.New(rand.NewPCG(seed, 1))}
}

func (s source) fill(b []byte) {
	for i := range b {
		b[i] = byte(s.Uint32())
	}
}

func (s source) hash() (h [32]byte)          { s.fill(h[:]); return h }
func (s source) address() (a common.Address) { s.fill(a[:]); return a }
func (s source) domain() voucher.Domain {
	return voucher.Domain{ChainID: s.Uint64()>>1 + 1, Contract: s.address()}
}

func (s source) key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	for {
		h := s.hash()
		if key, err := crypto.ToECDSA(h[:]); err == nil {
			return key
		}
	}
}

// amount is below 2⁸⁰, so that 256 of them stay in range.
func (s source) amount() *big.Int {
	b := make([]byte, 1+s.IntN(10))
	s.fill(b)
	return new(big.Int).SetBytes(b)
}

func (s source) terms() voucher.Terms {
	return voucher.Terms{
		Renter: s.address(), Payee: s.address(), Signer: s.address(), Token: s.address(),
		Window: voucher.MinWindow + s.Uint64N(voucher.MaxWindow-voucher.MinWindow+1), Salt: s.hash(),
	}
}

func (s source) voucher(t testing.TB, parts int) voucher.Voucher {
	t.Helper()
	list := make([]voucher.Part, parts)
	for i := range list {
		list[i] = voucher.Part{Lease: s.hash(), Cumulative: s.amount()}
	}
	v, err := voucher.New(s.hash(), list)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var termsFields = fields("address", "renter", "address", "payee", "address", "signer", "address", "token",
	"uint64", "window", "bytes32", "salt")

func termsMessage(x voucher.Terms) map[string]any {
	return map[string]any{
		"renter": x.Renter.Hex(), "payee": x.Payee.Hex(), "signer": x.Signer.Hex(), "token": x.Token.Hex(),
		"window": fmt.Sprint(x.Window), "salt": hexutil.Encode(x.Salt[:]),
	}
}

func TestDigestsMatchTheOracle(t *testing.T) {
	s := newSource(t)
	for range 50 {
		d := s.domain()

		v := s.voucher(t, s.IntN(5))
		parts := voucher.PartsHash(v.Parts)
		want := oracle(t, d, apitypes.Types{"Voucher": fields("bytes32", "channel", "uint256", "cumulative", "bytes32", "parts")},
			"Voucher", map[string]any{
				"channel": hexutil.Encode(v.Channel[:]), "cumulative": v.Cumulative.String(), "parts": hexutil.Encode(parts[:]),
			})
		if got := v.Digest(d); got != want {
			t.Fatalf("voucher: %x, oracle %x", got, want)
		}

		o := voucher.Open{Terms: s.terms(), Amount: s.amount(), FeeCap: s.amount(), Deadline: s.Uint64()}
		want = oracle(t, d, apitypes.Types{
			"Open":  fields("Terms", "terms", "uint256", "amount", "uint256", "feeCap", "uint256", "deadline"),
			"Terms": termsFields,
		}, "Open", map[string]any{
			"terms": termsMessage(o.Terms), "amount": o.Amount.String(), "feeCap": o.FeeCap.String(),
			"deadline": fmt.Sprint(o.Deadline),
		})
		if got := o.Digest(d); got != want {
			t.Fatalf("open: %x, oracle %x", got, want)
		}

		c := voucher.StartClose{Channel: s.hash(), Deadline: s.Uint64()}
		want = oracle(t, d, apitypes.Types{"StartClose": fields("bytes32", "channel", "uint256", "deadline")},
			"StartClose", map[string]any{"channel": hexutil.Encode(c.Channel[:]), "deadline": fmt.Sprint(c.Deadline)})
		if got := c.Digest(d); got != want {
			t.Fatalf("start close: %x, oracle %x", got, want)
		}

		b := voucher.Bind{Network: s.hash(), Peer: make([]byte, 3+s.IntN(60)), Signer: s.address(), Account: s.address(), ValidUntil: s.Uint64()}
		s.fill(b.Peer)
		want = oracle(t, d, apitypes.Types{"Bind": fields("bytes32", "network", "bytes", "peer", "address", "signer",
			"address", "account", "uint64", "validUntil")}, "Bind", map[string]any{
			"network": hexutil.Encode(b.Network[:]), "peer": hexutil.Encode(b.Peer), "signer": b.Signer.Hex(),
			"account": b.Account.Hex(), "validUntil": fmt.Sprint(b.ValidUntil),
		})
		if got := b.Digest(d); got != want {
			t.Fatalf("bind: %x, oracle %x", got, want)
		}

		l := voucher.Lease{
			Network: s.hash(), Renter: s.address(), Provider: s.address(), ResourceID: s.Uint64(), Sequence: s.Uint64(),
			Channel: s.hash(), Accepted: s.Uint64(), Term: s.Uint64(), Terms: s.hash(),
		}
		want = oracle(t, d, apitypes.Types{"Lease": fields("bytes32", "network", "address", "renter", "address", "provider",
			"uint64", "resourceId", "uint64", "sequence", "bytes32", "channel", "uint64", "accepted", "uint64", "term",
			"bytes32", "terms")}, "Lease", map[string]any{
			"network": hexutil.Encode(l.Network[:]), "renter": l.Renter.Hex(), "provider": l.Provider.Hex(),
			"resourceId": fmt.Sprint(l.ResourceID), "sequence": fmt.Sprint(l.Sequence), "channel": hexutil.Encode(l.Channel[:]),
			"accepted": fmt.Sprint(l.Accepted), "term": fmt.Sprint(l.Term), "terms": hexutil.Encode(l.Terms[:]),
		})
		if got := l.Digest(d); got != want {
			t.Fatalf("lease: %x, oracle %x", got, want)
		}
	}
}

// A fixed vector keeps the encoding from changing unnoticed, for signatures made today must count for years.
func TestVoucherVector(t *testing.T) {
	d := voucher.Domain{ChainID: 31337, Contract: common.HexToAddress("0x00000000000000000000000000000000000000e7")}
	x := voucher.Terms{
		Renter: common.HexToAddress("0x01"), Payee: common.HexToAddress("0x02"), Signer: common.HexToAddress("0x03"),
		Token: common.HexToAddress("0x04"), Window: 3600, Salt: [32]byte{5},
	}
	v, err := voucher.New(x.ID(d), []voucher.Part{
		{Lease: [32]byte{2}, Cumulative: big.NewInt(20)}, {Lease: [32]byte{1}, Cumulative: big.NewInt(10)},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, digest := x.ID(d), v.Digest(d)
	got := hex.EncodeToString(id[:]) + " " + hex.EncodeToString(digest[:])
	const want = "c3d3e54a01865421757322a119f4bb983e990ba6e187ba6d0edfa2427a05de0e " +
		"5f3b3344d1d512b1c4f42ffa6927485823a53e4977d03783866ca04ddb263ad1"
	if got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
}
