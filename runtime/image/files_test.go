package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/runtime/image"
)

// tree reads a folder: names with their content, folders with a slash.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir():
			got[rel+"/"] = ""
		case e.Type().IsRegular():
			b, err := os.ReadFile(path)
			got[rel] = string(b)
			return err
		default:
			got[rel] = "special"
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// outputs makes a folder as a job may leave it.
func outputs(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"empty", "a/b"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string]string{"tile.png": "pixels", "a/b/ünï": "", "a/run": "#!"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "a/run"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFilesRoundTrip(t *testing.T) {
	from, to := outputs(t), t.TempDir()
	var b bytes.Buffer
	sent, err := image.Archive(context.Background(), from, &b)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time replaces the files of the first
		got, err := image.Extract(context.Background(), bytes.NewReader(b.Bytes()), to, image.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Files != sent.Files || got.Bytes != sent.Bytes || got.Files != 6 || got.Bytes != 8 {
			t.Errorf("sent %+v, got %+v", sent, got)
		}
	}
	if got, want := tree(t, to), tree(t, from); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	fi, err := os.Stat(filepath.Join(to, "a/run"))
	if err != nil || fi.Mode()&0o100 == 0 {
		t.Errorf("what could be executed is %v, %v", fi.Mode(), err)
	}
	var again bytes.Buffer
	if _, err := image.Archive(context.Background(), to, &again); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
		t.Errorf("the same files give another archive (%v)", err)
	}
}

func TestArchiveOneFile(t *testing.T) {
	dir := outputs(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(dir, "tile.png"), link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "tile.png"), link} {
		var b bytes.Buffer
		to := t.TempDir()
		if _, err := image.Archive(context.Background(), path, &b); err != nil {
			t.Fatal(err)
		}
		if _, err := image.Extract(context.Background(), &b, to, image.Limits{}); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, to); !maps.Equal(got, map[string]string{"tile.png": "pixels"}) {
			t.Errorf("%s: %v", path, got)
		}
	}
	if _, err := image.Archive(context.Background(), filepath.Join(dir, "absent"), &bytes.Buffer{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Archive of nothing: %v", err)
	}
}

// TestArchiveIn reads from a folder whose owner set traps.
func TestArchiveIn(t *testing.T) {
	secret := file(t, "secret", []byte("of the host"))
	dir := outputs(t)
	for name, target := range map[string]string{"file": secret, "folder": filepath.Dir(secret), "up": "../../../../../etc/passwd", "a/inside": "run"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var b bytes.Buffer
	c, err := image.ArchiveIn(context.Background(), root, ".", &b)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Skipped) != 4 || bytes.Contains(b.Bytes(), []byte("of the host")) {
		t.Errorf("skipped %q, want the four links", c.Skipped)
	}
	for _, name := range []string{"file", "folder", "folder/secret", "up", "../secret", "/etc/passwd", ""} {
		var b bytes.Buffer
		if _, err := image.ArchiveIn(context.Background(), root, name, &b); err == nil && (name != "" || bytes.Contains(b.Bytes(), []byte("of the host"))) {
			t.Errorf("ArchiveIn(%q) leads out of the folder", name)
		}
	}
	b.Reset()
	to := t.TempDir()
	if _, err := image.ArchiveIn(context.Background(), root, "a", &b); err != nil {
		t.Fatal(err)
	}
	if _, err := image.Extract(context.Background(), &b, to, image.Limits{}); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, to); !maps.Equal(got, map[string]string{"b/": "", "b/ünï": "", "run": "#!"}) {
		t.Errorf("a part of the folder: %v", got)
	}
}

func TestExtractRefuses(t *testing.T) {
	limits := image.Limits{Files: 5, Bytes: 100, Depth: 4}
	for name, c := range map[string]struct {
		entries []entry
		want    error
	}{
		"up":                {[]entry{{name: "../x", data: "y"}}, image.ErrArchive},
		"up within":         {[]entry{{name: "a/../../x", data: "y"}}, image.ErrArchive},
		"absolute":          {[]entry{{name: "/x", data: "y"}}, image.ErrArchive},
		"backslash":         {[]entry{{name: `..\x`, data: "y"}}, image.ErrArchive},
		"up a folder":       {[]entry{{name: "../x/", kind: tar.TypeDir}}, image.ErrArchive},
		"the folder itself": {[]entry{{name: ".", data: "y"}}, image.ErrArchive},
		"symbolic link":     {[]entry{{name: "x", kind: tar.TypeSymlink, link: "y"}}, image.ErrArchive},
		"hard link":         {[]entry{{name: "y", data: "y"}, {name: "x", kind: tar.TypeLink, link: "y"}}, image.ErrArchive},
		"device":            {[]entry{{name: "x", kind: tar.TypeChar}}, image.ErrArchive},
		"block device":      {[]entry{{name: "x", kind: tar.TypeBlock}}, image.ErrArchive},
		"pipe":              {[]entry{{name: "x", kind: tar.TypeFifo}}, image.ErrArchive},
		"twice":             {[]entry{{name: "x", data: "y"}, {name: "./x", data: "z"}}, image.ErrArchive},
		"file and folder":   {[]entry{{name: "x", data: "y"}, {name: "x/z", data: "z"}}, image.ErrArchive},
		"folder and file":   {[]entry{{name: "x/z", data: "z"}, {name: "x", data: "y"}}, image.ErrArchive},
		"long name":         {[]entry{{name: strings.Repeat("x", 256), data: "y"}}, image.ErrArchive},
		"deep":              {[]entry{{name: "a/b/c/d/e", data: "y"}}, image.ErrLimit},
		"many":              {[]entry{{name: "1"}, {name: "2"}, {name: "3"}, {name: "4"}, {name: "5"}, {name: "6"}}, image.ErrLimit},
		"many folders":      {[]entry{{name: "1/2/3/4"}, {name: "5/6/7/8"}}, image.ErrLimit},
		"big":               {[]entry{{name: "x", data: strings.Repeat("y", 101)}}, image.ErrLimit},
		"big together":      {[]entry{{name: "x", data: strings.Repeat("y", 60)}, {name: "z", data: strings.Repeat("y", 60)}}, image.ErrLimit},
	} {
		outer := t.TempDir()
		dir := filepath.Join(outer, "in")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := image.Extract(context.Background(), bytes.NewReader(archiveOf(t, c.entries...)), dir, limits); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if es, err := os.ReadDir(outer); err != nil || len(es) != 1 {
			t.Errorf("%s: it wrote outside of its folder", name)
		}
	}
	data := archiveOf(t, entry{name: "x", data: strings.Repeat("y", 50)})
	if _, err := image.Extract(context.Background(), bytes.NewReader(data[:530]), t.TempDir(), limits); !errors.Is(err, image.ErrArchive) {
		t.Errorf("a stream that breaks off: %v, want ErrArchive", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := image.Extract(ctx, bytes.NewReader(data), t.TempDir(), limits); !errors.Is(err, context.Canceled) {
		t.Errorf("when cancelled: %v", err)
	}
}

// TestExtractOntoLinks extracts into a folder in which links lie in wait.
func TestExtractOntoLinks(t *testing.T) {
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	if err := os.WriteFile(victim, []byte("unharmed"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(victim, filepath.Join(dir, "x")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	if _, err := image.Extract(context.Background(), bytes.NewReader(archiveOf(t, entry{name: "x", data: "new"})), dir, image.Limits{}); err != nil {
		t.Errorf("a link in a file's place: %v, want it replaced", err)
	}
	if _, err := image.Extract(context.Background(), bytes.NewReader(archiveOf(t, entry{name: "sub/victim", data: "new"})), dir, image.Limits{}); err == nil {
		t.Error("a link in a folder's place was followed")
	}
	if got := tree(t, outside); !maps.Equal(got, map[string]string{"victim": "unharmed"}) {
		t.Errorf("outside there is now %v", got)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "x")); err != nil || string(b) != "new" {
		t.Errorf("x is %q, %v", b, err)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(archiveOf(f, entry{name: "a/", kind: tar.TypeDir}, entry{name: "a/b", data: "c"}))
	f.Add(archiveOf(f, entry{name: "../x", data: "y"}))
	f.Add(archiveOf(f, entry{name: "x", kind: tar.TypeSymlink, link: "/"}, entry{name: "x/y", data: "y"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "in")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		limits := image.Limits{Files: 20, Bytes: 1 << 16, Depth: 8}
		c, _ := image.Extract(context.Background(), bytes.NewReader(data), dir, limits)
		got := tree(t, outer)
		size := 0
		for name, data := range got {
			if name != "in/" && !strings.HasPrefix(name, "in/") || data == "special" {
				t.Errorf("it made %s", name)
			}
			size += len(data)
		}
		if len(got)-1 > limits.Files || int64(size) > limits.Bytes || int64(size) > c.Bytes {
			t.Errorf("%d files of %d bytes pass the limits; it says %+v", len(got)-1, size, c)
		}
	})
}

func ExampleExtract() {
	from, err := os.MkdirTemp("", "from")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(from)
	to, err := os.MkdirTemp("", "to")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(to)
	if err := os.WriteFile(filepath.Join(from, "tile"), []byte("pixels"), 0o644); err != nil {
		panic(err)
	}
	var stream bytes.Buffer
	if _, err := image.Archive(context.Background(), from, &stream); err != nil {
		panic(err)
	}
	c, err := image.Extract(context.Background(), &stream, to, image.Limits{Bytes: 1 << 20})
	fmt.Println(c.Files, c.Bytes, err)
	// Output: 1 6 <nil>
}
