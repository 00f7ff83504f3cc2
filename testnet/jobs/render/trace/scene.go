package trace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
)

// What a scene may ask for at most. A scene is a stranger's file, and these
// keep its cost to what the stranger's own picture needs.
const (
	MaxFile    = 1 << 20 // bytes of the scene file
	MaxEntries = 8_000   // keys and headers of the scene file, each part of a dotted one counted
	MaxObjects = 10_000  // spheres, boxes and rods, after everything that repeats is laid out
	MaxPlanes  = 64      // planes are endless and cannot be sorted, so each costs every ray
	MaxSide    = 8192    // pixels of width and height
	MaxSamples = 4096    // samples of each pixel
	MaxBounces = 64      // surfaces that one path may meet
)

// ErrScene is what every error of Parse is, by errors.Is.
var ErrScene = errors.New("bad scene")

// SceneError says what is wrong with a scene file and where.
type SceneError struct {
	Line    int    // in the file, from 1; 0 when no line is at fault
	Message string // a sentence without the place
}

// Error returns "line N: message".
func (e *SceneError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Is makes every SceneError an ErrScene.
func (e *SceneError) Is(target error) bool { return target == ErrScene }

// Scene is a parsed scene, ready to be rendered. It does not change, so many
// goroutines may render it at once.
type Scene struct {
	title         string
	digest        [sha256.Size]byte
	width, height int
	samples       int
	bounces       int
	exposure      float64

	camera    camera
	sky       sky
	materials []material
	shapes    []shape
	planes    []shape
	lamps     []lamp
	tree      tree
}

// Title is what the scene calls itself, "" when it does not say.
func (s *Scene) Title() string { return s.title }

// Digest is the SHA-256 of the scene file: two tiles belong together only when
// they come from the same bytes.
func (s *Scene) Digest() [sha256.Size]byte { return s.digest }

// Size returns the picture's width and height in pixels.
func (s *Scene) Size() (width, height int) { return s.width, s.height }

// Samples is the number of paths that make one pixel.
func (s *Scene) Samples() int { return s.samples }

// Objects is the number of spheres, boxes, rods and planes.
func (s *Scene) Objects() int { return len(s.shapes) + len(s.planes) }

// Lamps is the number of glowing spheres.
func (s *Scene) Lamps() int { return len(s.lamps) }

// Paint renders the pixels of area, row by row, three bytes (red, green, blue)
// each, into rgb, which must hold 3 × area.Dx() × area.Dy() bytes. The result
// depends on the scene, the seed and the place of each pixel alone.
func (s *Scene) Paint(seed uint64, area image.Rectangle, rgb []byte) {
	at := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := s.pixel(seed, x, y)
			rgb[at], rgb[at+1], rgb[at+2] = encode(film(c.x)), encode(film(c.y)), encode(film(c.z))
			at += 3
		}
	}
}

// pixel returns the light that falls on one pixel.
func (s *Scene) pixel(seed uint64, x, y int) vec {
	g := pixelRandom(seed, x, y)
	side := 1 // the samples are spread over a grid of side × side
	for (side+1)*(side+1) <= s.samples {
		side++
	}
	var sum vec
	for i := range s.samples {
		u, v := g.float(), g.float()
		if i < side*side {
			u, v = (float64(i%side)+u)/float64(side), (float64(i/side)+v)/float64(side)
		}
		r := s.camera.ray((float64(x)+soft(u))/float64(s.width), (float64(y)+soft(v))/float64(s.height), &g)
		sum = sum.add(s.path(r, &g))
	}
	return sum.scale(s.exposure / float64(s.samples))
}

// soft spreads [0, 1) over two pixels, densest in the middle: a tent filter,
// which draws smoother edges than a box and needs no neighbour's samples.
func soft(u float64) float64 {
	if u < 0.5 {
		return sqrt0(float64(2*u)) - 0.5
	}
	return 1.5 - sqrt0(2-float64(2*u))
}
