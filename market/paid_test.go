package market_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
)

// PaidThrough is the exact inverse of Cost: one millisecond more would cost more.
func TestPaidThroughInvertsCost(t *testing.T) {
	r := seeded(t)
	for range 5000 {
		p, res := anyPrice(t, r), anyResources(r)
		// Amounts near what some usage costs make every branch likely.
		paid, err := market.Usage{DeliveredMS: upTo(r, market.MaxDeliveredMS)}.Cost(p, res)
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(3) == 0 {
			if paid, err = market.AmountFromBig(anyBig(r)); err != nil {
				continue
			}
		}
		through := market.PaidThrough(p, res, paid)
		ms := through.Milliseconds()
		if ms < 0 || ms > market.MaxDeliveredMS {
			t.Fatalf("%s pays for %d ms", paid, ms)
		}
		if cost, err := (market.Usage{DeliveredMS: ms}).Cost(p, res); err != nil || paid.Less(cost) {
			t.Fatalf("%s pays for %d ms, which cost %s, %v", paid, ms, cost, err)
		}
		if ms < market.MaxDeliveredMS {
			if cost, err := (market.Usage{DeliveredMS: ms + 1}).Cost(p, res); err != nil || !paid.Less(cost) {
				t.Fatalf("%s pays for %d ms, but 1 ms more costs %s, %v", paid, ms, cost, err)
			}
		}
		if more, err := paid.Add(market.Atto(1)); err == nil && market.PaidThrough(p, res, more) < through {
			t.Fatalf("paying more than %s pays for less", paid)
		}
	}
}

// The renter signs the base units that CostUnits says; the provider must read at
// least that time back, whatever the decimals and however small the price.
func TestPaidThroughInUnits(t *testing.T) {
	r := seeded(t)
	for range 5000 {
		l := newLease(t)
		l.Price, l.Resources = anyPrice(t, r), anyResources(r)
		u := market.Usage{DeliveredMS: upTo(r, market.MaxDeliveredMS), EgressBytes: upTo(r, market.MaxBytes)}
		dec := r.IntN(19)
		units, err := l.CostUnits(u, dec)
		if err != nil {
			t.Fatal(err)
		}
		through := l.PaidThrough(units, dec, u.EgressBytes)
		if through.Milliseconds() < u.DeliveredMS {
			t.Fatalf("%+v costs %s units of %d decimals, which pay for %s only", u, units, dec, through)
		}
		if ms := through.Milliseconds(); ms < market.MaxDeliveredMS {
			next, err := l.CostUnits(market.Usage{DeliveredMS: ms + 1, EgressBytes: u.EgressBytes}, dec)
			if err != nil || next.Cmp(units) <= 0 {
				t.Fatalf("1 ms after %s costs %s units still, %v", through, next, err)
			}
		}
	}
}

func TestPaidThroughEdges(t *testing.T) {
	l := newLease(t)
	if d := l.PaidThrough(nil, 6, 0); d != 0 {
		t.Errorf("nothing pays for %s", d)
	}
	if d := l.PaidThrough(big.NewInt(-1), 6, 0); d != 0 {
		t.Errorf("less than nothing pays for %s", d)
	}
	l.Price.Egress = market.Units(1)
	if d := l.PaidThrough(big.NewInt(10), 6, 1<<30); d != 0 {
		t.Errorf("egress above the payment leaves %s", d)
	}
	if d := market.PaidThrough(market.Price{}, l.Resources, market.Amount{}); d != market.MaxDuration {
		t.Errorf("free time is paid through %s", d)
	}
	if _, err := l.CostUnits(market.Usage{}, 19); err == nil {
		t.Error("19 decimals")
	}
}

func TestDue(t *testing.T) {
	l := newLease(t) // term 10 min, credit 1 min, pause after 20 s, stop after 10 min
	ok := market.Standing{
		State: market.AllocRunning, Delivered: 30 * time.Second, PaidThrough: 40 * time.Second, Confirmed: true, Now: noon.Add(time.Minute),
	}
	for name, c := range map[string]struct {
		change func(*market.Standing)
		want   market.Action
	}{
		"paid":            {func(*market.Standing) {}, market.ActionNone},
		"a little behind": {func(s *market.Standing) { s.Delivered = 60*time.Second - 1 }, market.ActionNone},
		"behind":          {func(s *market.Standing) { s.Delivered = 60 * time.Second }, market.ActionPause},
		"paused, behind":  {func(s *market.Standing) { s.State, s.Delivered = market.AllocPaused, 60*time.Second }, market.ActionNone},
		"paused, paid":    {func(s *market.Standing) { s.State = market.AllocPaused }, market.ActionResume},
		"paused for long": {func(s *market.Standing) {
			s.State, s.Delivered, s.Paused = market.AllocPaused, time.Minute, 10*time.Minute
		}, market.ActionStop},
		"paused for long, paid":  {func(s *market.Standing) { s.State, s.Paused = market.AllocPaused, 10*time.Minute }, market.ActionResume},
		"unconfirmed":            {func(s *market.Standing) { s.Confirmed = false }, market.ActionNone},
		"unconfirmed, no credit": {func(s *market.Standing) { s.Confirmed, s.Delivered, s.PaidThrough = false, time.Minute, time.Hour }, market.ActionPause},
		"term by the clock":      {func(s *market.Standing) { s.Now = noon.Add(10 * time.Minute) }, market.ActionStop},
		"term delivered":         {func(s *market.Standing) { s.Delivered, s.PaidThrough = 10*time.Minute, time.Hour }, market.ActionStop},
		"pending":                {func(s *market.Standing) { s.State = market.AllocPending }, market.ActionNone},
		"pending over its term":  {func(s *market.Standing) { s.State, s.Now = market.AllocPending, noon.Add(time.Hour) }, market.ActionStop},
		"unknown":                {func(s *market.Standing) { s.State, s.Now = market.AllocUnknown, noon.Add(time.Hour) }, market.ActionNone},
		"ended":                  {func(s *market.Standing) { s.State, s.Now = market.AllocExited, noon.Add(time.Hour) }, market.ActionNone},
	} {
		s := ok
		c.change(&s)
		if got := l.Due(s); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	l.Credit = 0
	start := market.Standing{State: market.AllocPending, Now: noon}
	if l.MayRun(start) {
		t.Error("without credit nothing runs before the channel is confirmed")
	}
	start.Confirmed = true
	if !l.MayRun(start) {
		t.Error("a confirmed lease may start")
	}
}

func ExamplePaidThrough() {
	core, _ := market.ParseAmount("0.36")
	paid, _ := market.ParseAmount("0.001")
	fmt.Println(market.PaidThrough(market.Price{Core: core}, market.Resources{MilliCPU: 1000}, paid))
	// Output: 10s
}
