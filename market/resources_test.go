package market_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

// slowCost is the formula of the design in fractions.
func slowCost(u market.Usage, p market.Price, r market.Resources) *big.Int {
	part := func(a market.Amount, n, den int64) *big.Rat {
		v := new(big.Rat).SetInt(a.Big())
		return v.Mul(v, big.NewRat(n, den))
	}
	sum := part(p.Core, r.MilliCPU, 1000)
	sum.Add(sum, part(p.Memory, r.Memory, 1<<30))
	sum.Add(sum, part(p.Disk, r.Disk, 1<<30))
	sum.Add(sum, part(p.GPU, r.GPUs, 1))
	sum.Mul(sum, big.NewRat(u.DeliveredMS, 3_600_000))
	sum.Add(sum, part(p.Egress, u.EgressBytes, 1<<30))
	return new(big.Int).Quo(sum.Num(), sum.Denom())
}

// upTo returns 0 to hi, small numbers as often as large ones.
func upTo(r *rand.Rand, hi int64) int64 { return min(r.Int64N(hi+1), hi>>r.IntN(63)) }

func anyPrice(t testing.TB, r *rand.Rand) market.Price {
	one := func() market.Amount {
		v := anyBig(r)
		a, err := market.AmountFromBig(v.Mod(v, new(big.Int).Add(market.MaxPrice.Big(), big.NewInt(1))))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	return market.Price{Core: one(), Memory: one(), Disk: one(), GPU: one(), Egress: one()}
}

func anyResources(r *rand.Rand) market.Resources {
	return market.Resources{
		MilliCPU: 1 + upTo(r, market.MaxMilliCPU-1), Memory: 1 + upTo(r, market.MaxBytes-1),
		Disk: upTo(r, market.MaxBytes), GPUs: upTo(r, market.MaxGPUs),
	}
}

func TestCostAgainstRat(t *testing.T) {
	r := seeded(t)
	for range 10000 {
		p, res := anyPrice(t, r), anyResources(r)
		u := market.Usage{DeliveredMS: upTo(r, market.MaxDeliveredMS), EgressBytes: upTo(r, market.MaxBytes)}
		got, err := u.Cost(p, res)
		if err != nil {
			t.Fatalf("%+v %+v %+v: %v", u, p, res, err)
		}
		if want := slowCost(u, p, res); got.Big().Cmp(want) != 0 {
			t.Fatalf("%+v %+v %+v: %s, want %s", u, p, res, got.Big(), want)
		}
	}
}

// The largest of everything must still be an amount: nothing valid overflows.
func TestCostOfTheLargest(t *testing.T) {
	most := market.Resources{MilliCPU: market.MaxMilliCPU, Memory: market.MaxBytes, Disk: market.MaxBytes, GPUs: market.MaxGPUs}
	p := market.Price{Core: market.MaxPrice, Memory: market.MaxPrice, Disk: market.MaxPrice, GPU: market.MaxPrice, Egress: market.MaxPrice}
	if err := most.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if _, err := (market.Usage{DeliveredMS: market.MaxDeliveredMS, EgressBytes: market.MaxBytes}).Cost(p, most); err != nil {
		t.Fatal(err)
	}
}

func TestCostRefuses(t *testing.T) {
	p, r := price(t, "1", "1", "1", "1", "1"), market.Resources{MilliCPU: 1000, Memory: 1 << 30}
	for _, u := range []market.Usage{
		{DeliveredMS: -1}, {EgressBytes: -1}, {DeliveredMS: market.MaxDeliveredMS + 1}, {EgressBytes: market.MaxBytes + 1},
	} {
		if _, err := u.Cost(p, r); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%+v: %v", u, err)
		}
	}
	r.Memory = -1
	if _, err := (market.Usage{DeliveredMS: 1}).Cost(p, r); !errors.Is(err, market.ErrInvalid) {
		t.Errorf("negative memory: %v", err)
	}
}

func TestResourcesValidate(t *testing.T) {
	good := market.Resources{MilliCPU: 1, Memory: 1}
	for name, change := range map[string]func(*market.Resources){
		"no cpu":       func(r *market.Resources) { r.MilliCPU = 0 },
		"less cpu":     func(r *market.Resources) { r.MilliCPU = -1 },
		"too much cpu": func(r *market.Resources) { r.MilliCPU = market.MaxMilliCPU + 1 },
		"no memory":    func(r *market.Resources) { r.Memory = 0 },
		"much memory":  func(r *market.Resources) { r.Memory = market.MaxBytes + 1 },
		"less disk":    func(r *market.Resources) { r.Disk = -1 },
		"much disk":    func(r *market.Resources) { r.Disk = market.MaxBytes + 1 },
		"less gpus":    func(r *market.Resources) { r.GPUs = -1 },
		"many gpus":    func(r *market.Resources) { r.GPUs = market.MaxGPUs + 1 },
		"long gpu":     func(r *market.Resources) { r.GPU = string(make([]byte, 65)) },
	} {
		r := good
		change(&r)
		if err := r.Validate(); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

// What the wire can carry is what the types allow: no more and no less.
func TestWireRangesAgree(t *testing.T) {
	most := market.Resources{MilliCPU: market.MaxMilliCPU, Memory: market.MaxBytes, Disk: market.MaxBytes, GPUs: market.MaxGPUs}
	if back, err := market.ResourcesFromProto(most.Proto()); err != nil || back != most {
		t.Errorf("%+v, %v", back, err)
	}
	for _, m := range []*marketpb.Resources{
		{MilliCpu: market.MaxMilliCPU + 1}, {Memory: market.MaxBytes + 1}, {Disk: market.MaxBytes + 1}, {Gpus: market.MaxGPUs + 1}, nil,
	} {
		if _, err := market.ResourcesFromProto(m); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%v: %v", m, err)
		}
	}
	over, err := market.MaxPrice.Add(market.Atto(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := market.PriceFromProto(market.Price{GPU: over}.Proto()); !errors.Is(err, market.ErrInvalid) {
		t.Errorf("a price above MaxPrice: %v", err)
	}
}

func TestFitsPlusMinus(t *testing.T) {
	r := seeded(t)
	for range 2000 {
		a, b := anyResources(r), anyResources(r)
		sum := a.Plus(b)
		if !a.Fits(sum) || !b.Fits(sum) || sum.Minus(b) != a {
			t.Fatalf("%+v and %+v", a, b)
		}
		rest := b.Minus(a)
		if a.Fits(b) != (rest.MilliCPU >= 0 && rest.Memory >= 0 && rest.Disk >= 0 && rest.GPUs >= 0) {
			t.Fatalf("%+v in %+v", a, b)
		}
	}
	want := market.Resources{MilliCPU: 1, GPUs: 1, GPU: "A"}
	if want.Fits(market.Resources{MilliCPU: 1, GPUs: 2, GPU: "B"}) {
		t.Error("one model is not another")
	}
}

func ExampleUsage_Cost() {
	core, _ := market.ParseAmount("0.10")
	p := market.Price{Core: core}
	cost, _ := market.Usage{DeliveredMS: 90_000}.Cost(p, market.Resources{MilliCPU: 500, Memory: 512 << 20})
	fmt.Println(cost)
	// Output: 0.00125
}
