package trace_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/testnet/jobs/render/scenes"
	"github.com/etal-cloud/etal/testnet/jobs/render/trace"
)

func parse(t testing.TB, toml string) *trace.Scene {
	t.Helper()
	s, err := trace.Parse([]byte(toml))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tiny(t testing.TB) *trace.Scene {
	t.Helper()
	data, err := os.ReadFile("testdata/tiny.toml")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(data))
}

func whole(s *trace.Scene) image.Rectangle {
	width, height := s.Size()
	return image.Rect(0, 0, width, height)
}

// TestGolden fails when any bit of any pixel changes. The digest was the same
// with and without fused multiply-add, in 64 and in 32 bits.
func TestGolden(t *testing.T) {
	s := tiny(t)
	rgb := make([]byte, 3*40*30)
	s.Paint(7, whole(s), rgb)
	const want = "0404367d8e83a135cc12330c18c0e52621059304bd9003bd9c8abc87253a3716"
	if got := fmt.Sprintf("%x", sha256.Sum256(rgb)); got != want {
		t.Errorf("the picture's SHA-256 is %s, want %s", got, want)
	}
}

func TestPaintByParts(t *testing.T) {
	s := tiny(t)
	area := whole(s)
	want := make([]byte, 3*area.Dx()*area.Dy())
	s.Paint(3, area, want)
	for y := range area.Dy() {
		for x := 0; x < area.Dx(); x += 7 {
			part := image.Rect(x, y, min(x+7, area.Dx()), y+1)
			rgb := make([]byte, 3*part.Dx())
			s.Paint(3, part, rgb)
			at := 3 * (y*area.Dx() + x)
			if !bytes.Equal(rgb, want[at:at+len(rgb)]) {
				t.Fatalf("the part %v differs from the same pixels of the whole", part)
			}
		}
	}
	other := make([]byte, len(want))
	s.Paint(4, area, other)
	if bytes.Equal(other, want) {
		t.Error("another seed makes the same picture")
	}
}

func TestTreeFindsWhatAskingAllFinds(t *testing.T) {
	for name, s := range map[string]*trace.Scene{"tiny": tiny(t), "etal": parse(t, string(scenes.Etal))} {
		met := 0
		for i, shot := range s.Shoot(20000, 11) {
			if shot.Tree != shot.Slow {
				t.Fatalf("%s: ray %d meets something at %v by the tree, at %v by asking all", name, i, shot.Tree, shot.Slow)
			}
			if shot.Off > 1e-7 {
				t.Fatalf("%s: ray %d ends %v beside the surface", name, i, shot.Off)
			}
			if !shot.Outward {
				t.Fatalf("%s: ray %d: the normal does not lead out of the shape", name, i)
			}
			if !math.IsInf(shot.Tree, 1) {
				met++
			}
		}
		if met < 5000 {
			t.Errorf("%s: only %d rays met anything", name, met)
		}
	}
}

// TestFurnace puts a body that loses no light into a sky that is the same all
// around: it must vanish.
func TestFurnace(t *testing.T) {
	for _, kind := range []string{"matte", "metal", "glass", "gloss"} {
		s := parse(t, `
[image]
width = 24
height = 24
samples = 64
bounces = 64
[camera]
at = [0, 0, 5]
[sky]
top = "#bcbcbc"
[material.body]
kind = "`+kind+`"
[[sphere]]
at = [0, 0, 0]
radius = 1
material = "body"
[[box]]
at = [0.9, 0.2, 0.3]
size = [0.5, 0.5, 0.5]
turn = [20, 30, 40]
material = "body"
`)
		want := trace.Linear(float64(0xbc) / 255)
		got := s.Light(1, whole(s))
		for _, c := range got {
			if math.Abs(c-want) > 0.005 {
				t.Errorf("%s: %v comes back of a sky of %v", kind, got, want)
			}
		}
	}
}

// TestLampsAreFoundTwoWays lights a floor with a lamp that is looked for, and
// with the same one that paths must hit by themselves.
func TestLampsAreFoundTwoWays(t *testing.T) {
	light := func(pattern string) [3]float64 {
		s := parse(t, `
[image]
width = 16
height = 16
samples = 1024
bounces = 2
[camera]
at = [0, 3, 4]
[material.floor]
color = "#a0c0e0"
[material.lamp]
kind = "glow"
color = "#ffffff"
other = "#ffffff"
strength = 2
pattern = "`+pattern+`"
[[plane]]
material = "floor"
[[sphere]]
at = [0, 2.5, 0]
radius = 0.9
material = "lamp"
[[sphere]]
at = [-2, 1.5, -1]
radius = 0.5
material = "lamp"
`)
		return s.Light(5, image.Rect(0, 10, 16, 16)) // below the lamps: floor alone
	}
	sought, met := light("plain"), light("checker")
	for i := range sought {
		if d := math.Abs(sought[i] - met[i]); d > 0.02*met[i] {
			t.Errorf("lamps that are sought give %v, lamps that are met %v", sought, met)
		}
	}
}

func TestEtal(t *testing.T) {
	s := parse(t, string(scenes.Etal))
	if w, h := s.Size(); w != 480 || h != 270 || s.Title() == "" || s.Objects() < 200 || s.Lamps() < 100 {
		t.Errorf("the tour's scene: %d×%d, %q, %d objects, %d lamps", w, h, s.Title(), s.Objects(), s.Lamps())
	}
	if s.Digest() != sha256.Sum256(scenes.Etal) {
		t.Error("the digest is not that of the file")
	}
}

const head = `[image]
width = 8
height = 8
[camera]
at = [0, 0, 5]
[material.a]
[material.panes]
kind = "glass"
[[sphere]]
at = [0, 0, 0]
radius = 1
material = "a"
`

func TestBadScenes(t *testing.T) {
	for _, c := range []struct {
		name, toml string
		line       int
		says       string
	}{
		{"empty", "", 0, "image.width"},
		{"no TOML", "[image\nwidth = 8", 1, ""},
		{"binary", "\x00\x01", 1, ""},
		{"unknown key", head + "colour = 3\n", 13, `"colour"`},
		{"unknown table", head + "[fog]\ndepth = 3\n", 13, `"fog"`},
		{"unknown key in a table", head + "[material.b]\nshine = 3\n", 14, `"shine"`},
		{"unknown key inline", head + "[[box]]\nat = [{x = 3}]\n", 14, `"x"`},
		{"inline", head[:len(head)-len("[[sphere]]\nat = [0, 0, 0]\nradius = 1\nmaterial = \"a\"\n")] + "[more]", 9, `"more"`},
		{"error inline", "box = [{at = [0, 0, 0],\n size = [1, 1]}]\n" + head, 2, "box.1.size"},
		{"set twice", "[image]\nwidth = 3\nwidth = 4\n", 3, "width"},
		{"many keys", strings.Repeat("[[sphere]]\n", 8001), 8001, "8000 keys"},
		{"many keys inline", "material = {" + strings.Repeat("a.b.c.d={},", 3000) + "}", 1, ""},
		{"wrong type", "[image]\nwidth = \"wide\"\n", 2, ""},
		{"too wide", "[image]\nheight = 9\nwidth = 8193\n", 3, "between 1 and 8192"},
		{"negative", "[image]\nwidth = -1\nheight = 9\n", 2, "between 1 and 8192"},
		{"samples", strings.Replace(head, "width", "samples = 4097\nwidth", 1), 2, "between 1 and 4096"},
		{"bounces", strings.Replace(head, "width", "bounces = 65\nwidth", 1), 2, "between 1 and 64"},
		{"exposure", strings.Replace(head, "width", "exposure = nan\nwidth", 1), 2, "NaN is not between"},
		{"no camera", "[image]\nwidth = 8\nheight = 8\n", 0, "camera.at"},
		{"camera in itself", strings.Replace(head, "at = [0, 0, 5]", "at = [0, 0, 0]", 1), 4, "no picture"},
		{"two numbers", strings.Replace(head, "[0, 0, 5]", "[0, 5]", 1), 5, "three numbers"},
		{"endless", strings.Replace(head, "[0, 0, 5]", "[0, 0, inf]", 1), 5, "+Inf is not between"},
		{"color", strings.Replace(head, "[material.a]", "[material.a]\ncolor = \"red\"", 1), 7, "#rrggbb"},
		{"color with a sign", strings.Replace(head, "[material.a]", "[material.a]\ncolor = \"#+12345\"", 1), 7, "#rrggbb"},
		{"kind", strings.Replace(head, "[material.a]", "[material.a]\nkind = \"wood\"", 1), 7, "wood"},
		{"pattern", strings.Replace(head, "[material.a]", "[material.a]\npattern = \"dots\"", 1), 7, "dots"},
		{"strength", strings.Replace(head, "[material.a]", "[material.a]\nstrength = 2", 1), 7, "only glow"},
		{"patterned glass", strings.Replace(head, `kind = "glass"`, "kind = \"glass\"\npattern = \"checker\"", 1), 9, "no pattern"},
		{"radius", strings.Replace(head, "radius = 1", "radius = -1", 1), 11, "radius"},
		{"second sphere", head + "[[sphere]]\nat = [0, 0, 0]\nradius = 0\n", 15, "sphere.2.radius"},
		{"no material", head + "[[sphere]]\nat = [0, 0, 0]\nradius = 1\n", 13, "missing"},
		{"unknown material", head + "[[box]]\nat = [0, 0, 0]\nsize = [1, 1, 1]\nmaterial = \"b\"\n", 16, "[material.b]"},
		{"flat box", head + "[[box]]\nat = [0, 0, 0]\nsize = [1, 0, 1]\nmaterial = \"a\"\n", 15, "box.1.size"},
		{"glass plane", head + "[[plane]]\nmaterial = \"panes\"\n", 13, "glass"},
		{"glass rod", head + "[[rod]]\nfrom = [0, 0, 0]\nto = [0, 1, 0]\nradius = 1\nmaterial = \"panes\"\n", 13, "glass"},
		{"no normal", head + "[[plane]]\nnormal = [0, 0, 0]\nmaterial = \"a\"\n", 14, "no direction"},
		{"many", head + "repeat = [101, 100, 1]\nstep = [1, 1, 1]\n", 9, "10000 objects"},
		{"absurdly many", head + "repeat = [10000, 10000, 10000]\nstep = [1, 1, 1]\n", 9, "10000 objects"},
		{"no step", head + "repeat = [2, 1, 1]\n", 9, "step"},
		{"step alone", head + "step = [2, 1, 1]\n", 9, "repeat"},
		{"repeat 0", head + "repeat = [0, 1, 1]\nstep = [1, 1, 1]\n", 13, "repeat"},
		{"planes", head + strings.Repeat("[[plane]]\nmaterial = \"a\"\n", 65), 141, "64 planes"},
		{"garland of nothing", head + "[[garland]]\nfrom = [0, 0, 0]\nto = [1, 0, 0]\nradius = 1\ncount = 3\n", 13, "materials"},
		{"empty garland", head + "[[garland]]\nfrom = [0, 0, 0]\nto = [1, 0, 0]\nradius = 1\nmaterials = [\"a\"]\n", 13, "count"},
		{"many dots", head + "[[dots]]\nat = [0, 0, 0]\nstep = [1, 0, 0]\nradius = 1\nmaterial = \"a\"\nrows = [\"" + strings.Repeat("#", 10000) + "\"]\n", 13, "10000 objects"},
		{"nothing to see", strings.Split(head, "[[sphere]]")[0], 0, "no object"},
		{"deep", "a = " + strings.Repeat("[", 100_000), 1, ""},
		{"long", "#" + strings.Repeat(" ", trace.MaxFile), 0, "bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := trace.Parse([]byte(c.toml))
			var at *trace.SceneError
			if !errors.As(err, &at) || !errors.Is(err, trace.ErrScene) {
				t.Fatalf("got %v", err)
			}
			if at.Line != c.line || !strings.Contains(at.Message, c.says) {
				t.Errorf("got line %d, %q, want line %d and %q", at.Line, at.Message, c.line, c.says)
			}
		})
	}
}

func TestManyLamps(t *testing.T) {
	s := parse(t, strings.Replace(head, `[material.a]`, `[material.a]
kind = "glow"`, 1)+`repeat = [100, 100, 1]
step = [3, 0, 3]
[material.floor]
[[plane]]
at = [0, -2, 0]
material = "floor"
`)
	if s.Lamps() != trace.MaxObjects {
		t.Fatalf("%d lamps", s.Lamps())
	}
	if got := s.Light(1, whole(s)); !(got[0] > 0 && got[0] < 10) {
		t.Errorf("ten thousand lamps give %v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head))
	f.Add(scenes.Etal)
	data, err := os.ReadFile("testdata/tiny.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("[image]\nwidth=1\nheight=1\n[material]\na={}\n[camera]\nat=[0,0,1]\n[[dots]]\nat=[0,0,0]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := trace.Parse(data)
		if err != nil {
			if !errors.Is(err, trace.ErrScene) || s != nil {
				t.Fatalf("got %v, %v", s, err)
			}
			return
		}
		if s.Samples() > 64 {
			return
		}
		var one, again [3]byte
		s.Paint(1, image.Rect(0, 0, 1, 1), one[:])
		s.Paint(1, image.Rect(0, 0, 1, 1), again[:])
		if one != again {
			t.Errorf("a pixel is %v, then %v", one, again)
		}
	})
}

func BenchmarkPaint(b *testing.B) {
	s := parse(b, string(scenes.Etal))
	rgb := make([]byte, 3*16*16)
	for b.Loop() {
		s.Paint(1, image.Rect(232, 120, 248, 136), rgb)
	}
}
