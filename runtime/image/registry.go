package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/etal-cloud/etal/runtime"
)

// The errors of a registry. Match them with errors.Is.
var (
	// ErrNoImage means that the registry has no such image, or none for everyone.
	ErrNoImage = errors.New("no such image, or it is not public")
	// ErrRegistry means that the registry did not answer, or not as one.
	ErrRegistry = errors.New("the registry cannot be reached")
)

// agent is how etal calls itself to a registry.
const agent = "etal"

// pull opens an image in a registry. Only its documents are fetched; layers are
// when they are read. No credentials are looked for or sent.
func pull(ctx context.Context, ref string, o Options) (*Image, error) {
	n, err := name.ParseReference(ref)
	if err != nil {
		return nil, fmt.Errorf("%w: %.200q is neither a file, nor a folder, nor an image's name", runtime.ErrImage, ref)
	}
	base := o.Transport
	if base == nil {
		base = remote.DefaultTransport
	}
	i, err := fetch(ctx, n, o.Arch, base)
	if err != nil {
		return nil, fmt.Errorf("pull %s: %w", ref, plain(err))
	}
	return i, nil
}

func fetch(ctx context.Context, n name.Reference, arch string, base http.RoundTripper) (*Image, error) {
	repo := n.Context()
	get := func(n name.Reference) ([]byte, bool, error) {
		d, err := remote.Get(n, remote.WithAuth(authn.Anonymous), remote.WithUserAgent(agent), remote.WithTransport(base), remote.WithContext(ctx))
		if err != nil {
			return nil, false, err
		}
		if len(d.Manifest) > MaxManifest {
			return nil, false, fmt.Errorf("%w: a manifest of more than %d bytes", runtime.ErrImage, MaxManifest)
		}
		return d.Manifest, d.MediaType.IsIndex(), nil
	}
	manifest, isIndex, err := get(n)
	if err != nil {
		return nil, err
	}
	if isIndex {
		byDigest := func(d v1.Descriptor) ([]byte, error) {
			raw, _, err := get(repo.Digest(d.Digest.String()))
			return raw, err
		}
		d, err := pick(manifest, arch, byDigest)
		if err != nil {
			return nil, err
		}
		if manifest, err = byDigest(d); err != nil {
			return nil, err
		}
	}
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	i := &Image{open: make(map[string]opener)}
	blobs, err := newBlobs(ctx, repo, base)
	if err != nil {
		return nil, err
	}
	for _, b := range m.Blobs() {
		i.open[b.Digest] = func(ctx context.Context) (io.ReadCloser, error) { return blobs.open(ctx, b.Digest) }
	}
	r, err := i.open[m.Config.Digest](ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	config, err := io.ReadAll(Verify(m.Config, r))
	if err != nil {
		return nil, err
	}
	return i, i.describe(manifest, config, arch)
}

// blobs reads the layers of one repository.
type blobs struct {
	repo   name.Repository
	client *http.Client
}

// newBlobs learns how the registry wants to be asked.
func newBlobs(ctx context.Context, repo name.Repository, base http.RoundTripper) (*blobs, error) {
	t, err := transport.NewWithContext(ctx, repo.Registry, authn.Anonymous, transport.NewUserAgent(base, agent), []string{repo.Scope(transport.PullScope)})
	if err != nil {
		return nil, err
	}
	return &blobs{repo: repo, client: &http.Client{Transport: t, CheckRedirect: onwards}}, nil
}

// open starts reading a blob. What it returns is not verified yet.
func (b *blobs) open(ctx context.Context, digest string) (io.ReadCloser, error) {
	u := url.URL{Scheme: b.repo.Scheme(), Host: b.repo.RegistryStr(), Path: "/v2/" + b.repo.RepositoryStr() + "/blobs/" + digest}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRegistry, err)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		resp.Body.Close()
		return nil, plain(err)
	}
	return resp.Body, nil
}

// maxRedirects bounds how far a registry may send us for a blob.
const maxRedirects = 5

// onwards follows a registry's redirects, but not to an address of this machine
// or of its own network: only the registry itself may be one.
func onwards(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	host := req.URL.Hostname()
	if a, err := netip.ParseAddr(host); host != via[0].URL.Hostname() &&
		(host == "localhost" || err == nil && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified())) {
		return fmt.Errorf("redirected to %s", host)
	}
	return nil
}

// plain says in words what a registry's failure means.
func plain(err error) error {
	var answer *transport.Error
	var network net.Error
	switch {
	case errors.Is(err, runtime.ErrImage), errors.Is(err, runtime.ErrDigest), errors.Is(err, ErrNoImage), errors.Is(err, ErrRegistry),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &answer):
		switch answer.StatusCode {
		case http.StatusNotFound, http.StatusUnauthorized, http.StatusForbidden:
			return ErrNoImage
		case http.StatusTooManyRequests:
			return fmt.Errorf("%w: it asks to come back later", ErrRegistry)
		}
		return fmt.Errorf("%w: it answers with status %d", ErrRegistry, answer.StatusCode)
	case errors.As(err, &network):
		return fmt.Errorf("%w: is there a network? %w", ErrRegistry, err)
	}
	return fmt.Errorf("%w: %w", ErrRegistry, err)
}
