package runtimetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// maxBlob bounds one blob of a Fake, which keeps them in memory.
const maxBlob = 1 << 30

// digests are the names that a blob can have.
var digests = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Missing returns those of the blobs that were not put.
func (f *Fake) Missing(ctx context.Context, blobs []runtime.Blob) ([]runtime.Blob, error) {
	m, err := f.enter(ctx, "Missing")
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var missing []runtime.Blob
	for _, b := range blobs {
		if _, ok := m.blobs[b.Digest]; !ok {
			missing = append(missing, b)
		}
	}
	return missing, nil
}

// Put stores one blob after checking its digest and size.
func (f *Fake) Put(ctx context.Context, b runtime.Blob, r io.Reader) error {
	m, err := f.enter(ctx, "Put")
	if err != nil {
		return err
	}
	m.mu.Unlock() // the reader may be slow
	if !digests.MatchString(b.Digest) || b.Size < 0 || b.Size > maxBlob {
		return fmt.Errorf("put %.80q of %d bytes: %w", b.Digest, b.Size, runtime.ErrDigest)
	}
	data, err := io.ReadAll(image.Verify(b, io.NopCloser(r)))
	if err != nil {
		return fmt.Errorf("put %s: %w", b.Digest, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("put %s: %w", b.Digest, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[b.Digest] = data
	return nil
}

// unpacked is what a Fake knows of an image.
type unpacked struct {
	config  image.Config
	files   map[string]bool // programs in it
	folders []string
}

// unpack checks an image in the store. The caller holds mu.
func (m *machine) unpack(digest string) (unpacked, error) {
	raw, ok := m.blobs[digest]
	if !ok {
		return unpacked{}, fmt.Errorf("%w: %.80s was not sent", runtime.ErrImage, digest)
	}
	manifest, err := image.ParseManifest(raw)
	if err != nil {
		return unpacked{}, err
	}
	for _, b := range manifest.Blobs() {
		if _, ok := m.blobs[b.Digest]; !ok {
			return unpacked{}, fmt.Errorf("%w: its part %s was not sent", runtime.ErrImage, b.Digest)
		}
	}
	u := unpacked{files: make(map[string]bool)}
	if u.config, err = image.ParseConfig(m.blobs[manifest.Config.Digest], len(manifest.Layers), m.info.Arch); err != nil {
		return unpacked{}, err
	}
	for _, l := range manifest.Layers {
		if err := u.layer(m.blobs[l.Digest], l.MediaType); err != nil {
			return unpacked{}, fmt.Errorf("%w: layer %s: %w", runtime.ErrImage, l.Digest, err)
		}
	}
	return u, nil
}

// maxEntries bounds what a Fake notes of one layer.
const maxEntries = 100_000

// layer notes the programs and the folders of one layer.
func (u *unpacked) layer(data []byte, mediaType string) error {
	var r io.Reader = bytes.NewReader(data)
	switch {
	case strings.HasSuffix(mediaType, "gzip"):
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r = io.LimitReader(z, maxBlob)
	case strings.HasSuffix(mediaType, "zstd"):
		return errors.New("the fake engine reads no zstd")
	}
	t := tar.NewReader(r)
	for n := 0; ; n++ {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if n == maxEntries {
			return errors.New("too many entries")
		}
		name := path.Join("/", h.Name)
		switch {
		case h.Typeflag == tar.TypeReg && h.Mode&0o111 != 0:
			u.files[name] = true
		case h.Typeflag == tar.TypeDir:
			u.folders = append(u.folders, name)
		}
	}
}
