package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/diff"
	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/pkg/archive"
	"github.com/containerd/containerd/v2/plugins"
	"github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	"github.com/containerd/plugin"
	"github.com/containerd/plugin/registry"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"
)

// Bounds on one layer of a stranger's image. They are far above real ones.
const (
	maxLayerBytes   = 32 << 30  // unpacked
	maxLayerEntries = 2_000_000 // files, folders and links
	reserveBytes    = 256 << 20 // what unpacking leaves free on the disk
)

func init() {
	registry.Register(&plugin.Registration{
		Type:     plugins.DiffPlugin,
		ID:       "etal",
		Requires: []plugin.Type{plugins.MetadataPlugin},
		InitFn: func(ic *plugin.InitContext) (any, error) {
			md, err := ic.GetSingle(plugins.MetadataPlugin)
			if err != nil {
				return nil, err
			}
			db, ok := md.(*metadata.DB)
			if !ok {
				return nil, fmt.Errorf("differ: metadata is a %T", md)
			}
			ic.Meta.Platforms = append(ic.Meta.Platforms, platforms.DefaultSpec())
			return differ{store: db.ContentStore(), root: ic.Properties[plugins.PropertyRootDir]}, nil
		},
	})
}

// differ unpacks layers where only one uid is mapped: owners are not kept, so
// that files belong to root; devices and extended attributes are left out,
// which nothing in the sandbox needs.
type differ struct {
	store content.Provider
	root  string // any folder on the disk that is written to
}

// Compare is not offered: etal makes no images on a provider.
func (differ) Compare(context.Context, []mount.Mount, []mount.Mount, ...diff.Opt) (ocispec.Descriptor, error) {
	return ocispec.Descriptor{}, fmt.Errorf("differ: compare: %w", errdefs.ErrNotImplemented)
}

// Apply unpacks the layer desc onto mounts, and returns the descriptor of what
// it unpacked, whose digest the caller compares with the image's config.
func (d differ) Apply(ctx context.Context, desc ocispec.Descriptor, mounts []mount.Mount, opts ...diff.ApplyOpt) (_ ocispec.Descriptor, err error) {
	var cfg diff.ApplyConfig
	for _, o := range opts {
		if err := o(ctx, desc, &cfg); err != nil {
			return ocispec.Descriptor{}, fmt.Errorf("differ: %w", err)
		}
	}
	blob, err := d.store.ReaderAt(ctx, desc)
	if err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("differ: %w", err)
	}
	defer blob.Close()

	var chain []diff.StreamProcessor
	stream := diff.NewProcessorChain(desc.MediaType, content.NewReader(blob))
	for {
		if stream, err = diff.GetProcessor(ctx, stream, cfg.ProcessorPayloads); err != nil {
			return ocispec.Descriptor{}, fmt.Errorf("differ: layer of type %q: %w", desc.MediaType, err)
		}
		defer stream.Close()
		chain = append(chain, stream)
		if stream.MediaType() == ocispec.MediaTypeImageLayer {
			break
		}
	}

	sum := digest.Canonical.Digester()
	r := &bounded{r: io.TeeReader(stream, sum.Hash()), dir: d.root}
	err = mount.WithTempMount(ctx, mounts, func(dir string) error {
		_, err := archive.Apply(ctx, dir, r, archive.WithNoSameOwner(), archive.WithFilter(keepEntry()))
		return err
	})
	if err == nil {
		_, err = io.Copy(io.Discard, r) // what follows the end of the archive is part of the digest
	}
	if err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("differ: unpack %s: %w", desc.Digest, err)
	}
	for _, p := range chain {
		if f, ok := p.(interface{ Err() error }); ok && f.Err() != nil {
			return ocispec.Descriptor{}, fmt.Errorf("differ: unpack %s: %w", desc.Digest, f.Err())
		}
	}
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Size: r.n, Digest: sum.Digest()}, nil
}

// errTooLarge says that a layer is beyond the bounds above.
var errTooLarge = errors.New("layer is too large")

// keepEntry returns a filter that counts entries, leaves devices out, and takes
// extended attributes off the others.
func keepEntry() archive.Filter {
	n := 0
	return func(h *tar.Header) (bool, error) {
		if n++; n > maxLayerEntries {
			return false, fmt.Errorf("%w: more than %d entries", errTooLarge, maxLayerEntries)
		}
		if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
			return false, nil
		}
		maps.DeleteFunc(h.PAXRecords, func(k, _ string) bool { return strings.HasPrefix(k, "SCHILY.xattr.") })
		return true, nil
	}
}

// bounded counts what is read, and fails beyond maxLayerBytes or when the disk
// of dir is nearly full.
type bounded struct {
	r    io.Reader
	dir  string
	n    int64
	next int64 // look at the disk when n passes this
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.n >= b.next {
		var s unix.Statfs_t
		if err := unix.Statfs(b.dir, &s); err == nil && int64(s.Bavail)*s.Bsize < reserveBytes {
			return 0, fmt.Errorf("%w for the disk of this machine", errTooLarge)
		}
		b.next = b.n + 32<<20
	}
	n, err := b.r.Read(p)
	if b.n += int64(n); b.n > maxLayerBytes {
		return n, fmt.Errorf("%w: more than %d GiB unpacked", errTooLarge, maxLayerBytes>>30)
	}
	return n, err
}
