package trace

// random is a pixel's own generator (splitmix64): one addition and a mix per
// number, and any seed is as good as any other.
type random struct{ state uint64 }

// scramble spreads every bit of z over all bits of the result.
func scramble(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// pixelRandom returns the generator of the pixel at x, y. It depends on nothing
// else, so neighbours may be rendered elsewhere, in any order.
func pixelRandom(seed uint64, x, y int) random {
	place := scramble(uint64(uint32(x))<<32 | uint64(uint32(y)))
	return random{scramble(seed+0x9e3779b97f4a7c15) ^ place}
}

func (g *random) bits() uint64 {
	g.state += 0x9e3779b97f4a7c15
	return scramble(g.state)
}

// float returns a number in [0, 1).
func (g *random) float() float64 {
	return float64(float64(g.bits()>>11) / (1 << 53))
}

// below returns a whole number in [0, n). The bias for the small n used here is
// far below what a picture of 8 bits shows.
func (g *random) below(n int) int {
	return int((g.bits() >> 32) * uint64(n) >> 32)
}

// onSphere returns a direction, all equally likely.
func (g *random) onSphere() vec {
	z := 1 - float64(2*g.float())
	r := sqrt0(1 - float64(z*z))
	s, c := sincosTurn(g.float())
	return vec{float64(r * c), float64(r * s), z}
}

// aroundNormal returns a direction above a surface with normal n, as likely as
// matte surfaces scatter: by the cosine.
func (g *random) aroundNormal(n vec, u1, u2 float64) vec {
	r := sqrt0(u1)
	s, c := sincosTurn(u2)
	u, v := basis(n)
	return u.scale(float64(r * c)).add(v.scale(float64(r * s))).add(n.scale(sqrt0(1 - u1))).unit()
}

// inCone returns a direction around the unit vector axis, evenly spread over
// the cone whose edge has the cosine 1 − height.
func (g *random) inCone(axis vec, height float64) vec {
	up := 1 - float64(g.float()*height)
	r := sqrt0(1 - float64(up*up))
	s, c := sincosTurn(g.float())
	u, v := basis(axis)
	return u.scale(float64(r * c)).add(v.scale(float64(r * s))).add(axis.scale(up)).unit()
}
