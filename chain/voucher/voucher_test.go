package voucher_test

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/etal-cloud/etal/chain/voucher"
)

func part(lease byte, cumulative int64) voucher.Part {
	return voucher.Part{Lease: [32]byte{lease}, Cumulative: big.NewInt(cumulative)}
}

func TestNewSortsSumsAndCopies(t *testing.T) {
	in := []voucher.Part{part(3, 30), part(1, 10), part(2, 0)}
	v, err := voucher.New([32]byte{9}, in)
	if err != nil {
		t.Fatal(err)
	}
	if v.Cumulative.Int64() != 40 {
		t.Errorf("sum is %s", v.Cumulative)
	}
	if !slices.IsSortedFunc(v.Parts, func(a, b voucher.Part) int { return bytes.Compare(a.Lease[:], b.Lease[:]) }) {
		t.Error("parts are not sorted")
	}
	in[0].Cumulative.SetInt64(7)
	if v.Part([32]byte{3}).Int64() != 30 {
		t.Error("the voucher changed with the caller's amount")
	}
	v.Part([32]byte{3}).SetInt64(8)
	if v.Part([32]byte{3}).Int64() != 30 || v.Part([32]byte{4}).Sign() != 0 {
		t.Error("Part is no copy, or invents one")
	}
}

func TestVoucherValidate(t *testing.T) {
	many := func(n int) []voucher.Part {
		list := make([]voucher.Part, n)
		for i := range list {
			list[i] = voucher.Part{Lease: [32]byte{byte(i >> 8), byte(i)}, Cumulative: big.NewInt(1)}
		}
		return list
	}
	max96 := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 96), big.NewInt(1))
	over96 := new(big.Int).Lsh(big.NewInt(1), 96)
	for _, c := range []struct {
		name  string
		total *big.Int
		parts []voucher.Part
		want  error
	}{
		{"zero", big.NewInt(0), nil, nil},
		{"one", big.NewInt(5), []voucher.Part{part(1, 5)}, nil},
		{"the most parts", big.NewInt(voucher.MaxParts), many(voucher.MaxParts), nil},
		{"the most money", max96, []voucher.Part{{Lease: [32]byte{1}, Cumulative: max96}}, nil},
		{"no total", nil, nil, voucher.ErrAmount},
		{"negative total", big.NewInt(-1), nil, voucher.ErrAmount},
		{"too much", over96, []voucher.Part{{Lease: [32]byte{1}, Cumulative: over96}}, voucher.ErrAmount},
		{"no part amount", big.NewInt(0), []voucher.Part{{Lease: [32]byte{1}}}, voucher.ErrAmount},
		{"negative part", big.NewInt(4), []voucher.Part{part(1, 5), part(2, -1)}, voucher.ErrAmount},
		{"sum above", big.NewInt(5), []voucher.Part{part(1, 6)}, voucher.ErrParts},
		{"sum below", big.NewInt(5), []voucher.Part{part(1, 4)}, voucher.ErrParts},
		{"money without parts", big.NewInt(5), nil, voucher.ErrParts},
		{"unsorted", big.NewInt(5), []voucher.Part{part(2, 4), part(1, 1)}, voucher.ErrParts},
		{"repeated", big.NewInt(5), []voucher.Part{part(1, 4), part(1, 1)}, voucher.ErrParts},
		{"too many", big.NewInt(voucher.MaxParts + 1), many(voucher.MaxParts + 1), voucher.ErrParts},
	} {
		v := voucher.Voucher{Cumulative: c.total, Parts: c.parts}
		if err := v.Validate(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		v.Digest(voucher.Domain{}) // whatever it holds, this does not panic
	}
	if _, err := voucher.New([32]byte{}, []voucher.Part{part(1, 4), part(1, 1)}); !errors.Is(err, voucher.ErrParts) {
		t.Errorf("New accepts a repeated lease: %v", err)
	}
	if _, err := voucher.New([32]byte{}, many(voucher.MaxParts+1)); !errors.Is(err, voucher.ErrParts) {
		t.Errorf("New accepts too many: %v", err)
	}
	half := new(big.Int).Lsh(big.NewInt(1), 95)
	if _, err := voucher.New([32]byte{}, []voucher.Part{{Lease: [32]byte{1}, Cumulative: half}, {Lease: [32]byte{2}, Cumulative: half}}); !errors.Is(err, voucher.ErrAmount) {
		t.Errorf("New accepts a sum out of range: %v", err)
	}
}

func TestFollows(t *testing.T) {
	v := func(channel byte, parts ...voucher.Part) voucher.Voucher {
		t.Helper()
		v, err := voucher.New([32]byte{channel}, parts)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name       string
		prev, next voucher.Voucher
		want       error
	}{
		{"first", voucher.Voucher{}, v(1, part(1, 5)), nil},
		{"same", v(1, part(1, 5)), v(1, part(1, 5)), nil},
		{"grows", v(1, part(1, 5)), v(1, part(1, 6)), nil},
		{"new lease", v(1, part(2, 5)), v(1, part(1, 1), part(2, 5)), nil},
		{"after zero", v(1), v(1, part(1, 5)), nil},
		{"other channel", v(1, part(1, 5)), v(2, part(1, 6)), voucher.ErrChannel},
		{"shrinks", v(1, part(1, 5)), v(1, part(1, 4)), voucher.ErrShrinks},
		{"lease gone", v(1, part(1, 5), part(2, 0)), v(1, part(1, 6)), voucher.ErrShrinks},
		{"moved between leases", v(1, part(1, 5), part(2, 5)), v(1, part(1, 4), part(2, 9)), voucher.ErrShrinks},
		{"back to nothing", v(1, part(1, 5)), v(1), voucher.ErrShrinks},
		{"invalid next", v(1, part(1, 5)), voucher.Voucher{Channel: [32]byte{1}}, voucher.ErrAmount},
		{"invalid earlier", voucher.Voucher{Channel: [32]byte{1}, Cumulative: big.NewInt(2)}, v(1, part(1, 5)), voucher.ErrParts},
	} {
		if err := voucher.Follows(c.prev, c.next); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestSignVerifyVoucher(t *testing.T) {
	s := newSource(t)
	d, key, other := s.domain(), s.key(t), s.key(t)
	signer := voucher.Address(key)
	for _, n := range []int{0, 1, 7, voucher.MaxParts} {
		v := s.voucher(t, n)
		sig, err := v.Sign(d, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(d, signer, sig); err != nil {
			t.Fatalf("%d parts: %v", n, err)
		}
		refused := func(name string, v voucher.Voucher, d voucher.Domain, who common.Address) {
			t.Helper()
			if err := v.Verify(d, who, sig); !errors.Is(err, voucher.ErrSignature) {
				t.Errorf("%s: %v", name, err)
			}
		}
		refused("other signer", v, d, voucher.Address(other))
		refused("other chain", v, voucher.Domain{ChainID: d.ChainID + 1, Contract: d.Contract}, signer)
		refused("other contract", v, voucher.Domain{ChainID: d.ChainID, Contract: s.address()}, signer)
		changed := v
		changed.Channel[0]++
		refused("other channel", changed, d, signer)
		if n > 0 {
			parts := slices.Clone(v.Parts)
			parts[0].Lease[31]++
			refused("other lease", voucher.Voucher{Channel: v.Channel, Cumulative: v.Cumulative, Parts: parts}, d, signer)
			parts = slices.Clone(v.Parts)
			parts[n-1].Cumulative = new(big.Int).Add(parts[n-1].Cumulative, big.NewInt(1))
			total := new(big.Int).Add(v.Cumulative, big.NewInt(1))
			refused("one unit more", voucher.Voucher{Channel: v.Channel, Cumulative: total, Parts: parts}, d, signer)
		}
	}
	bad := voucher.Voucher{Cumulative: big.NewInt(1)}
	if _, err := bad.Sign(d, key); !errors.Is(err, voucher.ErrParts) {
		t.Errorf("an invalid voucher is signed: %v", err)
	}
	if _, err := s.voucher(t, 1).Sign(voucher.Domain{}, key); !errors.Is(err, voucher.ErrDomain) {
		t.Errorf("a voucher without domain is signed: %v", err)
	}
	if _, err := s.voucher(t, 1).Sign(d, nil); !errors.Is(err, voucher.ErrKey) {
		t.Errorf("a voucher without key is signed: %v", err)
	}
}

func TestRecoverAcceptsOneFormOnly(t *testing.T) {
	s := newSource(t)
	key, digest := s.key(t), s.hash()
	sig, err := voucher.Sign(digest, key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := voucher.Recover(digest, sig); err != nil || got != voucher.Address(key) {
		t.Fatalf("%s, %v", got, err)
	}
	change := func(f func(b []byte) []byte) []byte { return f(slices.Clone(sig)) }
	n := crypto.S256().Params().N
	for name, bad := range map[string][]byte{
		"nothing":   nil,
		"short":     sig[:64],
		"long":      append(slices.Clone(sig), 0),
		"raw v":     change(func(b []byte) []byte { b[64] -= 27; return b }),
		"v 29":      change(func(b []byte) []byte { b[64] = 29; return b }),
		"v 255":     change(func(b []byte) []byte { b[64] = 255; return b }),
		"r zero":    change(func(b []byte) []byte { clear(b[:32]); return b }),
		"s zero":    change(func(b []byte) []byte { clear(b[32:64]); return b }),
		"r too big": change(func(b []byte) []byte { n.FillBytes(b[:32]); return b }),
		"s too big": change(func(b []byte) []byte { n.FillBytes(b[32:64]); return b }),
		"high s": change(func(b []byte) []byte {
			high := new(big.Int).Sub(n, new(big.Int).SetBytes(b[32:64]))
			high.FillBytes(b[32:64])
			b[64] = 27 + 28 - b[64]
			return b
		}),
		"all ones": bytes.Repeat([]byte{0xff}, 65),
	} {
		if got, err := voucher.Recover(digest, bad); !errors.Is(err, voucher.ErrSignature) || got != (common.Address{}) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func FuzzRecover(f *testing.F) {
	key, err := crypto.ToECDSA(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	sig, err := voucher.Sign([32]byte{1}, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1}, sig)
	f.Add([]byte{}, []byte{})
	f.Add([]byte{2}, sig[:64])
	f.Fuzz(func(t *testing.T, seed, sig []byte) {
		var digest [32]byte
		copy(digest[:], seed)
		got, err := voucher.Recover(digest, sig)
		if err != nil {
			if !errors.Is(err, voucher.ErrSignature) || got != (common.Address{}) {
				t.Fatalf("%s, %v", got, err)
			}
			return
		}
		if got == (common.Address{}) {
			t.Fatal("the zero address is nobody's")
		}
		// What is accepted has one form: its twin with the higher s is not.
		twin := slices.Clone(sig)
		s := new(big.Int).SetBytes(sig[32:64])
		s.Sub(crypto.S256().Params().N, s).FillBytes(twin[32:64])
		twin[64] = 27 + 28 - twin[64]
		if _, err := voucher.Recover(digest, twin); err == nil {
			t.Fatal("both forms of a signature are accepted")
		}
	})
}

// FuzzFollows reads vouchers from bytes: a part per two bytes. What follows has grown in every respect.
func FuzzFollows(f *testing.F) {
	f.Add([]byte{1, 5}, []byte{1, 6})
	f.Add([]byte{1, 5, 2, 6}, []byte{2, 9})
	f.Add([]byte{2, 5, 1, 6}, []byte{})
	read := func(b []byte) voucher.Voucher {
		v := voucher.Voucher{Cumulative: new(big.Int)}
		for i := 0; i+1 < len(b); i += 2 {
			p := part(b[i], int64(int8(b[i+1])))
			v.Parts = append(v.Parts, p)
			v.Cumulative.Add(v.Cumulative, p.Cumulative)
		}
		return v
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		prev, next := read(a), read(b)
		next.Digest(voucher.Domain{})
		if voucher.Follows(prev, next) != nil {
			return
		}
		if next.Validate() != nil {
			t.Fatal("an invalid voucher follows")
		}
		if prev.Cumulative.Cmp(next.Cumulative) > 0 {
			t.Fatal("a smaller voucher follows")
		}
		for _, p := range prev.Parts {
			if p.Cumulative.Cmp(next.Part(p.Lease)) > 0 {
				t.Fatal("a lease lost money")
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	s := newSource(b)
	d, key, v := s.domain(), s.key(b), s.voucher(b, 3)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Sign(d, key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s := newSource(b)
	d, key, v := s.domain(), s.key(b), s.voucher(b, 3)
	signer := voucher.Address(key)
	sig, err := v.Sign(d, key)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(d, signer, sig); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	s := newSource(b)
	d, v := s.domain(), s.voucher(b, 3)
	b.ReportAllocs()
	for b.Loop() {
		v.Digest(d)
	}
}
