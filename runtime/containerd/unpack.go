//go:build linux

package containerd

import (
	"context"
	"errors"
	"fmt"
	"io"
	goruntime "runtime"

	client "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/errdefs"
	"github.com/containerd/log"
	"github.com/containerd/platforms"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/sirupsen/logrus"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// unpacked is an image of which the engine holds every layer as a snapshot.
type unpacked struct {
	client.Image
	manifest image.Manifest
	config   image.Config
}

// prepare checks an image that was sent, and unpacks it unless it is already.
// What is wrong with the image is runtime.ErrImage.
func (e *Engine) prepare(ctx context.Context, manifestDigest string) (unpacked, error) {
	d, err := parseDigest(manifestDigest)
	if err != nil {
		return unpacked{}, fmt.Errorf("%w: %w", runtime.ErrImage, err)
	}
	raw, err := e.readBlob(ctx, d, image.MaxManifest)
	if err != nil {
		return unpacked{}, err
	}
	u := unpacked{}
	if u.manifest, err = image.ParseManifest(raw); err != nil {
		return unpacked{}, err
	}
	rawConfig, err := e.readBlob(ctx, digest.Digest(u.manifest.Config.Digest), image.MaxConfig)
	if err != nil {
		return unpacked{}, err
	}
	if u.config, err = image.ParseConfig(rawConfig, len(u.manifest.Layers), goruntime.GOARCH); err != nil {
		return unpacked{}, err
	}
	missing, err := e.Missing(ctx, u.manifest.Layers)
	if err != nil {
		return unpacked{}, err
	}
	if len(missing) > 0 {
		return unpacked{}, fmt.Errorf("%w: %d of its layers were not sent", runtime.ErrImage, len(missing))
	}

	u.Image = client.NewImageWithPlatform(e.client, images.Image{
		Name:   "etal/" + d.Encoded(),
		Target: ocispec.Descriptor{MediaType: u.manifest.MediaType, Digest: d, Size: int64(len(raw))},
	}, platforms.All)
	// One at a time: unpacking is bound by the disk, and two that unpack the
	// same layer do its work twice.
	e.unpacking.Lock()
	defer e.unpacking.Unlock()
	err = u.Unpack(quiet(ctx), e.snapshotter)
	switch {
	case err == nil:
		return u, nil
	case ctx.Err() != nil:
		return unpacked{}, fmt.Errorf("unpack: %w", ctx.Err())
	case errdefs.IsUnavailable(err):
		return unpacked{}, fmt.Errorf("unpack: %w", unavailable(err))
	case errors.Is(err, runtime.ErrUnavailable):
		return unpacked{}, err
	}
	return unpacked{}, fmt.Errorf("%w: unpack: %w", runtime.ErrImage, err)
}

// quiet keeps containerd's client from writing to our stderr what it also returns.
func quiet(ctx context.Context) context.Context {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return log.WithLogger(ctx, logrus.NewEntry(l))
}
