package trust_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/trust"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// receipt is co-signed and ended at noon.
func receipt(n byte, end market.AllocState, delivered time.Duration) market.Receipt {
	return market.Receipt{
		Network: market.NetworkID{1}, Lease: market.LeaseID{n, 1}, Usage: market.Usage{DeliveredMS: delivered.Milliseconds()},
		EndState: end, CostUnits: big.NewInt(1), Ended: noon, ProviderSig: make([]byte, 65), RenterSig: make([]byte, 65),
	}
}

func near(x, y float64) bool { return math.Abs(x-y) < 1e-9 }

func TestFormula(t *testing.T) {
	var r trust.Record
	if s := r.Score(noon); s != trust.Prior {
		t.Errorf("somebody nobody knows scores %g", s)
	}
	r.Add(receipt(1, market.AllocExited, trust.Half), noon) // good 0.5
	if s := r.Score(noon); !near(s, 1.5/2.5) {
		t.Errorf("after half a good end: %g", s)
	}
	r.Add(receipt(2, market.AllocLost, time.Hour), noon) // bad 2
	if s := r.Score(noon); !near(s, 1.5/4.5) {
		t.Errorf("after a bad end: %g", s)
	}
	later := noon.Add(trust.HalfLife)
	if s := r.Score(later); !near(s, 1.25/3.25) {
		t.Errorf("a half-life later: %g", s)
	}
	if s := r.Score(noon.Add(100 * trust.HalfLife)); !near(s, trust.Prior) {
		t.Errorf("long after: %g", s)
	}
}

func TestWhatWeighsNothing(t *testing.T) {
	for name, change := range map[string]func(*market.Receipt){
		"only the renter's word":   func(r *market.Receipt) { r.ProviderSig = nil },
		"only the provider's word": func(r *market.Receipt) { r.RenterSig = nil },
		"nobody's word":            func(r *market.Receipt) { r.ProviderSig, r.RenterSig = nil, nil },
		"no end":                   func(r *market.Receipt) { r.EndState = market.AllocRunning },
		"no lease":                 func(r *market.Receipt) { r.Lease = market.LeaseID{} },
		"nothing delivered":        func(r *market.Receipt) { r.Usage.DeliveredMS = 0 },
		"negative delivered":       func(r *market.Receipt) { r.Usage.DeliveredMS = -1 },
	} {
		c := receipt(1, market.AllocExited, time.Hour)
		change(&c)
		var r trust.Record
		if r.Add(c, noon) || r.Score(noon) != trust.Prior {
			t.Errorf("%s moved the score to %g", name, r.Score(noon))
		}
	}
}

// A thousand tiny leases do not outweigh one good hour by much.
func TestTinyLeasesMakeNoName(t *testing.T) {
	var tiny, hour trust.Record
	for i := range 100 {
		tiny.Add(receipt(byte(i), market.AllocExited, time.Second), noon)
	}
	hour.Add(receipt(1, market.AllocExited, time.Hour), noon)
	if tiny.Score(noon) >= hour.Score(noon) {
		t.Errorf("100 s in 100 leases %g, an hour in one %g", tiny.Score(noon), hour.Score(noon))
	}
}

func TestOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var all []market.Receipt
	for i := range 20 {
		end := []market.AllocState{market.AllocExited, market.AllocStopped, market.AllocLost, market.AllocFailed}[i%4]
		c := receipt(byte(i), end, time.Duration(i)*time.Minute)
		c.Ended = noon.Add(-time.Duration(i) * 24 * time.Hour)
		all = append(all, c)
	}
	want := trust.Of(all, noon).Score(noon)
	for range 5 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got := trust.Of(append(all, all[3], all[7]), noon).Score(noon); !near(got, want) {
			t.Errorf("again, in another order: %g, want %g", got, want)
		}
	}
	// A one-sided copy does not hide the co-signed one.
	alone := receipt(9, market.AllocLost, 0)
	one := alone
	one.RenterSig = nil
	if got := trust.Of([]market.Receipt{one, alone}, noon).Score(noon); !near(got, 1.0/4) {
		t.Errorf("%g", got)
	}
	// Adding one by one, at the time of each end, leaves the same.
	var step trust.Record
	for i := 19; i >= 0; i-- {
		for _, c := range all {
			if c.Lease[0] == byte(i) {
				step.Add(c, c.Ended)
			}
		}
	}
	if got := step.Score(noon); !near(got, want) {
		t.Errorf("step by step %g, want %g", got, want)
	}
}

// Whatever comes, the score is in its range, a good end never lowers it and a
// bad one never raises it.
func TestScoreInRange(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	states := market.AllocStates()
	for range 200 {
		var rec trust.Record
		now := noon
		for i := range 50 {
			c := receipt(byte(i), states[r.IntN(len(states))], time.Duration(r.Int64N(1e14)))
			c.Ended = now.Add(time.Duration(r.Int64N(1e15) - 5e14)) // clocks differ
			before := rec.Score(now)
			rec.Add(c, now)
			after := rec.Score(now)
			bad := c.EndState == market.AllocLost || c.EndState == market.AllocFailed
			if !(after >= 0 && after <= 1) || bad && after > before+1e-12 || !bad && after < before-1e-12 {
				t.Fatalf("%s took the score from %g to %g", c.EndState, before, after)
			}
			now = now.Add(time.Duration(r.Int64N(1e15) - 1e14))
		}
		kept, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		var back trust.Record
		if err := json.Unmarshal(kept, &back); err != nil || !near(back.Score(now), rec.Score(now)) {
			t.Fatalf("%s: %v", kept, err)
		}
	}
}

func ExampleRecord() {
	var r trust.Record
	r.Add(receipt(1, market.AllocExited, time.Hour), noon)
	fmt.Printf("now %.2f, a year later %.2f\n", r.Score(noon), r.Score(noon.AddDate(1, 0, 0)))
	// Output: now 0.65, a year later 0.50
}
