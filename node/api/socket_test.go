package api_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/node/api"
)

func TestSocketPath(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	p, err := api.SocketPath("/short")
	if err != nil || p != "/short/api.sock" {
		t.Errorf("%q, %v", p, err)
	}
	long := "/" + strings.Repeat("long/", 40)
	a, err := api.SocketPath(long)
	if err != nil {
		t.Fatal(err)
	}
	b, err := api.SocketPath(long + "other")
	if err != nil {
		t.Fatal(err)
	}
	again, err := api.SocketPath(long)
	if err != nil {
		t.Fatal(err)
	}
	if a == b || a != again || len(a) > 100 {
		t.Errorf("%q, %q, %q", a, b, again)
	}
	if fi, err := os.Stat(filepath.Dir(a)); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", fi, err)
	}
}

// Somebody else could prepare the folder in /tmp.
func TestSocketPathRefusesAPreparedFolder(t *testing.T) {
	tmp, err := os.MkdirTemp("/tmp", "e")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	t.Setenv("TMPDIR", tmp)
	long := "/" + strings.Repeat("long/", 40)
	p, err := api.SocketPath(long)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(p)
	if filepath.Dir(dir) != tmp {
		t.Fatalf("%s is not in %s", dir, tmp)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), dir); err != nil {
		t.Fatal(err)
	}
	if p, err := api.SocketPath(long); err == nil {
		t.Errorf("a link was taken: %q", p)
	}
	if os.Getuid() != 0 {
		return // only root can make another user's folder
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if p, err := api.SocketPath(long); err == nil {
		t.Errorf("another user's folder was taken: %q", p)
	}
}

func TestSocketIsOurs(t *testing.T) {
	_, path := serve(t, &double{}, nil)
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if err := api.Serve(t.Context(), &double{}, path, nil); !errors.Is(err, api.ErrInUse) {
		t.Errorf("a second node: %v", err)
	}
	file := filepath.Join(t.TempDir(), "api.sock")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := api.Serve(t.Context(), &double{}, file, nil); err == nil {
		t.Error("a file was replaced")
	}
	for _, c := range []struct {
		uid, owner int
		want       bool
	}{{1000, 1000, true}, {0, 1000, true}, {1001, 1000, false}, {1000, 0, false}} {
		if api.Allowed(c.uid, c.owner) != c.want {
			t.Errorf("uid %d at a node of %d", c.uid, c.owner)
		}
	}
}

func FuzzReadEvents(f *testing.F) {
	f.Add([]byte("event: job\ndata: {}\n\nevent: end\ndata: {}\n\n"))
	f.Add([]byte("event: error\ndata: {\"code\":\"limit\",\"text\":\"x\"}\n\n"))
	f.Add([]byte("data: \n\n\n: comment\nevent: \n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := api.ReadEvents(bytes.NewReader(b), func(name string, _ []byte) error {
			if name == "" {
				t.Error("an event without a name")
			}
			return nil
		})
		if err == nil && !bytes.Contains(b, []byte("event: end\n")) {
			t.Error("a stream without an end is no complete one")
		}
	})
}
