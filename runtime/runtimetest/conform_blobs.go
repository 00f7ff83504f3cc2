package runtimetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// newBlob makes content that no engine can hold yet.
func newBlob(size int) (runtime.Blob, []byte) {
	b := make([]byte, size)
	rand.Read(b) // never fails
	sum := sha256.Sum256(b)
	return runtime.Blob{
		Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(size),
		MediaType: "application/vnd.oci.image.layer.v1.tar",
	}, b
}

// lacks reports which of blobs the engine does not hold.
func (s *suite) lacks(ctx context.Context, t *testing.T, blobs ...runtime.Blob) []runtime.Blob {
	t.Helper()
	got, err := s.eng.Missing(ctx, blobs)
	if err != nil {
		t.Fatalf("Missing: %v", err)
	}
	return got
}

func (s *suite) testBlobs(t *testing.T) {
	ctx := s.context(t)
	one, oneData := newBlob(100_000)
	two, _ := newBlob(10)
	empty, _ := newBlob(0)
	if got := s.lacks(ctx, t, one, two); !slices.Equal(got, []runtime.Blob{one, two}) {
		t.Errorf("Missing of two new blobs: %v", got)
	}
	for range 2 { // putting what is there does nothing
		if err := s.eng.Put(ctx, one, bytes.NewReader(oneData)); err != nil {
			t.Fatalf("Put: %v", err)
		}
	}
	if err := s.eng.Put(ctx, empty, strings.NewReader("")); err != nil {
		t.Errorf("Put of an empty blob: %v", err)
	}
	if got := s.lacks(ctx, t, one, two); !slices.Equal(got, []runtime.Blob{two}) {
		t.Errorf("Missing after one Put: %v", got)
	}
	if got := s.lacks(ctx, t); len(got) != 0 {
		t.Errorf("Missing of nothing: %v", got)
	}
	bad := two
	bad.Digest = "sha256:../../etc/passwd"
	if err := s.eng.Put(ctx, bad, strings.NewReader("0123456789")); err == nil {
		t.Error("Put accepts a malformed digest")
	}
}

func (s *suite) testTamperedBlob(t *testing.T) {
	ctx := s.context(t)
	for name, tamper := range map[string]func([]byte) io.Reader{
		"changed": func(b []byte) io.Reader {
			b = bytes.Clone(b)
			b[len(b)/2] ^= 1
			return bytes.NewReader(b)
		},
		"too short": func(b []byte) io.Reader { return bytes.NewReader(b[:len(b)-1]) },
		"too long":  func(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b), strings.NewReader("x")) },
		"empty":     func([]byte) io.Reader { return strings.NewReader("") },
	} {
		blob, data := newBlob(200_000)
		if err := s.eng.Put(ctx, blob, tamper(data)); !errors.Is(err, runtime.ErrDigest) {
			t.Errorf("Put of content that is %s: %v, want ErrDigest", name, err)
		}
		if got := s.lacks(ctx, t, blob); len(got) != 1 {
			t.Errorf("%s content stayed", name)
		}
		if err := s.eng.Put(ctx, blob, bytes.NewReader(data)); err != nil {
			t.Errorf("Put of good content after one that was %s: %v", name, err)
		}
		if got := s.lacks(ctx, t, blob); len(got) != 0 {
			t.Errorf("good content after one that was %s is missing", name)
		}
	}
	// A sender that breaks off is no digest error, and a retry works.
	blob, data := newBlob(200_000)
	broken := errors.New("connection lost")
	err := s.eng.Put(ctx, blob, io.MultiReader(bytes.NewReader(data[:1000]), failing{broken}))
	if !errors.Is(err, broken) {
		t.Errorf("Put from a sender that breaks off: %v, want its error", err)
	}
	if err := s.eng.Put(ctx, blob, bytes.NewReader(data)); err != nil {
		t.Errorf("Put after a sender broke off: %v", err)
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (s *suite) testImageRefused(t *testing.T) {
	ctx := s.context(t)
	create := func(name, digest string) {
		spec := s.spec(t, "", "exit", "0")
		spec.Image = digest
		if err := s.eng.Create(ctx, spec); !errors.Is(err, runtime.ErrImage) {
			t.Errorf("Create of %s: %v, want ErrImage", name, err)
		}
		if _, err := s.eng.Status(ctx, spec.ID); !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("Status after a refused Create of %s: %v, want ErrNotFound", name, err)
		}
		s.sweep(t, spec.ID)
	}
	put := func(b runtime.Blob, data []byte) {
		if err := s.eng.Put(ctx, b, bytes.NewReader(data)); err != nil {
			t.Fatalf("Put: %v", err)
		}
	}

	absent, _ := newBlob(64)
	create("an image that was never sent", absent.Digest)

	junk, data := newBlob(64)
	put(junk, data)
	create("a blob that is no manifest", junk.Digest)

	// An image of another architecture.
	other := "arm64"
	if s.arch == other {
		other = "amd64"
	}
	foreign, err := image.Pack(ctx, image.Config{OS: "linux", Arch: other, Entrypoint: []string{"/x"}}, emptyLayer)
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	s.send(ctx, t, foreign)
	create("an image for "+other, foreign.Digest())

	// An image of which a layer was not sent.
	partial, err := image.Pack(ctx, image.Config{OS: "linux", Arch: s.arch, Entrypoint: []string{"/x"}}, randomLayer())
	if err != nil {
		t.Fatal(err)
	}
	defer partial.Close()
	blobs := partial.Blobs()
	for _, b := range blobs[1:] {
		r, err := partial.Open(ctx, b.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.eng.Put(ctx, b, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	create("an image without its layer", partial.Digest())

	// An image whose layer is no archive.
	wrong, err := image.Pack(ctx, image.Config{OS: "linux", Arch: s.arch, Entrypoint: []string{"/x"}}, randomLayer())
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	s.send(ctx, t, wrong)
	create("an image whose layer is no archive", wrong.Digest())

	// An image that says nothing to run.
	mute, err := image.Pack(ctx, image.Config{OS: "linux", Arch: s.arch}, emptyLayer)
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	s.send(ctx, t, mute)
	spec := s.spec(t, "")
	spec.Image = mute.Digest()
	if err := s.eng.Create(ctx, spec); !errors.Is(err, runtime.ErrImage) {
		t.Errorf("Create of an image that names no command: %v, want ErrImage", err)
	}
}

// emptyLayer writes an archive without entries.
func emptyLayer(w io.Writer) error {
	_, err := w.Write(make([]byte, 1024))
	return err
}

// randomLayer writes bytes that are no archive, the same each time.
func randomLayer() image.Layer {
	_, data := newBlob(4096)
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}
