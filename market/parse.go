package market

import (
	"fmt"
	"math/big"
	"strings"
)

// decimal reads a plain positive decimal number with at most 9 places. what
// names it in errors, example shows one.
func decimal(s, what, example string) (*big.Rat, error) {
	bad := func(why string) error {
		return fmt.Errorf("%w: %s %.40q: %s, such as %s", ErrInvalid, what, s, why, example)
	}
	if strings.HasPrefix(s, "-") {
		return nil, bad("must be more than 0")
	}
	whole, frac, point := strings.Cut(s, ".")
	if whole+frac == "" || (point && frac == "") || len(whole) > 24 || len(frac) > 9 {
		return nil, bad("want a plain number")
	}
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return nil, bad("want a plain number")
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, bad("want a plain number")
	}
	if r.Sign() == 0 {
		return nil, bad("must be more than 0")
	}
	return r, nil
}

// times returns r × n rounded down, or an error where that is 0 or above hi.
func times(r *big.Rat, n, hi int64, what, s, limit string) (int64, error) {
	r = new(big.Rat).Mul(r, new(big.Rat).SetInt64(n))
	v := new(big.Int).Quo(r.Num(), r.Denom())
	if v.Sign() == 0 {
		return 0, fmt.Errorf("%w: %s %.40q is too small", ErrInvalid, what, s)
	}
	if !v.IsInt64() || v.Int64() > hi {
		return 0, fmt.Errorf("%w: %s %.40q is more than %s", ErrInvalid, what, s, limit)
	}
	return v.Int64(), nil
}

// ParseCPUs reads a number of cores, such as 0.5, as thousandths of a core.
func ParseCPUs(s string) (milli int64, err error) {
	r, err := decimal(s, "cpus", "0.5 or 4")
	if err != nil {
		return 0, err
	}
	return times(r, 1000, MaxMilliCPU, "cpus", s, fmt.Sprint(MaxMilliCPU/1000))
}

var byteUnits = map[string]int64{
	"": 1, "b": 1,
	"k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10,
	"m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20,
	"g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30,
	"t": 1 << 40, "tb": 1 << 40, "tib": 1 << 40,
}

// ParseBytes reads a size as docker does: a number of bytes, or one with k, m, g
// or t behind it, each 1024 of the one before, in any case, with or without b
// or ib: 512m, 1.5GiB.
func ParseBytes(s string) (int64, error) {
	const example = "512m or 1.5g"
	at := strings.LastIndexAny(s, "0123456789.") + 1
	unit, ok := byteUnits[strings.ToLower(strings.TrimSpace(s[at:]))]
	if !ok {
		return 0, fmt.Errorf("%w: size %.40q: want a number with k, m, g or t, such as %s", ErrInvalid, s, example)
	}
	r, err := decimal(s[:at], "size", example)
	if err != nil {
		return 0, err
	}
	return times(r, unit, MaxBytes, "size", s, "1 PiB")
}

// rateUnits are the ways to say per what: num ÷ den hours go into one.
var rateUnits = map[string]struct{ num, den uint64 }{
	"": {1, 1}, "h": {1, 1}, "hour": {1, 1},
	"s": {3600, 1}, "sec": {3600, 1}, "second": {3600, 1},
	"min": {60, 1}, "minute": {60, 1},
	"d": {1, 24}, "day": {1, 24},
}

// ParseRate reads an amount per time as an amount per hour: 0.50, 0.50/h,
// 0.01/min, 0.0002/s, 12/day (rounded down). Nothing per hour is refused.
func ParseRate(s string) (perHour Amount, err error) {
	value, per, slash := strings.Cut(s, "/")
	unit, ok := rateUnits[per]
	if !ok || (slash && per == "") {
		return Amount{}, fmt.Errorf("%w: rate %.40q: want an amount per h, min, s or day, such as 0.50/h", ErrInvalid, s)
	}
	if strings.HasPrefix(value, "-") {
		return Amount{}, fmt.Errorf("%w: rate %.40q must be more than 0, such as 0.50/h", ErrInvalid, s)
	}
	a, err := ParseAmount(value)
	if err != nil {
		return Amount{}, err
	}
	a, err = a.MulDiv(unit.num, unit.den)
	if err != nil {
		return Amount{}, fmt.Errorf("rate %.40q: %w", s, err)
	}
	if a.IsZero() {
		return Amount{}, fmt.Errorf("%w: rate %.40q must be more than 0, such as 0.50/h", ErrInvalid, s)
	}
	if MaxRate.Less(a) {
		return Amount{}, fmt.Errorf("%w: rate %.40q is more than %s per hour", ErrInvalid, s, MaxRate)
	}
	return a, nil
}

// MaxRate bounds what ParseRate reads: 10¹² tokens per hour.
var MaxRate = Units(1_000_000_000_000)
