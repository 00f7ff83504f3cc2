package trace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2"
)

// Parse reads a scene file. Its error is a *SceneError, and an ErrScene.
func Parse(data []byte) (*Scene, error) {
	if len(data) > MaxFile {
		return nil, &SceneError{Message: fmt.Sprintf("the scene file has %d bytes; %d are allowed", len(data), MaxFile)}
	}
	found, err := readLines(data)
	if err != nil {
		return nil, err
	}
	var doc document
	if err := toml.Unmarshal(data, &doc); err != nil {
		return nil, tomlError(err)
	}
	b := &builder{lines: found, names: make(map[string]int32), scene: &Scene{title: doc.Title, digest: sha256.Sum256(data)}}
	if err := b.build(&doc); err != nil {
		return nil, err
	}
	return b.scene, nil
}

// tomlError keeps the place and the reason of what is no good TOML.
func tomlError(err error) error {
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return &SceneError{line, bad.Error()}
	}
	return &SceneError{0, err.Error()}
}

// builder turns a document into a scene. The first failure stops it.
type builder struct {
	scene *Scene
	lines lines
	names map[string]int32 // index of each material
}

// fail returns an error at the line of path.
func (b *builder) fail(path, format string, args ...any) error {
	return &SceneError{b.lines.of(path), path + ": " + fmt.Sprintf(format, args...)}
}

func (b *builder) build(doc *document) error {
	steps := []func(*document) error{
		b.image, b.camera, b.sky, b.materials,
		b.spheres, b.boxes, b.rods, b.planes, b.dots, b.garlands,
	}
	for _, step := range steps {
		if err := step(doc); err != nil {
			return err
		}
	}
	if b.scene.Objects() == 0 {
		return &SceneError{0, "the scene has no object: add a [[sphere]], a [[box]], a [[rod]] or a [[plane]]"}
	}
	b.scene.tree = grow(b.scene.shapes)
	return nil
}

func (b *builder) image(doc *document) error {
	i := &doc.Image
	if i.Samples == 0 {
		i.Samples = 16
	}
	if i.Bounces == 0 {
		i.Bounces = 8
	}
	for _, f := range []struct {
		name       string
		value, top int
	}{{"width", i.Width, MaxSide}, {"height", i.Height, MaxSide}, {"samples", i.Samples, MaxSamples}, {"bounces", i.Bounces, MaxBounces}} {
		if f.value < 1 || f.value > f.top {
			return b.fail("image."+f.name, "%d is not between 1 and %d", f.value, f.top)
		}
	}
	var err error
	b.scene.width, b.scene.height, b.scene.samples, b.scene.bounces = i.Width, i.Height, i.Samples, i.Bounces
	b.scene.exposure, err = b.number("image.exposure", i.Exposure, 1, 1e-6, 1e6)
	return err
}

func (b *builder) camera(doc *document) error {
	c := &doc.Camera
	at, err := b.point("camera.at", c.At, nil)
	if err != nil {
		return err
	}
	look, err := b.point("camera.look", c.Look, &vec{})
	if err != nil {
		return err
	}
	up, err := b.point("camera.up", c.Up, &vec{0, 1, 0})
	if err != nil {
		return err
	}
	if !(look.sub(at).cross(up).length() > 1e-9) {
		return b.fail("camera", "at, look and up lie on one line, so there is no picture")
	}
	fov, err := b.number("camera.fov", c.Fov, 40, 1, 170)
	if err != nil {
		return err
	}
	focus, err := b.number("camera.focus", c.Focus, 0, 0, 1e6)
	if err != nil {
		return err
	}
	aperture, err := b.number("camera.aperture", c.Aperture, 0, 0, 1e3)
	if err != nil {
		return err
	}
	b.scene.camera = newCamera(at, look, up, fov, focus, aperture, b.scene.width, b.scene.height)
	return nil
}

func (b *builder) sky(doc *document) error {
	d, s := &doc.Sky, &b.scene.sky
	var strength, glow, sun, size float64
	for _, f := range []struct {
		name               string
		from               *float64
		to                 *float64
		usual, least, most float64
	}{
		{"strength", d.Strength, &strength, 1, 0, 1e6},
		{"glow_strength", d.GlowGain, &glow, 1, 0, 1e6},
		{"sun_strength", d.SunGain, &sun, 10, 0, 1e9},
		{"sun_size", d.SunSize, &size, 0.5, 0.1, 90},
		{"stars", d.Stars, &s.stars, 0, 0, 1},
	} {
		v, err := b.number("sky."+f.name, f.from, f.usual, f.least, f.most)
		if err != nil {
			return err
		}
		*f.to = v
	}
	if d.Horizon == "" {
		d.Horizon = d.Top
	}
	for _, f := range []struct {
		name, from, usual string
		to                *vec
		gain              float64
	}{
		{"top", d.Top, "#000000", &s.top, strength},
		{"horizon", d.Horizon, d.Top, &s.horizon, strength},
		{"ground", d.Ground, d.Horizon, &s.ground, strength},
		{"glow", d.Glow, "#000000", &s.glow, glow},
		{"sun", d.Sun, "#000000", &s.sun, sun},
	} {
		if f.usual == "" {
			f.usual = "#000000"
		}
		c, err := b.color("sky."+f.name, f.from, f.usual)
		if err != nil {
			return err
		}
		*f.to = c.scale(f.gain)
	}
	toward, err := b.point("sky.toward", d.Toward, &vec{0, 1, -1})
	if err != nil {
		return err
	}
	s.toward = toward.unit()
	sine, _ := sincosTurn(float64(size / 1440)) // half the disc's half angle
	s.height = float64(2 * sine * sine)
	return nil
}

func (b *builder) materials(doc *document) error {
	// Sorted, because a map has no order and a scene must have one.
	for _, name := range slices.Sorted(maps.Keys(doc.Material)) {
		d, path := doc.Material[name], "material."+name
		m := material{}
		var ok bool
		if m.finish, ok = map[string]finish{"": matte, "matte": matte, "gloss": gloss, "metal": metal, "glass": glass, "glow": glow}[d.Kind]; !ok {
			return b.fail(path+".kind", "%q is none of matte, gloss, metal, glass, glow", d.Kind)
		}
		if m.pattern, ok = map[string]pattern{"": plain, "plain": plain, "checker": checker, "stripes": stripes, "bricks": bricks}[d.Pattern]; !ok {
			return b.fail(path+".pattern", "%q is none of plain, checker, stripes, bricks", d.Pattern)
		}
		var strength float64
		for _, f := range []struct {
			name               string
			from               *float64
			to                 *float64
			usual, least, most float64
		}{
			{"scale", d.Scale, &m.scale, 1, 1e-6, 1e6},
			{"ratio", d.Ratio, &m.ratio, 2, 0.1, 20},
			{"fuzz", d.Fuzz, &m.fuzz, 0, 0, 1},
			{"bend", d.Bend, &m.bend, 1.5, 1, 4},
			{"strength", d.Strength, &strength, 1, 0, 1e6},
		} {
			v, err := b.number(path+"."+f.name, f.from, f.usual, f.least, f.most)
			if err != nil {
				return err
			}
			*f.to = v
		}
		var err error
		if m.color, err = b.color(path+".color", d.Color, "#ffffff"); err != nil {
			return err
		}
		if m.other, err = b.color(path+".other", d.Other, "#202020"); err != nil {
			return err
		}
		if m.finish == glow {
			m.color, m.other = m.color.scale(strength), m.other.scale(strength)
		} else if d.Strength != nil {
			return b.fail(path+".strength", "only glow has a strength")
		}
		if m.finish == glass && m.pattern != plain {
			return b.fail(path+".pattern", "glass has no pattern")
		}
		b.names[name] = int32(len(b.scene.materials))
		b.scene.materials = append(b.scene.materials, m)
	}
	return nil
}

// number returns the value, or what is usual when it is left out.
func (b *builder) number(path string, value *float64, usual, least, most float64) (float64, error) {
	if value == nil {
		return usual, nil
	}
	if !(*value >= least && *value <= most) { // also when it is not a number
		return 0, b.fail(path, "%v is not between %v and %v", *value, least, most)
	}
	return *value, nil
}

// point returns three numbers; usual nil means that they may not be left out.
func (b *builder) point(path string, value []float64, usual *vec) (vec, error) {
	if value == nil && usual != nil {
		return *usual, nil
	}
	if len(value) != 3 {
		return vec{}, b.fail(path, "three numbers are needed, [x, y, z], and %d are here", len(value))
	}
	for _, v := range value {
		if !(math.Abs(v) <= 1e6) {
			return vec{}, b.fail(path, "%v is not between -1e+06 and 1e+06", v)
		}
	}
	return vec{value[0], value[1], value[2]}, nil
}

// color reads "#rrggbb" as light.
func (b *builder) color(path, value, usual string) (vec, error) {
	if value == "" {
		value = usual
	}
	n, err := strconv.ParseUint(value[1:], 16, 32)
	if len(value) != 7 || value[0] != '#' || err != nil {
		return vec{}, b.fail(path, "%.20q is no color: write it as #rrggbb", value)
	}
	return vec{toLinear[n>>16&0xff], toLinear[n>>8&0xff], toLinear[n&0xff]}, nil
}
