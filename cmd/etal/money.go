package main

import (
	"strings"
	"time"

	"github.com/etal-cloud/etal/market"
)

// shownPlaces is how many decimals of money people see; programs get all.
const shownPlaces = 6

// number writes an amount for people: cut to shownPlaces, and something that is
// not nothing never reads as 0.
func number(a market.Amount) string {
	s := a.String()
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) <= shownPlaces {
		return s
	}
	frac = strings.TrimRight(frac[:shownPlaces], "0")
	switch {
	case frac != "":
		return whole + "." + frac
	case whole != "0":
		return whole
	}
	return "<0.000001"
}

// money writes an amount with its symbol.
func money(a market.Amount, symbol string) string { return number(a) + " " + symbol }

// delivered writes milliseconds of delivered time.
func delivered(ms int64) string {
	return market.FormatDuration(time.Duration(ms) * time.Millisecond)
}

// clock writes a time of day, with the date where that is another one.
func clock(t, now time.Time) string {
	t = t.Local()
	if t.Format(time.DateOnly) == now.Local().Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// ago writes how long ago something was.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return market.FormatDuration(max(0, now.Sub(t))) + " ago"
}
