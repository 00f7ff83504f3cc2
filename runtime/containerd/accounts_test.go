//go:build linux

package containerd_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"maps"
	"testing"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
)

func layer(t testing.TB, entries ...entry) []byte {
	var b bytes.Buffer
	if err := files(entries...)(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAccountFiles(t *testing.T) {
	reg := func(name, text string) entry {
		return entry{tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg}, text}
	}
	for _, c := range []struct {
		layer []byte
		want  map[string]string
	}{
		{layer(t, reg("etc/passwd", "a"), reg("etc/group", "b"), reg("x/etc/passwd", "c")), map[string]string{"etc/passwd": "a", "etc/group": "b"}},
		{layer(t, reg("./etc/passwd", "a")), map[string]string{"etc/passwd": "a"}},
		{layer(t, reg("etc/.wh.passwd", "")), map[string]string{"etc/passwd": ""}},
		{layer(t, entry{tar.Header{Name: "etc/passwd", Typeflag: tar.TypeSymlink, Linkname: "/x"}, ""}), map[string]string{}},
		{nil, map[string]string{}},
	} {
		got, err := containerd.AccountFiles(bytes.NewReader(c.layer))
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%v, %v; want %v", got, err, c.want)
		}
	}
	if _, err := containerd.AccountFiles(bytes.NewReader(layer(t, reg("etc/passwd", string(make([]byte, 2<<20)))))); !errors.Is(err, runtime.ErrImage) {
		t.Errorf("an endless passwd: %v, want ErrImage", err)
	}
}

func FuzzAccountFiles(f *testing.F) {
	f.Add(layer(f, entry{tar.Header{Name: "etc/passwd", Typeflag: tar.TypeReg}, passwd}))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := containerd.AccountFiles(bytes.NewReader(b))
		if err != nil && !errors.Is(err, runtime.ErrImage) {
			t.Error(err)
		}
		for name := range got {
			if name != "etc/passwd" && name != "etc/group" {
				t.Errorf("it picked %q", name)
			}
		}
	})
}
