package image_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// serve starts a registry. The function spoil may change answers.
func serve(t *testing.T, spoil func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spoil == nil || !spoil(w, r) {
			inner.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// madeFor is a random image that says it is for arch.
func madeFor(t *testing.T, arch string) v1.Image {
	t.Helper()
	i, err := random.Image(1000, 2)
	if err != nil {
		t.Fatal(err)
	}
	c, err := i.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Config.Cmd = "linux", arch, []string{"/run"}
	if i, err = mutate.ConfigFile(i, c); err != nil {
		t.Fatal(err)
	}
	return i
}

func tag(t *testing.T, ref string) name.Reference {
	t.Helper()
	n, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// transport is a test's own, so that its connections end with it.
func transport(t *testing.T) http.RoundTripper {
	tr := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func TestRegistry(t *testing.T) {
	host, tr := serve(t, nil), transport(t)
	o := image.Options{Arch: "arm64", Transport: tr}
	one, two := madeFor(t, "arm64"), madeFor(t, "amd64")
	if err := remote.Write(tag(t, host+"/one:latest"), one, remote.WithTransport(tr)); err != nil {
		t.Fatal(err)
	}
	many := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: two, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: one, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}}})
	if err := remote.WriteIndex(tag(t, host+"/many:v1"), many, remote.WithTransport(tr)); err != nil {
		t.Fatal(err)
	}
	want, err := one.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{host + "/one", host + "/one@" + want.String(), host + "/many:v1"} {
		i := open(t, ref, o)
		if i.Digest() != want.String() || i.Command()[0] != "/run" {
			t.Errorf("%s: %s %v, want %s", ref, i.Digest(), i.Command(), want)
		}
		if i.Local() {
			t.Errorf("%s: pulled anonymously, and yet it counts as local", ref)
		}
		if n := len(contents(t, i)); n != 4 {
			t.Errorf("%s: %d blobs, want 4", ref, n)
		}
	}
	for ref, c := range map[string]struct {
		want error
		arch string
	}{
		host + "/none": {image.ErrNoImage, "arm64"}, host + "/one:none": {image.ErrNoImage, "arm64"},
		host + "/one": {runtime.ErrImage, "amd64"}, host + "/many:v1": {runtime.ErrImage, "s390x"},
		"UPPER CASE": {runtime.ErrImage, "arm64"}, "a:b:c": {runtime.ErrImage, "arm64"},
	} {
		if _, err := image.Open(context.Background(), ref, image.Options{Arch: c.arch, Transport: tr}); !errors.Is(err, c.want) {
			t.Errorf("Open(%q) for %s: %v, want %v", ref, c.arch, err, c.want)
		}
	}
}

func TestRegistryFails(t *testing.T) {
	tr := transport(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	broken := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusTeapot)
		return true
	})
	private := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	huge := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		io.WriteString(w, strings.Repeat(" ", image.MaxManifest+1)) // the reader may have gone
		return true
	})
	for ref, want := range map[string]error{
		strings.TrimPrefix(gone.URL, "http://") + "/x": image.ErrRegistry,
		broken + "/x":  image.ErrRegistry,
		private + "/x": image.ErrNoImage,
		huge + "/x":    runtime.ErrImage,
	} {
		if _, err := image.Open(context.Background(), ref, image.Options{Transport: tr}); !errors.Is(err, want) {
			t.Errorf("Open(%q): %v, want %v", ref, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := image.Open(ctx, broken+"/x", image.Options{Transport: tr}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open when cancelled: %v", err)
	}
}

// TestRedirect lets a registry send us to an address inside.
func TestRedirect(t *testing.T) {
	for target, ok := range map[string]bool{"same": true, "http://169.254.169.254/": false, "http://10.0.0.1/": false, "http://localhost:1/": false, "http://[::1]:1/": false} {
		var host string
		host = serve(t, func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/") || r.URL.RawQuery != "" {
				return false
			}
			to := target
			if ok {
				to = "http://" + host + r.URL.Path + "?again"
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
			return true
		})
		tr := transport(t)
		if err := remote.Write(tag(t, host+"/x"), madeFor(t, "amd64"), remote.WithTransport(tr)); err != nil {
			t.Fatal(err)
		}
		i, err := image.Open(context.Background(), host+"/x", image.Options{Arch: "amd64", Transport: tr})
		if ok && err == nil {
			contents(t, i)
			i.Close()
		} else if ok || !errors.Is(err, image.ErrRegistry) || !strings.Contains(err.Error(), "redirected to") {
			t.Errorf("redirected to %s: %v", target, err)
		}
	}
}

// TestTamperedRegistry changes a layer on its way.
func TestTamperedRegistry(t *testing.T) {
	var victim string
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if victim == "" || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, victim) {
			return false
		}
		io.WriteString(w, "something else")
		return true
	})
	tr := transport(t)
	made := madeFor(t, "amd64")
	if err := remote.Write(tag(t, host+"/x"), made, remote.WithTransport(tr)); err != nil {
		t.Fatal(err)
	}
	i := open(t, host+"/x", image.Options{Arch: "amd64", Transport: tr})
	victim = i.Blobs()[0].Digest
	r, err := i.Open(context.Background(), victim)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, runtime.ErrDigest) {
		t.Errorf("read of a tampered layer: %v, want ErrDigest", err)
	}
}
