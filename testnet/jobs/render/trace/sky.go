package trace

// sky is the light from outside of everything.
type sky struct {
	top, horizon, ground vec
	glow                 vec // added around toward, low over the horizon
	toward               vec
	sun                  vec     // what the sun's disc gives off; black for none
	height               float64 // 1 − the cosine of the disc's half angle
	stars                float64 // 0 none … 1 many
}

// light returns what comes from the direction d.
func (s *sky) light(d vec) vec {
	if d.y < 0 {
		// The ground takes over within a few degrees.
		return s.horizon.mix(s.ground, min(float64(-d.y*12), 1))
	}
	c := s.horizon.mix(s.top, sqrt0(d.y))
	if s.glow.peak() > 0 {
		near := max(0.5+float64(0.5*d.dot(s.toward)), 0)
		near2 := float64(near * near)
		near8 := float64(near2 * near2 * near2 * near2)
		near16 := float64(near8 * near8)
		low := 1 - d.y
		low4 := float64(low * low * low * low)
		c = c.add(s.glow.scale(float64(near16 * low4)))
	}
	return c
}

// starlight is what a camera sees of the stars. They are too small to light
// anything, and would only be noise if a path could find them.
func (s *sky) starlight(d vec) vec {
	if !(s.stars > 0) || d.y < 0.05 {
		return vec{}
	}
	const cells = 90
	x, y, z := float64(d.x*cells), float64(d.y*cells), float64(d.z*cells)
	i, j, k := floorInt(x), floorInt(y), floorInt(z)
	h := scramble(uint64(i+512)<<40 ^ uint64(j+512)<<20 ^ uint64(k+512))
	if float64(h&0xffff)/65536 > s.stars/12 {
		return vec{}
	}
	centre := vec{float64(i) + 0.5, float64(j) + 0.5, float64(k) + 0.5}
	off := vec{x, y, z}.sub(centre)
	aside := off.sub(d.scale(off.dot(d))).length()
	size := 0.05 + float64(0.09*float64(h>>16&0xff)/256)
	if aside > size {
		return vec{}
	}
	return vec{0.9, 0.95, 1}.scale(float64(2.5 * float64(h>>24&0xff) / 256))
}

// disc is the sun as seen directly.
func (s *sky) disc(d vec) vec {
	if s.sun.peak() > 0 && 1-d.dot(s.toward) <= s.height {
		return s.sun
	}
	return vec{}
}
