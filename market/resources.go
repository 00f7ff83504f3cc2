package market

import (
	"fmt"
	"math/big"
)

// Largest quantities that any offer, request or lease may name. They are far
// above real machines and small enough that no cost overflows.
const (
	MaxMilliCPU = 1 << 24 // 16,777 cores
	MaxBytes    = 1 << 50 // 1 PiB of memory or of disk
	MaxGPUs     = 256
)

// Resources are quantities that a lease reserves. Reserved is billed.
type Resources struct {
	MilliCPU int64  `json:"milli_cpu"`      // thousandths of a core
	Memory   int64  `json:"memory"`         // bytes
	Disk     int64  `json:"disk"`           // bytes of scratch and volumes
	GPUs     int64  `json:"gpus,omitempty"` // whole GPUs or slices
	GPU      string `json:"gpu,omitempty"`  // their model; empty where GPUs is 0
}

// Validate reports quantities that no machine has.
func (r Resources) Validate() error {
	switch {
	case r.MilliCPU <= 0 || r.MilliCPU > MaxMilliCPU:
		return fmt.Errorf("%w: cpus must be more than 0 and at most %d", ErrInvalid, MaxMilliCPU/1000)
	case r.Memory <= 0 || r.Memory > MaxBytes:
		return fmt.Errorf("%w: memory must be more than 0 and at most 1 PiB", ErrInvalid)
	case r.Disk < 0 || r.Disk > MaxBytes:
		return fmt.Errorf("%w: disk must not be negative and at most 1 PiB", ErrInvalid)
	case r.GPUs < 0 || r.GPUs > MaxGPUs:
		return fmt.Errorf("%w: gpus must be 0 to %d", ErrInvalid, MaxGPUs)
	case len(r.GPU) > 64:
		return fmt.Errorf("%w: a GPU model has at most 64 bytes", ErrInvalid)
	}
	return nil
}

// Fits reports whether r can be taken out of free.
func (r Resources) Fits(free Resources) bool {
	return r.MilliCPU <= free.MilliCPU && r.Memory <= free.Memory && r.Disk <= free.Disk &&
		r.GPUs <= free.GPUs && (r.GPUs == 0 || r.GPU == "" || r.GPU == free.GPU)
}

// Plus returns r with o added, kind by kind. The GPU model is r's unless empty.
func (r Resources) Plus(o Resources) Resources {
	r.MilliCPU += o.MilliCPU
	r.Memory += o.Memory
	r.Disk += o.Disk
	r.GPUs += o.GPUs
	if r.GPU == "" {
		r.GPU = o.GPU
	}
	return r
}

// Minus returns r with o taken away. The result may be negative: ask Fits first.
func (r Resources) Minus(o Resources) Resources {
	r.MilliCPU -= o.MilliCPU
	r.Memory -= o.Memory
	r.Disk -= o.Disk
	r.GPUs -= o.GPUs
	return r
}

// Price is what resources cost per hour, and egress per GiB.
type Price struct {
	Core   Amount `json:"core"`   // per core and hour
	Memory Amount `json:"memory"` // per GiB and hour
	Disk   Amount `json:"disk"`   // per GiB and hour
	GPU    Amount `json:"gpu"`    // per GPU and hour
	Egress Amount `json:"egress"` // per GiB sent
}

// MaxPrice bounds every part of a Price: a million tokens.
var MaxPrice = Units(1_000_000)

// Validate reports parts above MaxPrice.
func (p Price) Validate() error {
	for _, a := range []Amount{p.Core, p.Memory, p.Disk, p.GPU, p.Egress} {
		if MaxPrice.Less(a) {
			return fmt.Errorf("%w: a price of more than %s per hour", ErrInvalid, MaxPrice)
		}
	}
	return nil
}

// PerHour returns what reserving r for an hour costs, without egress.
func (p Price) PerHour(r Resources) (Amount, error) {
	return Usage{DeliveredMS: 3_600_000}.Cost(p, r)
}

// MaxDeliveredMS bounds a lease: ten years of milliseconds.
const MaxDeliveredMS = 10 * 366 * 24 * 3_600_000

// Usage is what a lease delivered so far, counted from its start.
type Usage struct {
	DeliveredMS int64 `json:"delivered_ms"` // milliseconds in which the job ran
	EgressBytes int64 `json:"egress_bytes"`
}

// Cost returns Σ price × quantity × delivered ms ÷ 3,600,000, plus egress:
// exact until one rounding down at the end (DESIGN §3).
func (u Usage) Cost(p Price, r Resources) (Amount, error) {
	if u.DeliveredMS < 0 || u.DeliveredMS > MaxDeliveredMS || u.EgressBytes < 0 || u.EgressBytes > MaxBytes {
		return Amount{}, fmt.Errorf("%w: usage %+v", ErrInvalid, u)
	}
	if r.MilliCPU < 0 || r.Memory < 0 || r.Disk < 0 || r.GPUs < 0 {
		return Amount{}, fmt.Errorf("%w: negative quantities", ErrInvalid)
	}
	sum := p.rate(r)
	sum.Mul(sum, big.NewInt(u.DeliveredMS)).Add(sum, p.egress(u.EgressBytes))
	return AmountFromBig(sum.Div(sum, costDenominator()))
}

const gib = 1 << 30

// costDenominator is what rate and egress are fractions of: 1000 (milli-cores) ×
// 2³⁰ (bytes per GiB) × 3,600,000 (ms per hour).
func costDenominator() *big.Int {
	return new(big.Int).Mul(big.NewInt(1000*3_600_000), big.NewInt(gib))
}

// rate returns what a millisecond of r costs, over costDenominator.
func (p Price) rate(r Resources) *big.Int {
	sum := product(p.Core, r.MilliCPU, gib)
	sum.Add(sum, product(p.Memory, r.Memory, 1000))
	sum.Add(sum, product(p.Disk, r.Disk, 1000))
	return sum.Add(sum, product(p.GPU, r.GPUs, 1000, gib))
}

// egress returns what sending n bytes costs, over costDenominator.
func (p Price) egress(n int64) *big.Int { return product(p.Egress, n, 1000, 3_600_000) }

func product(a Amount, factors ...int64) *big.Int {
	x := a.Big()
	for _, f := range factors {
		x.Mul(x, big.NewInt(f))
	}
	return x
}
