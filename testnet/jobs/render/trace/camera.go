package trace

// camera turns a place in the picture into a ray.
type camera struct {
	at             vec
	right, up, out vec // right and up span the picture at the distance of focus
	lensX, lensY   vec // the lens, zero for a pinhole
}

// newCamera looks from at towards look; fov is the picture's height in degrees.
func newCamera(at, look, up vec, fov, focus, aperture float64, width, height int) camera {
	ahead := look.sub(at)
	if !(focus > 0) {
		focus = ahead.length()
	}
	ahead = ahead.unit()
	side := ahead.cross(up).unit()
	above := side.cross(ahead)
	sin, cos := sincosTurn(float64(fov / 720))
	tall := float64(2 * focus * sin / cos)
	wide := float64(tall * float64(width) / float64(height))
	return camera{
		at:    at,
		right: side.scale(wide),
		up:    above.scale(tall),
		out:   ahead.scale(focus),
		lensX: side.scale(float64(aperture / 2)),
		lensY: above.scale(float64(aperture / 2)),
	}
}

// ray looks through the place x, y of the picture, both in [0, 1], from the
// top left.
func (c *camera) ray(x, y float64, g *random) ray {
	from := c.at
	target := c.at.add(c.out).add(c.right.scale(x - 0.5)).add(c.up.scale(0.5 - y))
	if c.lensX != (vec{}) {
		r := sqrt0(g.float())
		s, k := sincosTurn(g.float())
		from = from.add(c.lensX.scale(float64(r * k))).add(c.lensY.scale(float64(r * s)))
	}
	return newRay(from, target.sub(from).unit())
}
