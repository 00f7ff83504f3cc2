package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/etal-cloud/etal/runtime"
)

// Layer writes a layer as an uncompressed tar stream. It is called once to
// learn the digest and again whenever the layer is read, and must write the
// same bytes each time.
type Layer func(w io.Writer) error

// Pack makes an image of layers, the lowest first. Config.OS and Config.Arch
// must be set. Nothing in it depends on time, place or user.
func Pack(ctx context.Context, c Config, layers ...Layer) (*Image, error) {
	i := &Image{open: make(map[string]opener), local: true}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	f := v1.ConfigFile{
		OS: c.OS, Architecture: c.Arch, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env, WorkingDir: c.WorkDir, User: c.User},
	}
	for _, l := range layers {
		sum := &summer{ctx: ctx, hash: sha256.New()}
		if err := l(sum); err != nil {
			return nil, fmt.Errorf("pack layer: %w", err)
		}
		h := v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum.hash.Sum(nil))}
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCIUncompressedLayer, Size: sum.size, Digest: h})
		f.RootFS.DiffIDs = append(f.RootFS.DiffIDs, h)
		i.open[h.String()] = piped(l)
	}
	config, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("pack configuration: %w", err)
	}
	m.Config = v1.Descriptor{MediaType: types.OCIConfigJSON, Size: int64(len(config)), Digest: hashOf(config)}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("pack manifest: %w", err)
	}
	if err := i.describe(raw, config, c.Arch); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return i, nil
}

// describe fills an image from its two documents, after checking them.
func (i *Image) describe(manifest, config []byte, arch string) error {
	var err error
	if i.manifest, err = ParseManifest(manifest); err != nil {
		return err
	}
	if got := hashOf(config).String(); got != i.manifest.Config.Digest || int64(len(config)) != i.manifest.Config.Size {
		return fmt.Errorf("%w: the configuration %s", runtime.ErrDigest, i.manifest.Config.Digest)
	}
	if i.config, err = ParseConfig(config, len(i.manifest.Layers), arch); err != nil {
		return err
	}
	i.digest = hashOf(manifest).String()
	i.blobs = append(i.manifest.Blobs(), runtime.Blob{Digest: i.digest, Size: int64(len(manifest)), MediaType: i.manifest.MediaType})
	i.open[i.manifest.Config.Digest] = held(config)
	i.open[i.digest] = held(manifest)
	return nil
}

// hashOf is the digest of bytes at hand.
func hashOf(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}

// held opens content that is in memory.
func held(b []byte) opener {
	return func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

// piped opens a layer by writing it once more. The goroutine ends when the
// layer does, or at the first write after the reader was closed.
func piped(l Layer) opener {
	return func(ctx context.Context) (io.ReadCloser, error) {
		r, w := io.Pipe()
		stop := context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
		go func() {
			defer stop()
			w.CloseWithError(l(w))
		}()
		return r, nil
	}
}

// summer hashes and counts what is written, until its context ends.
type summer struct {
	ctx  context.Context
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	size int64
}

func (s *summer) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	s.size += int64(len(p))
	return s.hash.Write(p)
}
