package marketpb

import (
	"fmt"
	"math/big"
	"time"
)

// Units reads an integer field: an amount or base units. Its errors match
// ErrInvalid; empty means 0.
func Units(b []byte) (*big.Int, error) {
	c := check{of: "integer"}
	c.integer("value", b)
	if c.err != nil {
		return nil, c.err
	}
	return new(big.Int).SetBytes(b), nil
}

// UnitsBytes writes an integer field. A nil v is 0; a negative one and one of
// more than 16 bytes are refused.
func UnitsBytes(v *big.Int) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	if v.Sign() < 0 || v.BitLen() > 8*amountBytes {
		return nil, fmt.Errorf("%w integer: negative or above 16 bytes", ErrInvalid)
	}
	return v.Bytes(), nil
}

// Milli writes a time as Unix milliseconds; the zero time is 0.
func Milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMilli reads a time of Unix milliseconds in UTC; 0 is the zero time.
func FromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Seconds writes a time as Unix seconds, rounded down; the zero time is 0.
func Seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// FromSeconds reads a time of Unix seconds in UTC; 0 is the zero time.
func FromSeconds(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
