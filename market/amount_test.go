package market_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/market"
)

var limit = new(big.Int).Lsh(big.NewInt(1), 128)

// anyBig returns an integer of 0 to 130 bits, often at an edge.
func anyBig(r *rand.Rand) *big.Int {
	v := new(big.Int).Lsh(big.NewInt(1), uint(r.IntN(131)))
	switch r.IntN(4) {
	case 0:
		return v.Sub(v, big.NewInt(1))
	case 1:
		return v
	}
	x := new(big.Int).SetUint64(r.Uint64())
	x.Lsh(x, 64).Add(x, new(big.Int).SetUint64(r.Uint64()))
	return x.Mod(x, v)
}

func TestAmountAgainstBig(t *testing.T) {
	r := seeded(t)
	for range 20000 {
		x, y := anyBig(r), anyBig(r)
		a, errA := market.AmountFromBig(x)
		if (errA == nil) != (x.Cmp(limit) < 0) {
			t.Fatalf("AmountFromBig(%s): %v", x, errA)
		}
		b, errB := market.AmountFromBig(y)
		if errA != nil || errB != nil {
			continue
		}
		check := func(op string, got market.Amount, err error, want *big.Int) {
			t.Helper()
			if ok := want.Sign() >= 0 && want.Cmp(limit) < 0; ok != (err == nil) {
				t.Fatalf("%s %s %s: error %v, want %s", x, op, y, err, want)
			} else if ok && got.Big().Cmp(want) != 0 {
				t.Fatalf("%s %s %s = %s, want %s", x, op, y, got.Big(), want)
			} else if !ok && !errors.Is(err, market.ErrOverflow) {
				t.Fatalf("%s %s %s: %v is not ErrOverflow", x, op, y, err)
			}
		}
		sum, err := a.Add(b)
		check("+", sum, err, new(big.Int).Add(x, y))
		diff, err := a.Sub(b)
		check("-", diff, err, new(big.Int).Sub(x, y))
		num, den := r.Uint64(), r.Uint64()>>r.IntN(64)|1
		scaled, err := a.MulDiv(num, den)
		want := new(big.Int).Mul(x, new(big.Int).SetUint64(num))
		check(fmt.Sprintf("×%d÷%d", num, den), scaled, err, want.Div(want, new(big.Int).SetUint64(den)))
		if a.Cmp(b) != x.Cmp(y) || a.Less(b) != (x.Cmp(y) < 0) || (a == b) != (x.Cmp(y) == 0) {
			t.Fatalf("%s and %s compare wrongly", x, y)
		}
		for _, back := range []func() (market.Amount, error){
			func() (market.Amount, error) { return market.ParseAmount(a.String()) },
			func() (market.Amount, error) { return market.AmountFromBytes(a.Bytes()) },
		} {
			if v, err := back(); err != nil || v != a {
				t.Fatalf("%s does not come back: %s, %v", a, v, err)
			}
		}
		dec := r.IntN(19)
		units := a.BaseUnits(dec)
		if scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(18-dec)), nil); units.Cmp(new(big.Int).Div(x, scale)) != 0 {
			t.Fatalf("%s in units of %d decimals: %s", a, dec, units)
		}
		if v, err := market.AmountFromBaseUnits(units, dec); err != nil || a.Less(v) {
			t.Fatalf("units of %s come back as %s, %v", a, v, err)
		}
	}
}

func TestParseAmount(t *testing.T) {
	for s, want := range map[string]string{
		"0": "0", "00.10": "0.1", ".5": "0.5", "1": "1", "0.000000000000000001": "0.000000000000000001",
		"340282366920938463463.374607431768211455": "340282366920938463463.374607431768211455",
	} {
		if a, err := market.ParseAmount(s); err != nil || a.String() != want {
			t.Errorf("%q: %s, %v; want %s", s, a, err, want)
		}
	}
	for _, s := range []string{
		"", ".", "1.", "-1", "+1", "1e3", "abc", "1,5", "1 ", "٣", "0x1", "1.0000000000000000001",
		"340282366920938463463.374607431768211456", strings.Repeat("9", 400),
	} {
		if a, err := market.ParseAmount(s); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%q: %s, %v; want ErrInvalid", s, a, err)
		}
	}
}

func TestAmountEdges(t *testing.T) {
	one := market.Units(1)
	if _, err := one.MulDiv(1, 0); !errors.Is(err, market.ErrInvalid) {
		t.Errorf("division by zero: %v", err)
	}
	if _, err := market.AmountFromBig(nil); err == nil {
		t.Error("nil is no amount")
	}
	if _, err := market.AmountFromBig(big.NewInt(-1)); err == nil {
		t.Error("-1 is no amount")
	}
	for _, dec := range []int{-1, 19} {
		if _, err := market.AmountFromBaseUnits(big.NewInt(1), dec); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%d decimals: %v", dec, err)
		}
	}
	for _, b := range [][]byte{{0}, {0, 1}, make([]byte, 17)} {
		if _, err := market.AmountFromBytes(b); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("bytes %x: %v", b, err)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	f.Add("0.50")
	f.Add(".")
	f.Add("340282366920938463463.374607431768211456")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := market.ParseAmount(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q is no number", s)
		}
		want.Mul(want, new(big.Rat).SetInt(market.Units(1).Big()))
		if !want.IsInt() || want.Num().Cmp(a.Big()) != 0 {
			t.Fatalf("%q read as %s", s, a)
		}
	})
}

func ExampleAmount() {
	perHour, _ := market.ParseAmount("0.50")
	perMinute, _ := perHour.MulDiv(1, 60)
	fmt.Println(perMinute, "a minute;", perMinute.BaseUnits(6), "units of a token with 6 decimals")
	// Output: 0.008333333333333333 a minute; 8333 units of a token with 6 decimals
}
