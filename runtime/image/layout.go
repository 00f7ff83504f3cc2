package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/etal-cloud/etal/runtime"
)

// openArchive opens an OCI or docker archive. The caller closes f unless the
// image takes it over.
func openArchive(ctx context.Context, path string, f *os.File, o Options) (*Image, error) {
	fi, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	i, err := fromArchive(ctx, f, fi.Size(), o.Arch)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return i, nil
}

// fromArchive reads an image out of a tar file. It must refuse, and never
// crash at, whatever the bytes are.
func fromArchive(ctx context.Context, r io.ReaderAt, size int64, arch string) (*Image, error) {
	a, err := readArchive(r, size)
	if err != nil {
		return nil, err
	}
	i, err := fromLayout(a, arch)
	if errors.Is(err, fs.ErrNotExist) {
		i, err = fromSaved(ctx, a, arch)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: the archive holds neither an OCI layout (index.json) nor a docker image (manifest.json); "+
			"make one with: docker save IMAGE -o FILE.tar", runtime.ErrImage)
	}
	if err != nil {
		return nil, err
	}
	return i, i.check(ctx)
}

// fromLayout reads an image out of an OCI layout. Without an index.json it
// returns fs.ErrNotExist.
func fromLayout(b bag, arch string) (*Image, error) {
	raw, err := small(b, "index.json", MaxManifest)
	if err != nil {
		return nil, err
	}
	// Every later fs.ErrNotExist is a part that is missing, not another format.
	d, err := pick(raw, arch, func(d v1.Descriptor) ([]byte, error) {
		return smallBlob(b, d, MaxManifest)
	})
	if err != nil {
		return nil, err
	}
	manifest, err := smallBlob(b, d, MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	config, err := smallBlob(b, v1.Descriptor{Digest: mustHash(m.Config.Digest), Size: m.Config.Size}, MaxConfig)
	if err != nil {
		return nil, err
	}
	i := &Image{open: make(map[string]opener), local: true}
	for _, l := range m.Layers {
		r, size, err := b.open(blobName(l.Digest))
		if err != nil {
			return nil, missing(err, "its layer "+l.Digest)
		}
		r.Close()
		if size != l.Size {
			return nil, fmt.Errorf("%w: its layer %s has %d bytes, not %d", runtime.ErrDigest, l.Digest, size, l.Size)
		}
		i.open[l.Digest] = func(context.Context) (io.ReadCloser, error) {
			r, _, err := b.open(blobName(l.Digest))
			return r, err
		}
	}
	return i, i.describe(manifest, config, arch)
}

// smallBlob reads and checks a document of a layout.
func smallBlob(b bag, d v1.Descriptor, most int64) ([]byte, error) {
	want, err := blobOf(d)
	if err != nil {
		return nil, err
	}
	data, err := small(b, blobName(want.Digest), most)
	if err != nil {
		return nil, missing(err, "its part "+want.Digest)
	}
	if int64(len(data)) != want.Size || hashOf(data).String() != want.Digest {
		return nil, fmt.Errorf("%w: its part %s", runtime.ErrDigest, want.Digest)
	}
	return data, nil
}

// mustHash turns a digest that blobOf has checked back into its parts.
func mustHash(digest string) v1.Hash {
	alg, hex, _ := strings.Cut(digest, ":")
	return v1.Hash{Algorithm: alg, Hex: hex}
}

// maxIndexDepth bounds indexes within indexes.
const maxIndexDepth = 3

// pick finds the one image for linux and arch in an index. The function fetch
// reads an index that the index names.
func pick(raw []byte, arch string, fetch func(v1.Descriptor) ([]byte, error)) (v1.Descriptor, error) {
	found, err := gather(raw, arch, fetch, maxIndexDepth)
	if err != nil {
		return v1.Descriptor{}, err
	}
	// A manifest that names its platform wins over those that leave it open.
	var named []v1.Descriptor
	for _, d := range found {
		if d.Platform != nil {
			named = append(named, d)
		}
	}
	if len(named) > 0 {
		found = named
	}
	switch {
	case len(found) == 0:
		return v1.Descriptor{}, fmt.Errorf("%w: it has nothing for linux on %s", runtime.ErrImage, arch)
	case len(found) > 1:
		return v1.Descriptor{}, fmt.Errorf("%w: it holds %d images; save one at a time", runtime.ErrImage, len(found))
	}
	return found[0], nil
}

// gather lists the manifests in an index that may be for linux and arch, each
// digest once.
func gather(raw []byte, arch string, fetch func(v1.Descriptor) ([]byte, error), depth int) ([]v1.Descriptor, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%w: indexes within indexes", runtime.ErrImage)
	}
	if len(raw) > MaxManifest {
		return nil, fmt.Errorf("%w: an index of more than %d bytes", runtime.ErrImage, MaxManifest)
	}
	var index v1.IndexManifest
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, fmt.Errorf("%w: index: %w", runtime.ErrImage, err)
	}
	if len(index.Manifests) > maxIndexed {
		return nil, fmt.Errorf("%w: an index of %d manifests", runtime.ErrImage, len(index.Manifests))
	}
	var found []v1.Descriptor
	seen := make(map[v1.Hash]bool)
	add := func(d v1.Descriptor) {
		if !seen[d.Digest] {
			seen[d.Digest] = true
			found = append(found, d)
		}
	}
	for _, d := range index.Manifests {
		if p := d.Platform; p != nil && (p.OS != "" || p.Architecture != "") && (p.OS != "linux" || p.Architecture != arch) {
			continue
		}
		switch {
		case d.MediaType.IsImage():
			add(d)
		case d.MediaType.IsIndex():
			inner, err := fetch(d)
			if err != nil {
				return nil, err
			}
			more, err := gather(inner, arch, fetch, depth-1)
			if err != nil {
				return nil, err
			}
			for _, m := range more {
				add(m)
			}
		}
	}
	return found, nil
}
