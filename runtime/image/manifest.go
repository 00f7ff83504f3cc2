package image

import (
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/etal-cloud/etal/runtime"
)

// Bounds of an image. Real ones are far below; a stranger's must be too.
const (
	MaxLayers   = 128     // layers of an image
	MaxManifest = 1 << 20 // bytes of a manifest or an index
	MaxConfig   = 1 << 20 // bytes of a configuration
	MaxSize     = 1 << 36 // bytes of all layers together, as sent: 64 GiB
	maxIndexed  = 256     // manifests in an index
)

// Manifest names the blobs of an image: a configuration and the layers, the
// lowest first.
type Manifest struct {
	MediaType string
	Config    runtime.Blob
	Layers    []runtime.Blob
}

// ParseManifest checks the manifest of an image: its type, the number, sizes,
// digests and types of what it names. What it refuses is runtime.ErrImage.
func ParseManifest(raw []byte) (Manifest, error) {
	if len(raw) > MaxManifest {
		return Manifest{}, fmt.Errorf("%w: a manifest of more than %d bytes", runtime.ErrImage, MaxManifest)
	}
	var d v1.Manifest
	if err := json.Unmarshal(raw, &d); err != nil {
		return Manifest{}, fmt.Errorf("%w: manifest: %w", runtime.ErrImage, err)
	}
	m := Manifest{MediaType: string(d.MediaType)}
	switch {
	case d.SchemaVersion != 2:
		return Manifest{}, fmt.Errorf("%w: a manifest of schema version %d, not 2", runtime.ErrImage, d.SchemaVersion)
	case d.MediaType == "":
		m.MediaType = string(types.OCIManifestSchema1)
	case !d.MediaType.IsImage():
		return Manifest{}, fmt.Errorf("%w: a manifest of type %.80q", runtime.ErrImage, d.MediaType)
	}
	if len(d.Layers) == 0 || len(d.Layers) > MaxLayers {
		return Manifest{}, fmt.Errorf("%w: %d layers, not 1 to %d", runtime.ErrImage, len(d.Layers), MaxLayers)
	}
	if !d.Config.MediaType.IsConfig() {
		return Manifest{}, fmt.Errorf("%w: a configuration of type %.80q", runtime.ErrImage, d.Config.MediaType)
	}
	if d.Config.Size > MaxConfig {
		return Manifest{}, fmt.Errorf("%w: a configuration of more than %d bytes", runtime.ErrImage, MaxConfig)
	}
	var err error
	if m.Config, err = blobOf(d.Config); err != nil {
		return Manifest{}, err
	}
	var total int64
	for _, l := range d.Layers {
		if !usableLayer(l.MediaType) {
			return Manifest{}, fmt.Errorf("%w: a layer of type %.80q", runtime.ErrImage, l.MediaType)
		}
		b, err := blobOf(l)
		if err != nil {
			return Manifest{}, err
		}
		if total += b.Size; b.Size > MaxSize || total > MaxSize {
			return Manifest{}, fmt.Errorf("%w: more than %d GiB of layers", runtime.ErrImage, MaxSize>>30)
		}
		m.Layers = append(m.Layers, b)
	}
	return m, nil
}

// usableLayer tells the layer types that an engine unpacks from those that it
// would have to fetch from elsewhere or does not know.
func usableLayer(t types.MediaType) bool {
	switch t {
	case types.OCILayer, types.OCILayerZStd, types.OCIUncompressedLayer, types.DockerLayer, types.DockerUncompressedLayer:
		return true
	}
	return false
}

// blobOf checks one descriptor. Only SHA-256 names content in etal.
func blobOf(d v1.Descriptor) (runtime.Blob, error) {
	switch {
	case d.Digest.Algorithm != "sha256" || len(d.Digest.Hex) != 64:
		return runtime.Blob{}, fmt.Errorf("%w: a digest that is no SHA-256: %.80q", runtime.ErrImage, d.Digest.String())
	case d.Size < 0:
		return runtime.Blob{}, fmt.Errorf("%w: a negative size", runtime.ErrImage)
	}
	return runtime.Blob{Digest: d.Digest.String(), Size: d.Size, MediaType: string(d.MediaType)}, nil
}

// Blobs lists what the manifest names, each digest once: the layers, then the
// configuration.
func (m Manifest) Blobs() []runtime.Blob {
	seen := make(map[string]bool, len(m.Layers)+1)
	var bs []runtime.Blob
	for _, b := range append(append([]runtime.Blob(nil), m.Layers...), m.Config) {
		if !seen[b.Digest] {
			seen[b.Digest] = true
			bs = append(bs, b)
		}
	}
	return bs
}
