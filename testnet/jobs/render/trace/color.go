package trace

import "math"

// sqrt0 is the square root, and 0 for what rounding pushed below 0.
func sqrt0(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return math.Sqrt(x)
}

// toLinear is the light behind each of the 256 values of an sRGB channel
// (IEC 61966-2-1), and steps the light from which the next value is nearer.
var (
	toLinear [256]float64
	steps    [255]float64
)

func init() {
	for i := range toLinear {
		toLinear[i] = linear(float64(float64(i) / 255))
	}
	for i := range steps {
		steps[i] = linear(float64((float64(i) + 0.5) / 255))
	}
}

// linear decodes an sRGB channel from [0, 1].
func linear(c float64) float64 {
	if c <= 0.04045 {
		return float64(c / 12.92)
	}
	b := float64((c + 0.055) / 1.055)
	r := fifthRoot(b)
	return float64(float64(b*b) * float64(r*r)) // b to the power 2.4
}

// encode turns light into the byte of an sRGB channel. What is not a number is
// black.
func encode(light float64) byte {
	low, high := 0, len(steps)
	for low < high {
		mid := (low + high) / 2
		if steps[mid] <= light {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return byte(low)
}

// film bends a channel of unbounded light into [0, 1] as photographic film
// does: a toe, a straight middle, a shoulder (Narkowicz's fit of the ACES
// curve).
func film(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	if x > 1e6 {
		return 1
	}
	top := float64(x * (float64(2.51*x) + 0.03))
	bottom := float64(x*(float64(2.43*x)+0.59)) + 0.14
	return min(top/bottom, 1)
}
