package image_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sample returns an image and its archive.
func sample(t testing.TB) (*image.Image, []byte) {
	t.Helper()
	i := open(t, file(t, "tool", program(t, elf.ET_EXEC, elf.EM_X86_64, false)), amd64)
	var b bytes.Buffer
	if err := i.WriteArchive(context.Background(), &b); err != nil {
		t.Fatalf("WriteArchive: %v", err)
	}
	return i, b.Bytes()
}

// TestArchiveRoundTrip opens what WriteArchive wrote: plain, compressed, and
// unpacked as a folder.
func TestArchiveRoundTrip(t *testing.T) {
	want, data := sample(t)
	dir, temp := t.TempDir(), t.TempDir()
	if _, err := image.Extract(context.Background(), bytes.NewReader(data), dir, image.Limits{}); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"plain": file(t, "image.tar", data), "compressed": file(t, "image.tar.gz", gzipped(t, data)), "folder": dir,
	} {
		got, err := image.Open(context.Background(), path, image.Options{Arch: "amd64", TempDir: temp})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Digest() != want.Digest() || !slices.Equal(got.Blobs(), want.Blobs()) || !slices.Equal(got.Command(), want.Command()) {
			t.Errorf("%s: %s with %v, want %s", name, got.Digest(), got.Command(), want.Digest())
		}
		if !maps.EqualFunc(contents(t, got), contents(t, want), bytes.Equal) {
			t.Errorf("%s: other contents", name)
		}
		var again bytes.Buffer
		if err := got.WriteArchive(context.Background(), &again); err != nil || !bytes.Equal(again.Bytes(), data) {
			t.Errorf("%s: written again it is another archive (%v)", name, err)
		}
		if err := got.Close(); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
	// Another implementation reads and validates it.
	p, err := layout.FromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	index, err := p.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index, validate.Fast); err != nil {
		t.Errorf("go-containerregistry refuses the archive: %v", err)
	}
}

// TestTamperedArchive flips one byte in every part of an archive in turn.
func TestTamperedArchive(t *testing.T) {
	i, data := sample(t)
	for digest, blob := range contents(t, i) {
		at := bytes.Index(data, blob)
		if at < 0 {
			t.Fatal("the archive does not hold its blob")
		}
		for _, at := range []int{at, at + len(blob)/2, at + len(blob) - 1} {
			bad := bytes.Clone(data)
			bad[at] ^= 1
			for name, path := range map[string]string{"bad.tar": file(t, "bad.tar", bad), "bad.tar.gz": file(t, "bad.tar.gz", gzipped(t, bad))} {
				if _, err := image.Open(context.Background(), path, amd64); !errors.Is(err, runtime.ErrDigest) {
					t.Errorf("%s with a flipped bit at %d, in %s: %v, want ErrDigest", name, at, digest, err)
				}
			}
		}
	}
	z := gzipped(t, data)
	for name, bad := range map[string][]byte{
		"cut.tar": data[:len(data)/2], "cut.tar.gz": z[:len(z)-100], "sum.tar.gz": append(bytes.Clone(z[:len(z)-8]), make([]byte, 8)...),
	} {
		if _, err := image.Open(context.Background(), file(t, name, bad), amd64); !errors.Is(err, runtime.ErrDigest) && !errors.Is(err, runtime.ErrImage) {
			t.Errorf("%s: %v, want ErrDigest or ErrImage", name, err)
		}
	}
}

// parts are the documents of an image made by hand.
type parts struct{ layer, config, manifest string }

func handmade(arch string) parts {
	p := parts{layer: string(make([]byte, 1024))}
	p.config = fmt.Sprintf(`{"architecture":%q,"os":"linux","config":{"Cmd":["/x"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}`, arch, digest([]byte(p.layer)))
	p.manifest = fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":%d,"digest":"sha256:%s"},`+
		`"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","size":%d,"digest":"sha256:%s"}]}`,
		len(p.config), digest([]byte(p.config)), len(p.layer), digest([]byte(p.layer)))
	return p
}

func (p parts) entries() []entry {
	var es []entry
	for _, s := range []string{p.layer, p.config, p.manifest} {
		es = append(es, entry{name: "blobs/sha256/" + digest([]byte(s)), data: s})
	}
	return es
}

// described is an index's line for a document.
func described(kind, text, platform string) string {
	s := fmt.Sprintf(`{"mediaType":"application/vnd.oci.image.%s.v1+json","size":%d,"digest":"sha256:%s"`, kind, len(text), digest([]byte(text)))
	if platform != "" {
		s += fmt.Sprintf(`,"platform":{"os":"linux","architecture":%q}`, platform)
	}
	return s + "}"
}

func indexOf(lines ...string) string {
	return `{"schemaVersion":2,"manifests":[` + strings.Join(lines, ",") + `]}`
}

// TestManyArchitectures picks the image for the architecture asked for, also
// out of an index within the index, and leaves attestations aside.
func TestManyArchitectures(t *testing.T) {
	a, b := handmade("amd64"), handmade("arm64")
	inner := indexOf(described("manifest", a.manifest, "amd64"), described("manifest", b.manifest, "arm64"),
		strings.Replace(described("manifest", `{}`, "unknown"), `"linux"`, `"unknown"`, 1))
	es := append(a.entries(), b.entries()...)
	es = append(es, entry{name: "blobs/sha256/" + digest([]byte(inner)), data: inner}, entry{name: "index.json", data: indexOf(described("index", inner, ""))})
	path := file(t, "many.tar", archiveOf(t, es...))
	for arch, p := range map[string]parts{"amd64": a, "arm64": b} {
		i := open(t, path, image.Options{Arch: arch})
		if i.Digest() != "sha256:"+digest([]byte(p.manifest)) || i.Config().Arch != arch {
			t.Errorf("for %s: %s of %s", arch, i.Digest(), i.Config().Arch)
		}
	}
	if _, err := image.Open(context.Background(), path, image.Options{Arch: "riscv64"}); !errors.Is(err, runtime.ErrImage) || !strings.Contains(err.Error(), "riscv64") {
		t.Errorf("for an architecture that it has not: %v, want ErrImage that names it", err)
	}
}

func TestRefusedArchives(t *testing.T) {
	p := handmade("amd64")
	good := p.entries()
	index := entry{name: "index.json", data: indexOf(described("manifest", p.manifest, ""))}
	changed := func(from, to string) []entry {
		q := p
		if q.manifest = strings.Replace(p.manifest, from, to, 1); q.manifest == p.manifest {
			t.Fatalf("%q is not in the manifest", from)
		}
		return append(q.entries(), entry{name: "index.json", data: indexOf(described("manifest", q.manifest, ""))})
	}
	loop := indexOf()
	for range 5 {
		loop = indexOf(described("index", loop, ""))
	}
	other := handmade("arm64")
	for name, c := range map[string]struct {
		entries []entry
		want    error
		says    string
	}{
		"nothing":           {[]entry{{name: "hello", data: "world"}}, runtime.ErrImage, "docker save"},
		"a missing layer":   {append(good[1:3:3], index), runtime.ErrImage, "its layer"},
		"a missing config":  {append([]entry{good[0], good[2]}, index), runtime.ErrImage, "lacks"},
		"an empty index":    {append(good[:3:3], entry{name: "index.json", data: indexOf()}), runtime.ErrImage, "nothing for linux"},
		"two images":        {append(append(good[:3:3], other.entries()...), entry{name: "index.json", data: indexOf(described("manifest", p.manifest, ""), described("manifest", other.manifest, ""))}), runtime.ErrImage, "2 images"},
		"another arch":      {append(other.entries(), entry{name: "index.json", data: indexOf(described("manifest", other.manifest, ""))}), runtime.ErrImage, "arm64"},
		"deep indexes":      {[]entry{{name: "index.json", data: indexOf(described("index", loop, ""))}, {name: "blobs/sha256/" + digest([]byte(loop)), data: loop}}, runtime.ErrImage, ""},
		"index no JSON":     {[]entry{{name: "index.json", data: "{"}}, runtime.ErrImage, "index"},
		"a huge index":      {[]entry{{name: "index.json", data: strings.Repeat(" ", image.MaxManifest+1)}}, runtime.ErrImage, "index.json"},
		"linked in a ring":  {[]entry{{name: "index.json", kind: '2', link: "index.json"}}, runtime.ErrImage, "links"},
		"another schema":    {changed(`"schemaVersion":2`, `"schemaVersion":1`), runtime.ErrImage, "schema"},
		"negative size":     {changed(fmt.Sprintf(`"size":%d,"digest":"sha256:%s"}]`, len(p.layer), digest([]byte(p.layer))), fmt.Sprintf(`"size":-1,"digest":"sha256:%s"}]`, digest([]byte(p.layer)))), runtime.ErrImage, "negative"},
		"wrong size":        {changed(`"size":1024`, `"size":1023`), runtime.ErrDigest, "1024"},
		"enormous":          {changed(`"size":1024`, `"size":9223372036854775807`), runtime.ErrImage, "GiB"},
		"an unknown layer":  {changed(`layer.v1.tar"`, `layer.v1.tar+rot13"`), runtime.ErrImage, "rot13"},
		"a foreign layer":   {changed(`image.layer.v1.tar"`, `image.layer.nondistributable.v1.tar"`), runtime.ErrImage, "nondistributable"},
		"a traversing name": {changed(digest([]byte(p.layer)), "../../../../etc/passwd"), runtime.ErrImage, ""},
		"no layer":          {changed(p.manifest[strings.Index(p.manifest, `"layers":[`):], `"layers":[]}`), runtime.ErrImage, "layers"},
	} {
		_, err := image.Open(context.Background(), file(t, "bad.tar", archiveOf(t, c.entries...)), amd64)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v that says %q", name, err, c.want, c.says)
		}
	}
}

// saved makes a docker archive of layers.
func saved(t testing.TB, layers ...[]byte) []entry {
	t.Helper()
	var es []entry
	var names, diffs []string
	for n, l := range layers {
		names = append(names, fmt.Sprintf("%d/layer.tar", n))
		es = append(es, entry{name: names[n], data: string(l)})
		plain := l
		if bytes.HasPrefix(l, []byte{0x1f, 0x8b}) {
			r, err := gzip.NewReader(bytes.NewReader(l))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if _, err := b.ReadFrom(r); err != nil {
				t.Fatal(err)
			}
			plain = b.Bytes()
		}
		diffs = append(diffs, "sha256:"+digest(plain))
	}
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{"Entrypoint": []string{"/x"}, "Cmd": []string{"y"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffs},
	})
	if err != nil {
		t.Fatal(err)
	}
	name := digest(config) + ".json"
	manifest, err := json.Marshal([]map[string]any{{"Config": name, "RepoTags": []string{"a:b"}, "Layers": names}})
	if err != nil {
		t.Fatal(err)
	}
	return append(es, entry{name: name, data: string(config)}, entry{name: "manifest.json", data: string(manifest)})
}

func TestDockerArchive(t *testing.T) {
	one := archiveOf(t, entry{name: "x", data: "one"})
	two := gzipped(t, archiveOf(t, entry{name: "y", data: "two"}))
	es := saved(t, one, two)
	i := open(t, file(t, "saved.tar", archiveOf(t, es...)), amd64)
	got := contents(t, i)
	if !bytes.Equal(got["sha256:"+digest(one)], one) || !bytes.Equal(got["sha256:"+digest(two)], two) {
		t.Error("the layers are not those that were saved")
	}
	if !slices.Equal(i.Command(), []string{"/x", "y"}) {
		t.Errorf("command %q", i.Command())
	}
	// docker writes a layer that it wrote before as a link.
	linked := slices.Clone(saved(t, one, one))
	linked[1] = entry{name: linked[1].name, kind: '2', link: "../0/layer.tar"}
	if i := open(t, file(t, "linked.tar", archiveOf(t, linked...)), amd64); len(i.Blobs()) != 3 {
		t.Errorf("one layer twice gives the blobs %v", i.Blobs())
	}
	for n := range 3 {
		bad := slices.Clone(es)
		b := []byte(bad[n].data)
		b[len(b)/2] ^= 1
		bad[n].data = string(b)
		if _, err := image.Open(context.Background(), file(t, "bad.tar", archiveOf(t, bad...)), amd64); !errors.Is(err, runtime.ErrDigest) {
			t.Errorf("%s tampered with: %v, want ErrDigest", bad[n].name, err)
		}
		if _, err := image.Open(context.Background(), file(t, "bad.tar", archiveOf(t, slices.Delete(bad, n, n+1)...)), amd64); !errors.Is(err, runtime.ErrImage) {
			t.Errorf("without %s: %v, want ErrImage", es[n].name, err)
		}
	}
}

func TestRootFolder(t *testing.T) {
	build := func() string {
		dir := t.TempDir()
		for _, d := range []string{"bin", "etc", "tmp"} {
			if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "bin", "sh"), []byte("a shell"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/etc/passwd", filepath.Join(dir, "etc", "link")); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	o := image.Options{Arch: "amd64", Command: []string{"/bin/sh", "-c", "true"}}
	a, b := open(t, build(), o), open(t, build(), o)
	if a.Digest() != b.Digest() {
		t.Errorf("the same folder gives %s and %s", a.Digest(), b.Digest())
	}
	if !slices.Equal(a.Command(), o.Command) {
		t.Errorf("command %q", a.Command())
	}
	layer := contents(t, a)[a.Blobs()[0].Digest]
	if !bytes.Contains(layer, []byte("/etc/passwd")) || bytes.Contains(layer, []byte("root:x:0")) {
		t.Error("a link is not packed as a link")
	}
	for name, c := range map[string]struct {
		dir     string
		command []string
		says    string
	}{
		"no command": {build(), nil, "after --"}, "empty": {t.TempDir(), o.Command, "must be an OCI layout"},
	} {
		_, err := image.Open(context.Background(), c.dir, image.Options{Arch: "amd64", Command: c.command})
		if !errors.Is(err, runtime.ErrImage) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want ErrImage that says %q", name, err, c.says)
		}
	}
	// A layout may not lead out of its folder.
	outside := file(t, "index.json", []byte(indexOf()))
	dir := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "index.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := image.Open(context.Background(), dir, amd64); !errors.Is(err, runtime.ErrImage) || strings.Contains(err.Error(), "nothing for linux") {
		t.Errorf("a layout with a link out of it: %v, want ErrImage", err)
	}
}

func FuzzArchive(f *testing.F) {
	_, data := sample(f)
	f.Add(data)
	f.Add(archiveOf(f, saved(f, archiveOf(f, entry{name: "x", data: "one"}), gzipped(f, archiveOf(f)))...))
	f.Add(archiveOf(f, entry{name: "index.json", kind: '2', link: "index.json"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		i, err := image.FromArchive(context.Background(), bytes.NewReader(data), int64(len(data)), "amd64")
		if err != nil {
			if !errors.Is(err, runtime.ErrImage) && !errors.Is(err, runtime.ErrDigest) {
				t.Errorf("refused with neither ErrImage nor ErrDigest: %v", err)
			}
			return
		}
		contents(t, i) // what was accepted can be read
	})
}

func FuzzParseManifest(f *testing.F) {
	p := handmade("amd64")
	f.Add([]byte(p.manifest))
	f.Add([]byte(p.config))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := image.ParseManifest(data); err == nil && (len(m.Layers) == 0 || len(m.Layers) > image.MaxLayers || len(m.Blobs()) == 0) {
			t.Errorf("accepted %d layers", len(m.Layers))
		}
		if c, err := image.ParseConfig(data, 1, ""); err == nil && c.OS != "linux" {
			t.Errorf("accepted a configuration for %q", c.OS)
		}
	})
}
