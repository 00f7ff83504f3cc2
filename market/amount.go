package market

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/holiman/uint256"
)

// AmountDecimals is the number of decimal places of an Amount.
const AmountDecimals = 18

// amountBits bounds every Amount, so that a product of an amount and a
// quantity always fits the arithmetic behind it.
const amountBits = 128

// Amount is money: an integer of 10⁻¹⁸ of the settlement token, at most 2¹²⁸−1.
// The zero value is nothing. Amounts compare with ==.
type Amount struct{ i uint256.Int }

// Units returns n whole tokens.
func Units(n uint64) Amount {
	var a Amount
	a.i.Mul(uint256.NewInt(n), pow10(AmountDecimals))
	return a
}

// Atto returns n × 10⁻¹⁸ tokens.
func Atto(n uint64) Amount { return Amount{*uint256.NewInt(n)} }

func pow10(n int) *uint256.Int {
	return new(uint256.Int).Exp(uint256.NewInt(10), uint256.NewInt(uint64(n)))
}

// AmountFromBig converts a non-negative integer of 10⁻¹⁸ tokens.
func AmountFromBig(v *big.Int) (Amount, error) {
	if v == nil || v.Sign() < 0 || v.BitLen() > amountBits {
		return Amount{}, fmt.Errorf("amount: %w", ErrOverflow)
	}
	var a Amount
	a.i.SetFromBig(v)
	return a, nil
}

// AmountFromBaseUnits converts base units of a token with the given number of
// decimals. Decimals above 18 are refused.
func AmountFromBaseUnits(v *big.Int, decimals int) (Amount, error) {
	if decimals < 0 || decimals > AmountDecimals {
		return Amount{}, fmt.Errorf("%w: a token of %d decimals", ErrInvalid, decimals)
	}
	if v == nil || v.Sign() < 0 {
		return Amount{}, fmt.Errorf("%w: a negative amount", ErrInvalid)
	}
	return AmountFromBig(new(big.Int).Mul(v, pow10(AmountDecimals-decimals).ToBig()))
}

// BaseUnits returns a in base units of a token with the given number of
// decimals (0 to 18), rounded down.
func (a Amount) BaseUnits(decimals int) *big.Int {
	var q uint256.Int
	q.Div(&a.i, pow10(AmountDecimals-decimals))
	return q.ToBig()
}

// Bytes returns a as a minimal big-endian integer, the form of the wire. Nothing
// is the empty slice.
func (a Amount) Bytes() []byte { return a.i.Bytes() }

// AmountFromBytes reads what Bytes returns: at most 16 bytes, no leading zero.
func AmountFromBytes(b []byte) (Amount, error) {
	if len(b) > amountBits/8 || (len(b) > 0 && b[0] == 0) {
		return Amount{}, fmt.Errorf("%w: an amount of %d bytes", ErrInvalid, len(b))
	}
	var a Amount
	a.i.SetBytes(b)
	return a, nil
}

// Big returns a as an integer of 10⁻¹⁸ tokens.
func (a Amount) Big() *big.Int { return a.i.ToBig() }

// IsZero reports whether a is nothing.
func (a Amount) IsZero() bool { return a.i.IsZero() }

// Cmp returns -1, 0 or 1 as a is less than, equal to or more than b.
func (a Amount) Cmp(b Amount) int { return a.i.Cmp(&b.i) }

// Less reports whether a < b.
func (a Amount) Less(b Amount) bool { return a.i.Lt(&b.i) }

// Add returns a + b, or ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	var s Amount
	s.i.Add(&a.i, &b.i)
	if s.i.BitLen() > amountBits {
		return Amount{}, fmt.Errorf("amount: %w", ErrOverflow)
	}
	return s, nil
}

// Sub returns a − b, or ErrOverflow where b is more than a.
func (a Amount) Sub(b Amount) (Amount, error) {
	var s Amount
	if _, under := s.i.SubOverflow(&a.i, &b.i); under {
		return Amount{}, fmt.Errorf("amount below zero: %w", ErrOverflow)
	}
	return s, nil
}

// MulDiv returns a × num ÷ den rounded down, or ErrOverflow. den must not be 0.
func (a Amount) MulDiv(num, den uint64) (Amount, error) {
	if den == 0 {
		return Amount{}, fmt.Errorf("%w: division by zero", ErrInvalid)
	}
	var s Amount
	s.i.Mul(&a.i, uint256.NewInt(num)) // 128 + 64 bits cannot overflow 256
	s.i.Div(&s.i, uint256.NewInt(den))
	if s.i.BitLen() > amountBits {
		return Amount{}, fmt.Errorf("amount: %w", ErrOverflow)
	}
	return s, nil
}

// String returns the exact decimal value without trailing zeros: "0.003".
func (a Amount) String() string {
	s := a.i.Dec()
	if len(s) <= AmountDecimals {
		s = strings.Repeat("0", AmountDecimals-len(s)+1) + s
	}
	whole, frac := s[:len(s)-AmountDecimals], strings.TrimRight(s[len(s)-AmountDecimals:], "0")
	if frac == "" {
		return whole
	}
	return whole + "." + frac
}

// MarshalText writes the amount as String does.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAmount reads.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := ParseAmount(string(b))
	if err == nil {
		*a = v
	}
	return err
}

// ParseAmount reads a plain decimal number of tokens: digits with at most one
// point and at most 18 places. Signs, exponents and separators are refused.
func ParseAmount(s string) (Amount, error) {
	bad := func(why string) (Amount, error) {
		return Amount{}, fmt.Errorf("%w: %.40q is not an amount: %s", ErrInvalid, s, why)
	}
	whole, frac, point := strings.Cut(s, ".")
	if whole+frac == "" || (point && frac == "") {
		return bad("want a number such as 0.50")
	}
	if len(frac) > AmountDecimals {
		return bad("more than 18 decimal places")
	}
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return bad("want digits and at most one point, such as 0.50")
		}
	}
	digits := strings.TrimLeft(whole+frac+strings.Repeat("0", AmountDecimals-len(frac)), "0")
	if len(digits) > 39 {
		return bad("too large")
	}
	if digits == "" {
		return Amount{}, nil
	}
	v, err := uint256.FromDecimal(digits)
	if err != nil || v.BitLen() > amountBits {
		return bad("too large")
	}
	return Amount{*v}, nil
}
