package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

var amd64 = image.Options{Arch: "amd64"}

// TestBinaryIsDeterministic packs the same program from two places, with other
// times and modes. The digest is written down: it may only change knowingly,
// for it is what makes packed images the same on every machine.
func TestBinaryIsDeterministic(t *testing.T) {
	data := program(t, elf.ET_EXEC, elf.EM_X86_64, false)
	one, two := file(t, "tool", data), file(t, "tool", data)
	if err := os.Chmod(two, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(two, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, one, amd64), open(t, two, amd64)
	const want = "sha256:d1f4e3f353fe7ed4073908bfc45507f3e3321119ed0275016784911bbec0a401"
	if a.Digest() != b.Digest() || a.Digest() != want {
		t.Errorf("digests %s and %s, want %s", a.Digest(), b.Digest(), want)
	}
	if got := a.Command(); !slices.Equal(got, []string{"/bin/tool"}) {
		t.Errorf("command %q", got)
	}
	if !a.Local() {
		t.Error("a program from this disk does not count as local")
	}
}

func TestBinaryLayer(t *testing.T) {
	data := program(t, elf.ET_DYN, elf.EM_X86_64, false) // static-pie
	i := open(t, file(t, "tool", data), amd64)
	blobs := i.Blobs()
	if len(blobs) != 3 || blobs[2].Digest != i.Digest() {
		t.Fatalf("blobs %v, want a layer, a configuration and last the manifest", blobs)
	}
	r := tar.NewReader(bytes.NewReader(contents(t, i)[blobs[0].Digest]))
	var names []string
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.ModTime.Unix() != 0 {
			t.Errorf("%s tells of where it was packed: %+v", h.Name, h)
		}
		if h.Name == "bin/tool" {
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) || h.Mode != 0o755 {
				t.Errorf("the program inside: mode %o, %v", h.Mode, err)
			}
		}
	}
	if !slices.Equal(names, []string{"bin/", "bin/tool", "tmp/"}) {
		t.Errorf("the layer holds %q", names)
	}
}

func TestOddProgramNames(t *testing.T) {
	data := program(t, elf.ET_EXEC, elf.EM_X86_64, false)
	for name, want := range map[string]string{"a b": "/bin/app", "...": "/bin/app", "x.1-2_3+": "/bin/x.1-2_3+"} {
		if got := open(t, file(t, name, data), amd64).Command(); got[0] != want {
			t.Errorf("a program called %q is run as %q, want %q", name, got, want)
		}
	}
}

func TestNoProgram(t *testing.T) {
	noEntry := program(t, elf.ET_DYN, elf.EM_X86_64, false)
	copy(noEntry[24:32], make([]byte, 8))
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"dynamic":      {program(t, elf.ET_EXEC, elf.EM_X86_64, true), "link it statically"},
		"other arch":   {program(t, elf.ET_EXEC, elf.EM_AARCH64, false), "GOARCH=amd64"},
		"object":       {program(t, elf.ET_REL, elf.EM_X86_64, false), "no program"},
		"library":      {noEntry, "is a library"},
		"script":       {[]byte("#!/bin/sh\necho hello\n"), "script"},
		"windows":      {[]byte("MZ\x90\x00"), "GOOS=linux"},
		"macos":        {[]byte("\xcf\xfa\xed\xfe"), "GOOS=linux"},
		"empty":        {nil, "empty"},
		"text":         {[]byte("hello, world"), "nor is it an image archive"},
		"cut off":      {program(t, elf.ET_EXEC, elf.EM_X86_64, false)[:40], "no Linux program"},
		"zstd":         {[]byte("\x28\xb5\x2f\xfd----"), "use gzip"},
		"gzipped text": {gzipped(t, []byte("hello")), "no tar archive"},
	} {
		path := file(t, "thing", c.data)
		_, err := image.Open(context.Background(), path, amd64)
		if !errors.Is(err, runtime.ErrImage) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want ErrImage that names the file and says %q", name, err, c.says)
		}
	}
}

// TestProgramChangesWhileItIsSent shows that what was hashed is what is sent.
func TestProgramChangesWhileItIsSent(t *testing.T) {
	data := program(t, elf.ET_EXEC, elf.EM_X86_64, false)
	path := file(t, "tool", data)
	i := open(t, path, amd64)
	data[len(data)-1] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := i.Open(context.Background(), i.Blobs()[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, runtime.ErrDigest) {
		t.Errorf("read of a changed program: %v, want ErrDigest", err)
	}
}

func TestNothingThere(t *testing.T) {
	for _, ref := range []string{"", "./absent", "/absent/file", "absent.tar", "absent.tar.gz", filepath.Join(t.TempDir(), "x"), os.DevNull} {
		if _, err := image.Open(context.Background(), ref, image.Options{}); !errors.Is(err, runtime.ErrImage) {
			t.Errorf("Open(%q): %v, want ErrImage", ref, err)
		}
	}
	if _, err := open(t, file(t, "tool", program(t, elf.ET_EXEC, elf.EM_X86_64, false)), amd64).Open(context.Background(), "sha256:other"); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("open of a blob that is not the image's: %v, want ErrNotFound", err)
	}
}
