package trace

import "fmt"

// place adds a shape to the scene.
func (b *builder) place(path string, s shape) error {
	m := &b.scene.materials[s.material]
	if s.form == plane {
		if m.finish == glass {
			return b.fail(path, "a plane cannot be made of glass: it has no inside")
		}
		if len(b.scene.planes) >= MaxPlanes {
			return b.fail(path, "that is more than %d planes", MaxPlanes)
		}
		b.scene.planes = append(b.scene.planes, s)
		return nil
	}
	if len(b.scene.shapes) >= MaxObjects {
		return b.fail(path, "that is more than %d objects", MaxObjects)
	}
	if s.form == rod && m.finish == glass {
		return b.fail(path, "a rod cannot be made of glass")
	}
	if s.form == sphere && m.finish == glow && m.pattern == plain {
		s.lamp = true
		b.scene.lamps = append(b.scene.lamps, lamp{s.at, s.radius, m.color, float64(m.color.luminance() * s.radius * s.radius)})
	}
	b.scene.shapes = append(b.scene.shapes, s)
	return nil
}

func (b *builder) materialOf(path, name string) (int32, error) {
	if m, ok := b.names[name]; ok {
		return m, nil
	}
	if name == "" {
		return 0, b.fail(path, "the material is missing")
	}
	return 0, b.fail(path, "there is no [material.%.40s]", name)
}

func (b *builder) size(path string, v float64) error {
	if !(v >= 1e-6 && v <= 1e6) {
		return b.fail(path, "%v is not between 1e-06 and 1e+06", v)
	}
	return nil
}

// each calls lay with the offset of every copy that the grid asks for.
func (r *repeatDoc) each(b *builder, path string, lay func(offset vec) error) error {
	if r.Repeat == nil {
		if r.Step != nil || r.Jitter != nil {
			return b.fail(path, "step and jitter need a repeat")
		}
		return lay(vec{})
	}
	if len(r.Repeat) != 3 {
		return b.fail(path+".repeat", "three counts are needed, [x, y, z], and %d are here", len(r.Repeat))
	}
	for _, n := range r.Repeat {
		if n < 1 || n > MaxObjects {
			return b.fail(path+".repeat", "%d is not between 1 and %d", n, MaxObjects)
		}
	}
	step, err := b.point(path+".step", r.Step, nil)
	if err != nil {
		return err
	}
	jitter, err := b.number(path+".jitter", r.Jitter, 0, 0, 1e6)
	if err != nil {
		return err
	}
	var g random // every group is shaken in its own way, wherever it stands in the file
	for _, c := range []byte(path) {
		g.state = scramble(g.state + uint64(c))
	}
	for k := range r.Repeat[2] {
		for j := range r.Repeat[1] {
			for i := range r.Repeat[0] {
				offset := step.mul(vec{float64(i), float64(j), float64(k)})
				shake := vec{g.float() - 0.5, g.float() - 0.5, g.float() - 0.5}.scale(float64(2 * jitter))
				if err := lay(offset.add(shake)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *builder) spheres(doc *document) error {
	for i := range doc.Sphere {
		d, path := &doc.Sphere[i], fmt.Sprintf("sphere.%d", i+1)
		at, err := b.point(path+".at", d.At, nil)
		if err != nil {
			return err
		}
		if err := b.size(path+".radius", d.Radius); err != nil {
			return err
		}
		m, err := b.materialOf(path+".material", d.Material)
		if err != nil {
			return err
		}
		if err := d.each(b, path, func(offset vec) error {
			return b.place(path, shape{form: sphere, material: m, at: at.add(offset), radius: d.Radius})
		}); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) boxes(doc *document) error {
	for i := range doc.Box {
		d, path := &doc.Box[i], fmt.Sprintf("box.%d", i+1)
		at, err := b.point(path+".at", d.At, nil)
		if err != nil {
			return err
		}
		size, err := b.point(path+".size", d.Size, nil)
		if err != nil {
			return err
		}
		for _, side := range d.Size {
			if err := b.size(path+".size", side); err != nil {
				return err
			}
		}
		turn, err := b.point(path+".turn", d.Turn, &vec{})
		if err != nil {
			return err
		}
		m, err := b.materialOf(path+".material", d.Material)
		if err != nil {
			return err
		}
		s := shape{form: box, material: m, half: size.scale(0.5), turned: turn != vec{}, rows: turned(turn)}
		if err := d.each(b, path, func(offset vec) error {
			s.at = at.add(offset)
			return b.place(path, s)
		}); err != nil {
			return err
		}
	}
	return nil
}

// turned returns a box's own axes after turning it by degrees around x, then
// around y, then around z.
func turned(degrees vec) [3]vec {
	sx, cx := sincosTurn(float64(degrees.x / 360))
	sy, cy := sincosTurn(float64(degrees.y / 360))
	sz, cz := sincosTurn(float64(degrees.z / 360))
	rows := [3]vec{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for i, v := range rows {
		v = vec{v.x, float64(cx*v.y) - float64(sx*v.z), float64(sx*v.y) + float64(cx*v.z)}
		v = vec{float64(cy*v.x) + float64(sy*v.z), v.y, float64(cy*v.z) - float64(sy*v.x)}
		rows[i] = vec{float64(cz*v.x) - float64(sz*v.y), float64(sz*v.x) + float64(cz*v.y), v.z}
	}
	return rows
}

// rodBetween returns the rod from one point to another.
func rodBetween(from, to vec, radius float64, material int32) shape {
	way := to.sub(from)
	return shape{form: rod, material: material, at: from, radius: radius, axis: way.unit(), length: way.length()}
}

func (b *builder) rods(doc *document) error {
	for i := range doc.Rod {
		d, path := &doc.Rod[i], fmt.Sprintf("rod.%d", i+1)
		from, err := b.point(path+".from", d.From, nil)
		if err != nil {
			return err
		}
		to, err := b.point(path+".to", d.To, nil)
		if err != nil {
			return err
		}
		if err := b.size(path+".radius", d.Radius); err != nil {
			return err
		}
		m, err := b.materialOf(path+".material", d.Material)
		if err != nil {
			return err
		}
		if err := d.each(b, path, func(offset vec) error {
			return b.place(path, rodBetween(from.add(offset), to.add(offset), d.Radius, m))
		}); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) planes(doc *document) error {
	for i := range doc.Plane {
		d, path := &doc.Plane[i], fmt.Sprintf("plane.%d", i+1)
		at, err := b.point(path+".at", d.At, &vec{})
		if err != nil {
			return err
		}
		normal, err := b.point(path+".normal", d.Normal, &vec{0, 1, 0})
		if err != nil {
			return err
		}
		if !(normal.length() > 1e-9) {
			return b.fail(path+".normal", "the normal has no direction")
		}
		m, err := b.materialOf(path+".material", d.Material)
		if err != nil {
			return err
		}
		if err := b.place(path, shape{form: plane, material: m, at: at, axis: normal.unit()}); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) dots(doc *document) error {
	for i := range doc.Dots {
		d, path := &doc.Dots[i], fmt.Sprintf("dots.%d", i+1)
		at, err := b.point(path+".at", d.At, nil)
		if err != nil {
			return err
		}
		step, err := b.point(path+".step", d.Step, nil)
		if err != nil {
			return err
		}
		down, err := b.point(path+".down", d.Down, &vec{0, -step.length(), 0})
		if err != nil {
			return err
		}
		if err := b.size(path+".radius", d.Radius); err != nil {
			return err
		}
		m, err := b.materialOf(path+".material", d.Material)
		if err != nil {
			return err
		}
		for y, row := range d.Rows {
			x := 0
			for _, c := range row {
				if c == '#' {
					p := at.add(step.scale(float64(x))).add(down.scale(float64(y)))
					if err := b.place(path, shape{form: sphere, material: m, at: p, radius: d.Radius}); err != nil {
						return err
					}
				}
				x++
			}
		}
	}
	return nil
}

func (b *builder) garlands(doc *document) error {
	for i := range doc.Garland {
		d, path := &doc.Garland[i], fmt.Sprintf("garland.%d", i+1)
		from, err := b.point(path+".from", d.From, nil)
		if err != nil {
			return err
		}
		to, err := b.point(path+".to", d.To, nil)
		if err != nil {
			return err
		}
		sag, err := b.number(path+".sag", d.Sag, 0, -1e6, 1e6)
		if err != nil {
			return err
		}
		if err := b.size(path+".radius", d.Radius); err != nil {
			return err
		}
		if d.Count < 1 || d.Count > MaxObjects {
			return b.fail(path+".count", "%d is not between 1 and %d", d.Count, MaxObjects)
		}
		if len(d.Materials) == 0 {
			return b.fail(path+".materials", "the materials are missing")
		}
		kinds := make([]int32, len(d.Materials))
		for j, name := range d.Materials {
			if kinds[j], err = b.materialOf(path+".materials", name); err != nil {
				return err
			}
		}
		// A parabola is close to how a cord hangs, and needs no more arithmetic.
		hang := func(t float64) vec {
			p := from.mix(to, t)
			p.y -= float64(4 * sag * t * (1 - t))
			return p
		}
		for j := range d.Count {
			p := hang((float64(j) + 0.5) / float64(d.Count))
			p.y -= d.Radius // the lamp hangs from the cord
			if err := b.place(path, shape{form: sphere, material: kinds[j%len(kinds)], at: p, radius: d.Radius}); err != nil {
				return err
			}
		}
		if d.Cord == "" {
			continue
		}
		cord, err := b.materialOf(path+".cord", d.Cord)
		if err != nil {
			return err
		}
		const pieces = 24
		thick := float64(d.Radius * 0.12)
		for j := range pieces {
			r := rodBetween(hang(float64(float64(j)/pieces)), hang(float64(float64(j+1)/pieces)), max(thick, 1e-6), cord)
			if err := b.place(path, r); err != nil {
				return err
			}
		}
	}
	return nil
}
