package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/etal-cloud/etal/runtime"
)

// opener starts reading one blob, unverified.
type opener func(ctx context.Context) (io.ReadCloser, error)

// Image is an image whose blobs can be read. It is made by Open or Pack and
// safe for concurrent use until Close.
type Image struct {
	manifest Manifest
	config   Config
	digest   string
	blobs    []runtime.Blob
	open     map[string]opener
	release  []func() error
	local    bool
}

// Digest is that of the manifest: what runtime.Spec.Image names.
func (i *Image) Digest() string { return i.digest }

// Config is how the image wants to be run.
func (i *Image) Config() Config { return i.config }

// Command is what runs when nothing else is asked for; empty where the image
// does not say.
func (i *Image) Command() []string {
	return append(append([]string(nil), i.config.Entrypoint...), i.config.Cmd...)
}

// Local reports whether the content came from this machine's disk. Only what
// was pulled anonymously from a registry may be served to others.
func (i *Image) Local() bool { return i.local }

// Blobs lists the image's content: layers, configuration and, last, the
// manifest, so that who has the manifest has all.
func (i *Image) Blobs() []runtime.Blob { return append([]runtime.Blob(nil), i.blobs...) }

// Size is the sum of all blobs in bytes.
func (i *Image) Size() int64 {
	var n int64
	for _, b := range i.blobs {
		n += b.Size
	}
	return n
}

// Open reads one of the image's blobs. Reading fails with runtime.ErrDigest,
// at the latest in place of io.EOF, when the content is not what the digest
// says. A digest that is not the image's is runtime.ErrNotFound.
func (i *Image) Open(ctx context.Context, digest string) (io.ReadCloser, error) {
	open, ok := i.open[digest]
	if !ok {
		return nil, fmt.Errorf("open blob %.80s: %w", digest, runtime.ErrNotFound)
	}
	r, err := open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", digest, err)
	}
	for _, b := range i.blobs {
		if b.Digest == digest {
			return Verify(b, r), nil
		}
	}
	r.Close()
	return nil, fmt.Errorf("open blob %.80s: %w", digest, runtime.ErrNotFound)
}

// Close lets go of files, connections and temporary content.
func (i *Image) Close() error {
	var errs []error
	for n := len(i.release) - 1; n >= 0; n-- {
		errs = append(errs, i.release[n]())
	}
	i.release = nil
	return errors.Join(errs...)
}

// Verify returns a reader of r that ends with runtime.ErrDigest unless the
// content has exactly the size and the digest of b. Closing it closes r.
func Verify(b runtime.Blob, r io.ReadCloser) io.ReadCloser {
	return &verifier{blob: b, r: r, left: b.Size, hash: sha256.New()}
}

type verifier struct {
	blob runtime.Blob
	r    io.ReadCloser
	left int64
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	err error
}

func (v *verifier) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than what is left finds content that is too long.
	if int64(len(p)) > v.left+1 {
		p = p[:v.left+1]
	}
	n, err := v.r.Read(p)
	if int64(n) > v.left {
		v.err = fmt.Errorf("%w: %s is longer than %d bytes", runtime.ErrDigest, v.blob.Digest, v.blob.Size)
		return 0, v.err
	}
	_, _ = v.hash.Write(p[:n]) // a hash takes everything
	v.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF) && v.left > 0:
		err = fmt.Errorf("%w: %s ends %d bytes early", runtime.ErrDigest, v.blob.Digest, v.left)
	case errors.Is(err, io.EOF) && "sha256:"+hex.EncodeToString(v.hash.Sum(nil)) != v.blob.Digest:
		err = fmt.Errorf("%w: %s", runtime.ErrDigest, v.blob.Digest)
	}
	v.err = err
	return n, err
}

func (v *verifier) Close() error { return v.r.Close() }
