package trace

import "math"

// brightest caps what a path brings home after its first matte surface: the
// rare path that finds a tiny bright spot would be a white dot in the picture.
const brightest = 6

// dazzling caps how bright a glowing thing looks on film, not how much light it
// sends out: beyond this, film burns every colour to white.
const dazzling = 2

// path follows one ray backwards and returns the light that comes along it.
func (s *Scene) path(r ray, g *random) vec {
	var sum vec
	carry := vec{1, 1, 1}
	// lookedFor is true once a matte surface has asked for lamps and the sun: a
	// path that then meets one must not count it a second time.
	lookedFor, straight := false, true
	for bounce := 0; bounce < s.bounces; bounce++ {
		hit, t := s.meet(&r, 0, math.Inf(1))
		if hit == nil {
			light := s.sky.light(r.dir)
			if !lookedFor {
				light = light.add(s.sky.disc(r.dir))
			}
			if straight {
				light = light.add(s.sky.starlight(r.dir))
			}
			return sum.add(held(carry.mul(light), lookedFor))
		}
		p := r.at(t)
		m := &s.materials[hit.material]
		color := m.colorAt(hit, p)
		if m.finish == glow {
			if lookedFor && hit.lamp {
				return sum
			}
			return sum.add(held(carry.mul(s.seen(color)), lookedFor))
		}
		n := hit.normal(p)
		inside := r.dir.dot(n) > 0
		if inside {
			n = n.neg()
		}
		lift := float64(nearly * (1 + max(math.Abs(p.x), math.Abs(p.y), math.Abs(p.z))))
		above := p.add(n.scale(lift))

		switch m.finish {
		case glass:
			ratio := 1 / m.bend
			if inside {
				ratio = m.bend
			}
			dir, bent := through(r.dir, n, ratio, g)
			if bent {
				carry = carry.mul(m.tint())
				above = p.sub(n.scale(lift))
			}
			r = newRay(above, dir)
			continue
		case metal:
			dir := mirrored(r.dir, n).add(g.onSphere().scale(m.fuzz)).unit()
			if !(dir.dot(n) > 0) {
				return sum
			}
			carry = carry.mul(color)
			r = newRay(above, dir)
			straight = false
			continue
		case gloss:
			if g.float() < rebound(0.04, min(-r.dir.dot(n), 1)) {
				dir := mirrored(r.dir, n).add(g.onSphere().scale(m.fuzz)).unit()
				if !(dir.dot(n) > 0) {
					return sum
				}
				r = newRay(above, dir)
				straight = false
				continue
			}
		}
		carry = carry.mul(color)
		direct := s.lamplight(above, n, g).add(s.sunlight(above, n, g))
		sum = sum.add(held(carry.mul(direct), lookedFor))
		lookedFor, straight = true, false
		if bounce >= 2 {
			// Roulette: dark paths end early, and the rest make up for them.
			stay := min(carry.peak(), 0.95)
			if !(g.float() < stay) {
				return sum
			}
			carry = carry.scale(1 / stay)
		}
		r = newRay(above, g.aroundNormal(n, g.float(), g.float()))
	}
	return sum
}

// seen is what a glowing surface looks like.
func (s *Scene) seen(glow vec) vec {
	if top := float64(glow.peak() * s.exposure); top > dazzling {
		return glow.scale(dazzling / top)
	}
	return glow
}

// held caps light that came by way of a matte surface.
func held(light vec, indirect bool) vec {
	if !indirect {
		return light
	}
	if top := light.peak(); top > brightest {
		return light.scale(brightest / top)
	}
	return light
}
