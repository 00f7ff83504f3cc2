//go:build linux

package containerd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// chunk is how much of a blob travels to the engine at a time.
const chunk = 1 << 20

// keepLabel keeps a blob in the engine although nothing refers to it yet.
const keepLabel = "containerd.io/gc.root"

// parseDigest accepts SHA-256 only: one blob has one name.
func parseDigest(s string) (digest.Digest, error) {
	d, err := digest.Parse(s)
	if err != nil || d.Algorithm() != digest.SHA256 {
		return "", fmt.Errorf("%w: %.80q is no SHA-256 digest", runtime.ErrDigest, s)
	}
	return d, nil
}

// Missing returns those of the blobs that the engine does not hold.
func (e *Engine) Missing(ctx context.Context, blobs []runtime.Blob) ([]runtime.Blob, error) {
	store := e.client.ContentStore()
	var missing []runtime.Blob
	for _, b := range blobs {
		d, err := parseDigest(b.Digest)
		if err != nil {
			return nil, fmt.Errorf("missing: %w", err)
		}
		switch _, err := store.Info(ctx, d); {
		case errdefs.IsNotFound(err):
			missing = append(missing, b)
		case err != nil:
			return nil, fmt.Errorf("missing: %w", unavailable(err))
		}
	}
	return missing, nil
}

// Put stores one blob, or nothing of it. It may be called for the same blob from
// several places at once.
func (e *Engine) Put(ctx context.Context, b runtime.Blob, r io.Reader) error {
	if err := e.put(ctx, b, r); err != nil {
		return fmt.Errorf("put %.80s: %w", b.Digest, unavailable(err))
	}
	return nil
}

func (e *Engine) put(ctx context.Context, b runtime.Blob, r io.Reader) (err error) {
	d, err := parseDigest(b.Digest)
	if err != nil {
		return err
	}
	if b.Size < 0 || b.Size > image.MaxSize {
		return fmt.Errorf("%w: a blob of %d bytes", runtime.ErrImage, b.Size)
	}
	store := e.client.ContentStore()
	ref := "put-" + d.Encoded() + "-" + rand.Text()
	w, err := store.Writer(ctx, content.WithRef(ref), content.WithDescriptor(ocispec.Descriptor{Digest: d, Size: b.Size}))
	if errdefs.IsAlreadyExists(err) {
		return nil
	}
	if err != nil {
		return err
	}
	done := false
	defer func() {
		err = errors.Join(err, ignoreClosed(w.Close()))
		if !done {
			// What was written must not be in the way of a retry, also when the
			// sender's context is over.
			abort, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			if aerr := store.Abort(abort, ref); aerr != nil && !errdefs.IsNotFound(aerr) {
				err = errors.Join(err, aerr)
			}
		}
	}()
	n, err := io.CopyBuffer(onlyWriter{w}, onlyReader{io.LimitReader(r, b.Size+1)}, make([]byte, min(chunk, b.Size+1)))
	if err != nil {
		return err
	}
	if n != b.Size {
		return fmt.Errorf("%w: %d bytes or more, not %d", runtime.ErrDigest, n, b.Size)
	}
	err = w.Commit(ctx, b.Size, d, content.WithLabels(map[string]string{keepLabel: time.Now().UTC().Format(time.RFC3339)}))
	switch {
	case errdefs.IsAlreadyExists(err): // somebody else was faster
		err = nil
	case errdefs.IsFailedPrecondition(err):
		return fmt.Errorf("%w: %w", runtime.ErrDigest, err)
	}
	done = err == nil
	return err
}

// onlyWriter and onlyReader hide methods that would bypass the buffer, whose
// size keeps a message to the engine small.
type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)

// ignoreClosed drops the error of closing a writer whose stream has ended.
func ignoreClosed(err error) error {
	if errors.Is(err, io.EOF) || errdefs.IsCanceled(err) || errdefs.IsUnavailable(err) {
		return nil
	}
	return err
}

// readBlob reads a small blob whole. One that is not there, or is larger than
// limit, is runtime.ErrImage.
func (e *Engine) readBlob(ctx context.Context, d digest.Digest, limit int64) ([]byte, error) {
	store := e.client.ContentStore()
	info, err := store.Info(ctx, d)
	if errdefs.IsNotFound(err) {
		return nil, fmt.Errorf("%w: %s was not sent", runtime.ErrImage, d)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	if info.Size > limit {
		return nil, fmt.Errorf("%w: %s has %d bytes, more than %d", runtime.ErrImage, d, info.Size, limit)
	}
	raw, err := content.ReadBlob(ctx, store, ocispec.Descriptor{Digest: d, Size: info.Size})
	return raw, unavailable(err)
}
