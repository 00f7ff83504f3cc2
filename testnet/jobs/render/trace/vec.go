package trace

import "math"

// vec is a point, a direction or a colour in linear light.
type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) neg() vec      { return vec{-a.x, -a.y, -a.z} }

func (a vec) mul(b vec) vec {
	return vec{float64(a.x * b.x), float64(a.y * b.y), float64(a.z * b.z)}
}

func (a vec) scale(s float64) vec {
	return vec{float64(a.x * s), float64(a.y * s), float64(a.z * s)}
}

func (a vec) dot(b vec) float64 {
	return float64(a.x*b.x) + float64(a.y*b.y) + float64(a.z*b.z)
}

func (a vec) cross(b vec) vec {
	return vec{
		float64(a.y*b.z) - float64(a.z*b.y),
		float64(a.z*b.x) - float64(a.x*b.z),
		float64(a.x*b.y) - float64(a.y*b.x),
	}
}

func (a vec) length() float64 { return math.Sqrt(a.dot(a)) }

// unit returns a with length 1, or straight up for a vector without a length.
func (a vec) unit() vec {
	l := a.length()
	if !(l > 0) {
		return vec{0, 1, 0}
	}
	return a.scale(1 / l)
}

// mix goes from a at t = 0 to b at t = 1.
func (a vec) mix(b vec, t float64) vec { return a.scale(1 - t).add(b.scale(t)) }

// luminance is how bright a colour looks.
func (a vec) luminance() float64 {
	return float64(0.2126*a.x) + float64(0.7152*a.y) + float64(0.0722*a.z)
}

// peak is the largest of the three.
func (a vec) peak() float64 { return max(a.x, a.y, a.z) }

// basis returns two directions that make a right-handed frame with the unit
// vector n, without a branch that would jump near a pole (Duff et al. 2017).
func basis(n vec) (u, v vec) {
	sign := math.Copysign(1, n.z)
	a := -1 / (sign + n.z)
	b := float64(n.x * n.y * a)
	u = vec{1 + float64(sign*n.x*n.x*a), float64(sign * b), float64(-sign * n.x)}
	v = vec{b, sign + float64(n.y*n.y*a), -n.y}
	return u, v
}
