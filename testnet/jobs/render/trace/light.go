package trace

import (
	"math"
	"slices"
)

const (
	choices = 256  // lamps compared for one shadow ray
	nearly  = 1e-7 // how far a new ray starts from the surface that sends it, by the scale of the place
	panes   = 16   // glass surfaces that a shadow ray may pass
)

// lamp is a glowing sphere.
type lamp struct {
	at     vec
	radius float64
	light  vec
	power  float64 // luminance × radius², the lamp's weight at distance 1
}

// pull is how much a lamp may matter at the point p with normal n. It is above
// 0 wherever the lamp's light can arrive.
func (l *lamp) pull(p, n vec) float64 {
	to := l.at.sub(p)
	c := to.dot(n) + l.radius
	if !(c > 0) {
		return 0
	}
	d2 := to.dot(to)
	if !(d2 > float64(l.radius*l.radius)) {
		return 0
	}
	return float64(l.power*c) / float64(d2*math.Sqrt(d2))
}

// choose picks one lamp for the point p, likelier the more it matters, and
// returns by how much its light must be multiplied to stand for all lamps.
// Where there are very many, only some candidates are compared (resampled
// importance sampling, Talbot 2005), so that ten thousand cost no more.
func (s *Scene) choose(p, n vec, g *random) (*lamp, float64) {
	var sums [choices]float64
	count, all := len(s.lamps), true
	if count > choices {
		count, all = choices, false
	}
	// The same numbers are drawn again below instead of being kept.
	draw := *g
	total := 0.0
	for i := range count {
		l := &s.lamps[i]
		if !all {
			l = &s.lamps[draw.below(len(s.lamps))]
		}
		total += l.pull(p, n)
		sums[i] = total
	}
	if !(total > 0) {
		return nil, 0
	}
	again := *g
	*g = draw
	want := float64(g.float() * total)
	i, _ := slices.BinarySearch(sums[:count], want)
	for i+1 < count && sums[i] <= want {
		i++
	}
	chosen := i
	if !all {
		for range i {
			again.bits()
		}
		chosen = again.below(len(s.lamps))
	}
	l := &s.lamps[chosen]
	pull := l.pull(p, n)
	if !(pull > 0) {
		return nil, 0
	}
	return l, float64(total / pull * (float64(len(s.lamps)) / float64(count)))
}

// lamplight returns the light that one lamp, standing for all, sends to the
// matte point p.
func (s *Scene) lamplight(p, n vec, g *random) vec {
	if len(s.lamps) == 0 {
		return vec{}
	}
	l, share := s.choose(p, n, g)
	if l == nil {
		return vec{}
	}
	to := l.at.sub(p)
	d2 := to.dot(to)
	sine2 := float64(l.radius*l.radius) / d2
	height := sine2 / (1 + sqrt0(1-sine2))
	d := g.inCone(to.scale(1/math.Sqrt(d2)), height)
	cosine := d.dot(n)
	if !(cosine > 0) {
		return vec{}
	}
	r := newRay(p, d)
	reach, ok := meetSphere(l.at, l.radius, &r, 0, math.Inf(1))
	if !ok {
		return vec{} // grazed past the rim by rounding
	}
	clear := s.clearness(&r, float64(reach*(1-1e-6)))
	return l.light.mul(clear).scale(float64(2 * height * cosine * share))
}

// sunlight returns the light that the sun sends to the matte point p.
func (s *Scene) sunlight(p, n vec, g *random) vec {
	if !(s.sky.sun.peak() > 0) {
		return vec{}
	}
	d := g.inCone(s.sky.toward, s.sky.height)
	cosine := d.dot(n)
	if !(cosine > 0) {
		return vec{}
	}
	r := newRay(p, d)
	clear := s.clearness(&r, math.Inf(1))
	return s.sky.sun.mul(clear).scale(float64(2 * s.sky.height * cosine))
}

// clearness returns what is left of light on its way along r up to the distance
// far. Glass lets it pass straight on, tinted: bending it would be right, and
// would need a hundred times the samples to be smooth.
func (s *Scene) clearness(r *ray, far float64) vec {
	clear := vec{1, 1, 1}
	near := 0.0
	for range panes {
		i, t := s.meet(r, near, far)
		if i == nil {
			return clear
		}
		m := &s.materials[i.material]
		if m.finish != glass {
			return vec{}
		}
		p := r.at(t)
		pass := 1 - rebound(0.04, min(math.Abs(i.normal(p).dot(r.dir)), 1))
		clear = clear.mul(m.tint()).scale(pass)
		near = t + float64(nearly*(1+t))
	}
	return vec{}
}

// tint is what one of the two surfaces of a glass body lets through.
func (m *material) tint() vec { return vec{sqrt0(m.color.x), sqrt0(m.color.y), sqrt0(m.color.z)} }

// meet returns the nearest shape along the ray, nil for none.
func (s *Scene) meet(r *ray, near, far float64) (*shape, float64) {
	i, far := s.tree.meet(s.shapes, r, near, far)
	var found *shape
	if i >= 0 {
		found = &s.shapes[i]
	}
	for j := range s.planes {
		if t, ok := s.planes[j].meet(r, near, far); ok {
			found, far = &s.planes[j], t
		}
	}
	return found, far
}
