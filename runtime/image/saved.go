package image

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/etal-cloud/etal/runtime"
)

// savedImage is one image in the manifest.json of a docker archive.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// fromSaved reads an image out of a docker archive, which names its layers by
// file: their digests are found by reading them, and checked against what the
// configuration says of their content. Without a manifest.json it returns
// fs.ErrNotExist.
func fromSaved(ctx context.Context, b bag, arch string) (*Image, error) {
	raw, err := small(b, "manifest.json", MaxManifest)
	if err != nil {
		return nil, err
	}
	var saved []savedImage
	if err := json.Unmarshal(raw, &saved); err != nil {
		return nil, fmt.Errorf("%w: manifest.json: %w", runtime.ErrImage, err)
	}
	if len(saved) != 1 {
		return nil, fmt.Errorf("%w: it holds %d images; save one at a time", runtime.ErrImage, len(saved))
	}
	s := saved[0]
	if len(s.Layers) == 0 || len(s.Layers) > MaxLayers {
		return nil, fmt.Errorf("%w: %d layers, not 1 to %d", runtime.ErrImage, len(s.Layers), MaxLayers)
	}
	config, err := small(b, s.Config, MaxConfig)
	if err != nil {
		return nil, missing(err, "its configuration "+s.Config)
	}
	named := strings.TrimSuffix(path.Base(s.Config), ".json")
	if got := hashOf(config); len(named) == 64 && got.Hex != named {
		return nil, fmt.Errorf("%w: its configuration %s", runtime.ErrDigest, named)
	}
	var f v1.ConfigFile
	if err := json.Unmarshal(config, &f); err != nil {
		return nil, fmt.Errorf("%w: configuration: %w", runtime.ErrImage, err)
	}
	if len(f.RootFS.DiffIDs) != len(s.Layers) {
		return nil, fmt.Errorf("%w: %d layers, and %d in the configuration", runtime.ErrImage, len(s.Layers), len(f.RootFS.DiffIDs))
	}
	m := v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1,
		Config: v1.Descriptor{MediaType: types.OCIConfigJSON, Size: int64(len(config)), Digest: hashOf(config)},
	}
	i := &Image{open: make(map[string]opener), local: true}
	for n, name := range s.Layers {
		d, diff, err := survey(ctx, b, name)
		if err != nil {
			return nil, err
		}
		if diff != f.RootFS.DiffIDs[n] {
			return nil, fmt.Errorf("%w: its layer %.100s", runtime.ErrDigest, name)
		}
		m.Layers = append(m.Layers, d)
		i.open[d.Digest.String()] = func(context.Context) (io.ReadCloser, error) {
			r, _, err := b.open(name)
			return r, err
		}
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return i, i.describe(manifest, config, arch)
}

// survey reads a layer and returns what a manifest says of it, and the digest
// of its content without compression.
func survey(ctx context.Context, b bag, name string) (v1.Descriptor, v1.Hash, error) {
	r, size, err := b.open(name)
	if err != nil {
		return v1.Descriptor{}, v1.Hash{}, missing(err, "its layer "+name)
	}
	defer r.Close()
	whole, diff := sha256.New(), sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(reader{ctx, r}, whole), 64<<10)
	content := io.Reader(in)
	d := v1.Descriptor{MediaType: types.OCIUncompressedLayer, Size: size}
	if head, _ := in.Peek(2); string(head) == "\x1f\x8b" {
		d.MediaType = types.OCILayer
		if content, err = gzip.NewReader(in); err != nil {
			return d, v1.Hash{}, fmt.Errorf("%w: its layer %.100s: %w", runtime.ErrDigest, name, err)
		}
	}
	n, err := io.Copy(diff, io.LimitReader(content, MaxSize+1))
	if err == nil {
		_, err = io.Copy(io.Discard, in) // what follows the compressed stream
	}
	switch {
	case ctx.Err() != nil:
		return d, v1.Hash{}, fmt.Errorf("read layer: %w", ctx.Err())
	case err != nil:
		return d, v1.Hash{}, fmt.Errorf("%w: its layer %.100s: %w", runtime.ErrDigest, name, err)
	case n > MaxSize:
		return d, v1.Hash{}, fmt.Errorf("%w: its layer %.100s has more than %d GiB", runtime.ErrImage, name, MaxSize>>30)
	}
	d.Digest = v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(whole.Sum(nil))}
	return d, v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(diff.Sum(nil))}, nil
}
