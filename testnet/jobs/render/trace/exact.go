package trace

import "math"

// The standard library's Sin, Exp and Pow may differ in the last bit between
// machines, because some have an assembly version or a fused multiply-add.
// These are made of operations that are rounded in one way only.

// The Taylor terms, highest first: within ±45° what follows them is below half
// a unit in the last place.
var (
	sineTerms   = [...]float64{-1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1}
	cosineTerms = [...]float64{1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24, -1.0 / 2, 1}
)

// series is the polynomial with these terms at q.
func series(q float64, terms []float64) float64 {
	sum := 0.0
	for _, t := range terms {
		sum = float64(sum*q) + t
	}
	return sum
}

// sincosTurn returns sine and cosine of a whole number of turns: 0.25 is 90°.
func sincosTurn(t float64) (sin, cos float64) {
	t -= math.Floor(t)
	quarter := math.Floor(float64(t*4) + 0.5)
	r := float64((t - float64(quarter/4)) * (2 * math.Pi)) // within ±45°
	q := float64(r * r)
	s := float64(r * series(q, sineTerms[:]))
	c := series(q, cosineTerms[:])
	switch quarter {
	case 1:
		return c, -s
	case 2:
		return -s, -c
	case 3:
		return -c, s
	default:
		return s, c
	}
}

// fifthRoot returns x to the power 1/5 for x in [0, 1], by Newton's method from
// above, which cannot overshoot.
func fifthRoot(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	y := 1.0
	for range 80 {
		y4 := float64(y * y * y * y)
		next := float64((float64(4*y) + x/y4) / 5)
		if !(next < y) {
			break
		}
		y = next
	}
	return y
}

// floorInt returns the whole number below x, kept within ±10⁹, because turning
// a larger float into an integer differs between machines.
func floorInt(x float64) int64 {
	f := math.Floor(x)
	if !(f > -1e9) { // also when x is not a number
		return -1e9
	}
	if f > 1e9 {
		return 1e9
	}
	return int64(f)
}
