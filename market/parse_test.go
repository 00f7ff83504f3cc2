package market_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
)

func TestParseCPUs(t *testing.T) {
	for s, want := range map[string]int64{"1": 1000, "0.5": 500, ".5": 500, "0.001": 1, "16777": 16777000, "2.0005": 2000, "007": 7000} {
		if got, err := market.ParseCPUs(s); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", s, got, err, want)
		}
	}
	for s, why := range map[string]string{
		"0": "must be more than 0", "0.0": "must be more than 0", "-1": "must be more than 0", "-x": "must be more than 0",
		"abc": "plain number", "": "plain number", "1.": "plain number", ".": "plain number", "1e3": "plain number", "1,5": "plain number",
		"+1": "plain number", " 1": "plain number", "1/2": "plain number", "0x1": "plain number", "1_0": "plain number",
		"0.0001": "too small", "99999": "more than", strings.Repeat("9", 24): "more than", strings.Repeat("9", 1000): "plain number",
	} {
		if got, err := market.ParseCPUs(s); !errors.Is(err, market.ErrInvalid) || !strings.Contains(err.Error(), why) || len(err.Error()) > 200 {
			t.Errorf("%q: %d, %v; want %q", s, got, err, why)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for s, want := range map[string]int64{
		"1": 1, "512m": 512 << 20, "512M": 512 << 20, "1.5g": 3 << 29, "1GiB": 1 << 30, "2kb": 2048, "10B": 10, "1t": 1 << 40, "1 GiB": 1 << 30,
		"1024t": 1 << 50,
	} {
		if got, err := market.ParseBytes(s); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", s, got, err, want)
		}
	}
	for s, why := range map[string]string{
		"0": "must be more than 0", "0m": "must be more than 0", "-1": "must be more than 0", "-512m": "must be more than 0",
		"abc": "want a number", "m": "plain number", "": "plain number", "512q": "want a number", "1.5.5g": "plain number",
		"0.1": "too small", "1025t": "more than", "99999999999999999999g": "more than", "512mm": "want a number",
	} {
		if got, err := market.ParseBytes(s); !errors.Is(err, market.ErrInvalid) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %d, %v; want %q", s, got, err, why)
		}
	}
}

func TestParseRate(t *testing.T) {
	for s, want := range map[string]string{
		"0.50": "0.5", "0.50/h": "0.5", "1/hour": "1", "0.01/min": "0.6", "0.01/minute": "0.6", "0.0001/s": "0.36", "24/day": "1", "12/d": "0.5",
		"1/day": "0.041666666666666666",
	} {
		if got, err := market.ParseRate(s); err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", s, got, err, want)
		}
	}
	for s, why := range map[string]string{
		"0": "more than 0", "0/h": "more than 0", "-1": "more than 0", "-0.5/h": "more than 0", "abc": "is not an amount", "": "is not an amount",
		"1/": "per h, min", "1/fortnight": "per h, min", "1/m": "per h, min", "1/h/h": "per h, min", "1e9": "is not an amount",
		"0.000000000000000001/day": "more than 0", "9999999999999": "is more than", strings.Repeat("9", 21) + "/s": "",
	} {
		if got, err := market.ParseRate(s); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %s, %v; want %q", s, got, err, why)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0.5", "512m", "1.5GiB", "0.50/h", "1/day", "-1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := market.ParseCPUs(s); err == nil && (v <= 0 || v > market.MaxMilliCPU) {
			t.Fatalf("cpus %q: %d", s, v)
		}
		if v, err := market.ParseBytes(s); err == nil && (v <= 0 || v > market.MaxBytes) {
			t.Fatalf("bytes %q: %d", s, v)
		}
		if v, err := market.ParseRate(s); err == nil && (v.IsZero() || market.MaxRate.Less(v)) {
			t.Fatalf("rate %q: %s", s, v)
		}
	})
}

func TestFormat(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "-1 B", 0: "0 B", 1023: "1023 B", 1024: "1 KiB", 512 << 20: "512 MiB", 3 << 29: "1.5 GiB", 1<<30 - 1: "1023.9 MiB", 1 << 50: "1 PiB", 1<<63 - 1: "7.9 EiB",
	} {
		if got := market.FormatBytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", 49 * time.Millisecond: "0 s", 300 * time.Millisecond: "0.3 s", 12 * time.Second: "12 s", 90 * time.Second: "1 min 30 s",
		9960 * time.Millisecond: "10 s", 2*time.Hour + 5*time.Minute + 9*time.Second: "2 h 5 min", time.Hour: "1 h", 76 * time.Hour: "3 d 4 h", -time.Minute: "-1 min",
		59*time.Second + 900*time.Millisecond: "1 min", -1 << 63: "-3660 d",
	} {
		if got := market.FormatDuration(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
	for s, want := range map[string]string{
		"0": "0", "0.5": "0.5", "0.0000001": "0.000001", "0.123456": "0.123456", "0.1234561": "0.123457", "0.999999999": "1",
		"340282366920938463463.374607431768211455": "340282366920938463463.374607431768211455",
	} {
		if got := market.FormatAmount(amount(t, s)); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
	if got := market.FormatCPUs(1500); got != "1.5" {
		t.Errorf("%q", got)
	}
}

func ExampleParseBytes() {
	n, _ := market.ParseBytes("1.5g")
	fmt.Println(n, market.FormatBytes(n))
	_, err := market.ParseBytes("-1")
	fmt.Println(err)
	// Output:
	// 1610612736 1.5 GiB
	// invalid: size "-1": must be more than 0, such as 512m or 1.5g
}
