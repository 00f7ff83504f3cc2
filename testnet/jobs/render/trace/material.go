package trace

import "math"

type finish uint8

const (
	matte finish = iota
	gloss
	metal
	glass
	glow
)

type pattern uint8

const (
	plain pattern = iota
	checker
	stripes
	bricks
)

type material struct {
	finish  finish
	pattern pattern
	color   vec     // what it reflects or lets through; of glow, what it gives off
	other   vec     // the pattern's second colour
	scale   float64 // size of the pattern's unit
	ratio   float64 // a brick's width over its height
	fuzz    float64 // how rough a mirror: 0 is perfect
	bend    float64 // glass: index of refraction
}

// colorAt returns the material's colour at the point p of the shape s.
func (m *material) colorAt(s *shape, p vec) vec {
	if m.pattern == plain {
		return m.color
	}
	solid, u, v := s.skin(p)
	// A surface that lies exactly on a border would be torn by rounding.
	const aside = 1e-4
	switch m.pattern {
	case checker:
		n := floorInt(solid.x/m.scale+aside) + floorInt(solid.y/m.scale+aside) + floorInt(solid.z/m.scale+aside)
		if n&1 != 0 {
			return m.other
		}
		return m.color
	case stripes:
		if floorInt(solid.x/m.scale+aside)&1 != 0 {
			return m.other
		}
		return m.color
	default:
		return m.brick(u, v)
	}
}

// brick lays bricks, cobbles or planks: rows that are shifted against each
// other, joints of the other colour, and every brick a little different.
func (m *material) brick(u, v float64) vec {
	v = float64(v*m.ratio) / m.scale
	row := floorInt(v)
	shift := float64(float64(scramble(uint64(row))&0xff) / 256)
	u = u/m.scale + shift
	column := floorInt(u)
	joint := float64(0.04 * m.ratio)
	fu, fv := u-float64(column), v-float64(row)
	if fu < 0.04 || fv < joint || fv > 1 {
		return m.other
	}
	shade := float64(float64(scramble(uint64(row)<<32^uint64(uint32(column)))&0xff) / 256)
	return m.color.scale(0.65 + float64(0.5*shade))
}

// mirrored is the direction d reflected by a surface with normal n.
func mirrored(d, n vec) vec { return d.sub(n.scale(float64(2 * d.dot(n)))) }

// rebound is the share of light that a surface between two media mirrors
// (Schlick's fit), for the cosine of the angle of arrival; head is the share at
// a right angle.
func rebound(head, cosine float64) float64 {
	m := 1 - cosine
	m2 := float64(m * m)
	return head + float64((1-head)*m2*m2*m)
}

// through continues a ray in or out of glass: it mirrors or bends by chance,
// as often as light does. n looks against d; ratio is that of the indices.
func through(d, n vec, ratio float64, g *random) (dir vec, bent bool) {
	cosine := min(-d.dot(n), 1)
	sine2 := float64(ratio * ratio * (1 - float64(cosine*cosine)))
	if sine2 >= 1 {
		return mirrored(d, n), false
	}
	inner := math.Sqrt(1 - sine2)
	head := (1 - ratio) / (1 + ratio)
	if g.float() < rebound(float64(head*head), min(cosine, inner)) {
		return mirrored(d, n), false
	}
	return d.scale(ratio).add(n.scale(float64(ratio*cosine) - inner)).unit(), true
}
