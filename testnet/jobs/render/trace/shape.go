package trace

import "math"

type form uint8

const (
	sphere form = iota
	box
	rod
	plane
)

// shape is one object of a scene. Which fields count depends on the form.
type shape struct {
	form     form
	lamp     bool // a glowing sphere, looked for on purpose
	material int32
	at       vec     // centre of a sphere or box, start of a rod, a point of a plane
	radius   float64 // sphere, rod
	axis     vec     // direction of a rod, normal of a plane
	length   float64 // rod
	half     vec     // half the size of a box
	turned   bool    // a box that does not stand along the axes
	rows     [3]vec  // the box's own x, y and z, as seen from the world
}

// ray is a half line. inv is 1/dir by channel, for the bounding boxes.
type ray struct{ from, dir, inv vec }

func newRay(from, dir vec) ray {
	return ray{from, dir, vec{1 / dir.x, 1 / dir.y, 1 / dir.z}}
}

func (r *ray) at(t float64) vec { return r.from.add(r.dir.scale(t)) }

// toLocal turns a world direction into the box's own frame.
func (s *shape) toLocal(d vec) vec {
	if !s.turned {
		return d
	}
	return vec{s.rows[0].dot(d), s.rows[1].dot(d), s.rows[2].dot(d)}
}

// toWorld is the way back: the frame is orthonormal.
func (s *shape) toWorld(d vec) vec {
	if !s.turned {
		return d
	}
	return s.rows[0].scale(d.x).add(s.rows[1].scale(d.y)).add(s.rows[2].scale(d.z))
}

// meet returns the first distance in (near, far) at which the ray meets the
// shape.
func (s *shape) meet(r *ray, near, far float64) (float64, bool) {
	switch s.form {
	case sphere:
		return meetSphere(s.at, s.radius, r, near, far)
	case box:
		return s.meetBox(r, near, far)
	case rod:
		return s.meetRod(r, near, far)
	default:
		slope := s.axis.dot(r.dir)
		if slope == 0 {
			return 0, false
		}
		t := s.at.sub(r.from).dot(s.axis) / slope
		return t, t > near && t < far
	}
}

func meetSphere(at vec, radius float64, r *ray, near, far float64) (float64, bool) {
	to := at.sub(r.from)
	along := to.dot(r.dir)
	aside := to.sub(r.dir.scale(along))
	d := float64(radius*radius) - aside.dot(aside)
	if !(d > 0) {
		return 0, false
	}
	d = math.Sqrt(d)
	if t := along - d; t > near && t < far {
		return t, true
	}
	t := along + d
	return t, t > near && t < far
}

func (s *shape) meetBox(r *ray, near, far float64) (float64, bool) {
	o, d := s.toLocal(r.from.sub(s.at)), s.toLocal(r.dir)
	in, out := math.Inf(-1), math.Inf(1)
	for axis := range 3 {
		var from, dir, half float64
		switch axis {
		case 0:
			from, dir, half = o.x, d.x, s.half.x
		case 1:
			from, dir, half = o.y, d.y, s.half.y
		default:
			from, dir, half = o.z, d.z, s.half.z
		}
		if dir == 0 {
			if from < -half || from > half {
				return 0, false
			}
			continue
		}
		a, b := (-half-from)/dir, (half-from)/dir
		if a > b {
			a, b = b, a
		}
		in, out = max(in, a), min(out, b)
	}
	if !(in <= out) {
		return 0, false
	}
	if in > near && in < far {
		return in, true
	}
	return out, out > near && out < far
}

// meetRod finds a rod from outside only: no rod is made of glass, so no ray
// begins in one.
func (s *shape) meetRod(r *ray, near, far float64) (float64, bool) {
	to := r.from.sub(s.at)
	slope, start := s.axis.dot(r.dir), s.axis.dot(to)
	a := 1 - float64(slope*slope)
	b := to.dot(r.dir) - float64(start*slope)
	c := to.dot(to) - float64(start*start) - float64(s.radius*s.radius)
	if a > 1e-12 {
		h := float64(b*b) - float64(a*c)
		if !(h > 0) {
			return 0, false // beside the endless cylinder, so beside its round ends too
		}
		t := (-b - math.Sqrt(h)) / a
		if y := start + float64(t*slope); y > 0 && y < s.length {
			return t, t > near && t < far
		}
	}
	best, found := far, false
	for _, end := range [2]vec{s.at, s.at.add(s.axis.scale(s.length))} {
		if t, ok := meetSphere(end, s.radius, r, near, best); ok {
			best, found = t, true
		}
	}
	return best, found
}

// normal returns the direction out of the shape at the point p on it.
func (s *shape) normal(p vec) vec {
	switch s.form {
	case sphere:
		return p.sub(s.at).unit()
	case box:
		l := s.toLocal(p.sub(s.at))
		switch boxFace(l, s.half) {
		case 0:
			return s.toWorld(vec{math.Copysign(1, l.x), 0, 0})
		case 1:
			return s.toWorld(vec{0, math.Copysign(1, l.y), 0})
		default:
			return s.toWorld(vec{0, 0, math.Copysign(1, l.z)})
		}
	case rod:
		y := min(max(p.sub(s.at).dot(s.axis), 0), s.length)
		return p.sub(s.at.add(s.axis.scale(y))).unit()
	default:
		return s.axis
	}
}

// boxFace says across which axis the face lies that is nearest to the local
// point l.
func boxFace(l, half vec) int {
	x, y, z := math.Abs(l.x)-half.x, math.Abs(l.y)-half.y, math.Abs(l.z)-half.z
	switch {
	case x >= y && x >= z:
		return 0
	case y >= z:
		return 1
	default:
		return 2
	}
}

// skin returns the point p in the shape's own coordinates, and the same spread
// flat, for patterns that lie on a surface.
func (s *shape) skin(p vec) (solid vec, u, v float64) {
	switch s.form {
	case box:
		l := s.toLocal(p.sub(s.at))
		switch boxFace(l, s.half) {
		case 0:
			return l, l.z, l.y
		case 1:
			return l, l.x, l.z
		default:
			return l, l.x, l.y
		}
	case plane:
		l := p.sub(s.at)
		if math.Abs(s.axis.y) > 0.9 {
			return l, l.x, l.z
		}
		side := s.axis.cross(vec{0, 1, 0}).unit()
		return l, l.dot(side), l.y
	case rod:
		y := p.sub(s.at).dot(s.axis)
		return vec{y, 0, 0}, y, 0
	default:
		l := p.sub(s.at)
		return l, l.x, l.y
	}
}

// bounds returns the corners of the smallest upright box around the shape.
func (s *shape) bounds() (low, high vec) {
	var reach vec
	switch s.form {
	case box:
		reach = s.half
		if s.turned {
			reach = vec{}
			for i, h := range [3]float64{s.half.x, s.half.y, s.half.z} {
				r := s.rows[i]
				reach = reach.add(vec{math.Abs(r.x), math.Abs(r.y), math.Abs(r.z)}.scale(h))
			}
		}
	case rod:
		end := s.at.add(s.axis.scale(s.length))
		low = vec{min(s.at.x, end.x), min(s.at.y, end.y), min(s.at.z, end.z)}
		high = vec{max(s.at.x, end.x), max(s.at.y, end.y), max(s.at.z, end.z)}
		reach = vec{s.radius, s.radius, s.radius}
		return low.sub(reach), high.add(reach)
	default:
		reach = vec{s.radius, s.radius, s.radius}
	}
	return s.at.sub(reach), s.at.add(reach)
}
