package trace

import (
	"image"
	"math"
)

// Sincos is sincosTurn.
func Sincos(turns float64) (sin, cos float64) { return sincosTurn(turns) }

// FifthRoot is fifthRoot.
func FifthRoot(x float64) float64 { return fifthRoot(x) }

// FloorInt is floorInt.
func FloorInt(x float64) int64 { return floorInt(x) }

// Encode is encode, and Linear linear.
func Encode(light float64) byte { return encode(light) }

// Linear is linear.
func Linear(c float64) float64 { return linear(c) }

// Film is film.
func Film(x float64) float64 { return film(x) }

// Light returns the mean light of an area before film and encoding bend it.
func (s *Scene) Light(seed uint64, area image.Rectangle) [3]float64 {
	var sum vec
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			sum = sum.add(s.pixel(seed, x, y))
		}
	}
	sum = sum.scale(1 / float64(area.Dx()*area.Dy()))
	return [3]float64{sum.x, sum.y, sum.z}
}

// Shot is what a ray meets: where, and how far the answer of the tree is from
// that of asking every shape in turn.
type Shot struct {
	Tree, Slow float64 // distances; +Inf for nothing
	Off        float64 // distance of the point from the shape's surface
	Outward    bool    // the normal has length 1 and a step along it leaves the shape
}

// Shoot sends rays from all around through the scene's middle.
func (s *Scene) Shoot(rays int, seed uint64) []Shot {
	g := random{seed}
	shots := make([]Shot, rays)
	for i := range shots {
		from := g.onSphere().scale(float64(12 * g.float()))
		for s.inRod(from) {
			from = g.onSphere().scale(float64(12 * g.float()))
		}
		r := newRay(from, g.onSphere())
		hit, far := s.meet(&r, 0, math.Inf(1))
		shots[i].Tree, shots[i].Slow, shots[i].Outward = math.Inf(1), math.Inf(1), true
		if hit != nil {
			shots[i].Tree = far
			p := r.at(far)
			n := hit.normal(p)
			shots[i].Off = math.Abs(hit.distance(p))
			shots[i].Outward = math.Abs(n.length()-1) < 1e-9 && hit.distance(p.add(n.scale(1e-4))) > 0.9e-4
		}
		for _, list := range [][]shape{s.shapes, s.planes} {
			for j := range list {
				if t, ok := list[j].meet(&r, 0, shots[i].Slow); ok {
					shots[i].Slow = t
				}
			}
		}
	}
	return shots
}

// inRod says whether a rod is around p, where no ray may begin.
func (s *Scene) inRod(p vec) bool {
	for i := range s.shapes {
		if s.shapes[i].form == rod && s.shapes[i].distance(p) < 0 {
			return true
		}
	}
	return false
}

// distance is how far p is from the surface, below 0 inside: another way to say
// what a shape is than the one that rays meet.
func (s *shape) distance(p vec) float64 {
	to := p.sub(s.at)
	switch s.form {
	case sphere:
		return to.length() - s.radius
	case box:
		l := s.toLocal(to)
		q := vec{math.Abs(l.x) - s.half.x, math.Abs(l.y) - s.half.y, math.Abs(l.z) - s.half.z}
		out := vec{max(q.x, 0), max(q.y, 0), max(q.z, 0)}
		return out.length() + min(q.peak(), 0)
	case rod:
		along := min(max(to.dot(s.axis), 0), s.length)
		return to.sub(s.axis.scale(along)).length() - s.radius
	default:
		return to.dot(s.axis)
	}
}
