package provider_test

import (
	"archive/tar"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/provider"
)

// fetch asks for a file or a folder of the job.
func (l *leased) fetch(path string) (map[string]string, error) {
	s := newStream(l.b.Peer())
	err := l.job(s, &marketpb.JobCall{Call: &marketpb.JobCall_Output{Output: &marketpb.JobOutput{Lease: l.id[:], Path: path}}})
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	for tr := tar.NewReader(strings.NewReader(s.out.String())); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			got[h.Name] = string(b)
		}
	}
}

func TestAJobCannotShowTheHostsFiles(t *testing.T) {
	w := newWorld(t)
	secret := filepath.Join(w.cfg.Data, "phrase")
	if err := os.WriteFile(secret, []byte("twelve words"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	err := l.startSpec(&marketpb.JobSpec{Image: imageSleeps, Inputs: []string{"/in"}, Outputs: []string{"/p", "/p/q", "/in"}},
		archive(t, map[string]string{"scene": "a sphere"}))
	if err != nil {
		t.Fatal(err)
	}
	_, dir := w.p.AllocID(l.id)
	p := filepath.Join(dir, "out-0")
	for name, to := range map[string]string{
		"abs": secret, "rel": "../../../phrase", "up": "..", "root": "/", "inside": "a", "dangling": "nowhere",
	} {
		if err := os.Symlink(to, filepath.Join(p, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string]string{"a": "mine", "sub/b": "too"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(p, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "out-1", "nested"), []byte("deep"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]map[string]string{
		"/p":        {"a": "mine", "sub/b": "too"},
		"/p/sub":    {"b": "too"},
		"/p/a":      {"a": "mine"},
		"/p/q":      {"nested": "deep"},
		"/in/scene": {"scene": "a sphere"},
	} {
		got, err := l.fetch(path)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v, %v", path, got, err)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %q, want %q", path, k, got[k], v)
			}
		}
	}
	for _, path := range []string{
		"/p/abs", "/p/rel", "/p/up", "/p/up/x", "/p/root", "/p/root/etc/passwd", "/p/dangling", "/p/none", "/pp", "/etc/passwd", "/", "/p/../..",
	} {
		got, err := l.fetch(path)
		is(t, path, err, market.ErrUnknown)
		if len(got) > 0 || err != nil && strings.Contains(err.Error(), w.cfg.Data) {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
}

// The path is checked and read in one: a job that swaps a folder for a link
// meanwhile shows nothing else. Here the swap is made before the read.
func TestAFolderThatBecomesALink(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	if err := l.startSpec(&marketpb.JobSpec{Image: imageSleeps, Outputs: []string{"/p"}}); err != nil {
		t.Fatal(err)
	}
	_, dir := w.p.AllocID(l.id)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "key"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "out-0", "d")); err != nil {
		t.Fatal(err)
	}
	_, err := l.fetch("/p/d/key")
	is(t, "through a link", err, market.ErrUnknown)
	if got, err := l.fetch("/p"); err != nil || len(got) != 0 {
		t.Errorf("the folder with the link: %v, %v", got, err)
	}
}

func TestASingleFileIsItself(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "in-0", ".etal-file"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "in-0", ".etal-file", "scene.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	spec := &marketpb.JobSpec{Inputs: []string{"/data/scene"}}
	host, rel, err := provider.Place(dir, spec, "/data/scene")
	if err != nil || rel != "scene.txt" || filepath.Base(host) != ".etal-file" {
		t.Errorf("%s %s %v", host, rel, err)
	}
	_, _, err = provider.Place(dir, spec, "/data/scene/x")
	is(t, "below a file", err, market.ErrUnknown)
	_, _, err = provider.Place(dir, spec, "/data")
	is(t, "above it", err, market.ErrUnknown)
}

func FuzzPlace(f *testing.F) {
	f.Add("/p", "/p/a/../b")
	f.Add("/p", "/p")
	f.Add("/", "/../etc")
	f.Add("/p//q", "/p/q/..")
	f.Fuzz(func(t *testing.T, out, at string) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "out-0"), 0o755); err != nil {
			t.Fatal(err)
		}
		host, rel, err := provider.Place(dir, &marketpb.JobSpec{Outputs: []string{out}}, at)
		if err == nil && (host != filepath.Join(dir, "out-0") || !filepath.IsLocal(rel)) {
			t.Errorf("%q in %q is %q %q", at, out, host, rel)
		}
	})
}

func FuzzPlain(f *testing.F) {
	f.Add("two\nlines \x1b[2J")
	f.Add(strings.Repeat("é", 500))
	f.Fuzz(func(t *testing.T, text string) {
		got := provider.Plain(text)
		st := &marketpb.JobStatus{State: "failed", Reason: got}
		if err := st.Validate(); err != nil || !utf8.ValidString(got) {
			t.Errorf("%q became %q: %v", text, got, err)
		}
	})
}
