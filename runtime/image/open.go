package image

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"

	"github.com/etal-cloud/etal/runtime"
)

// Options refine Open. The zero value works.
type Options struct {
	// Arch is the GOARCH that the image must be for; empty means this machine's.
	Arch string
	// Command says what to run in a folder that is a root filesystem, which has
	// nothing else to say it. It becomes the image's arguments. With every
	// other kind of image it is ignored: runtime.Spec replaces the command.
	Command []string
	// TempDir is where a compressed archive is unpacked until Close; empty means
	// the system's folder for temporary files.
	TempDir string
	// Transport carries requests to registries; nil means a default one.
	Transport http.RoundTripper
}

// Open makes an image of what ref names: a file or a folder where one exists or
// where ref begins like a path, else an image in a registry, pulled
// anonymously. Local content is read once and checked as a whole, so that a
// tampered layer is found before anything is paid for.
//
// What cannot be an image is runtime.ErrImage with the reason, content that is
// not what its digest says is runtime.ErrDigest, a name that its registry does
// not know is ErrNoImage, a registry that does not answer ErrRegistry.
func Open(ctx context.Context, ref string, o Options) (*Image, error) {
	if o.Arch == "" {
		o.Arch = goruntime.GOARCH
	}
	fi, err := os.Stat(ref)
	switch {
	case err == nil && fi.IsDir():
		return openFolder(ctx, ref, o)
	case err == nil && fi.Mode().IsRegular():
		return openFile(ctx, ref, o)
	case err == nil:
		return nil, fmt.Errorf("%w: %s is neither a file nor a folder", runtime.ErrImage, ref)
	case looksLocal(ref):
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: there is no file or folder %s", runtime.ErrImage, ref)
		}
		return nil, fmt.Errorf("%w: %w", runtime.ErrImage, err)
	}
	return pull(ctx, ref, o)
}

// looksLocal reports whether ref can only mean a path.
func looksLocal(ref string) bool {
	return ref == "" || filepath.IsAbs(ref) || ref == "." || ref == ".." || strings.HasPrefix(ref, "./") || strings.HasPrefix(ref, "../") ||
		strings.ContainsRune(ref, '\\') || strings.HasSuffix(ref, ".tar") || strings.HasSuffix(ref, ".tar.gz") || strings.HasSuffix(ref, ".tgz")
}

// openFile opens an archive or a program, told apart by their first bytes.
func openFile(ctx context.Context, path string, o Options) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", runtime.ErrImage, err)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		defer f.Close()
		return openCompressed(ctx, path, f, o)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), bytes.HasPrefix(head, []byte("BZh")), bytes.HasPrefix(head, []byte("\xfd7zXZ")):
		f.Close()
		return nil, fmt.Errorf("%w: %s is compressed in a way that etal does not read; use gzip, or no compression", runtime.ErrImage, path)
	case isTar(head):
		i, err := openArchive(ctx, path, f, o)
		if err != nil {
			f.Close()
			return nil, err
		}
		i.release = append(i.release, f.Close)
		return i, nil
	}
	f.Close()
	return Binary(ctx, path, o.Arch)
}

// isTar reports whether a file begins with a tar header.
func isTar(head []byte) bool {
	_, err := tar.NewReader(bytes.NewReader(head)).Next()
	return len(head) == 512 && err == nil
}

// openCompressed unpacks a gzipped archive to a temporary file and opens that.
func openCompressed(ctx context.Context, path string, f *os.File, o Options) (*Image, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", runtime.ErrImage, path, err)
	}
	in := bufio.NewReader(z)
	if head, _ := in.Peek(512); !isTar(head) {
		return nil, fmt.Errorf("%w: %s is compressed, and what it holds is no tar archive", runtime.ErrImage, path)
	}
	t, err := os.CreateTemp(o.TempDir, "etal-image-")
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", path, err)
	}
	drop := func() error { return errors.Join(t.Close(), os.Remove(t.Name())) }
	i, err := func() (*Image, error) {
		n, err := io.Copy(t, io.LimitReader(reader{ctx, in}, MaxSize+1))
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("unpack %s: %w", path, ctx.Err())
		case errors.As(err, new(*fs.PathError)): // the temporary file cannot be written
			return nil, fmt.Errorf("unpack %s: %w", path, err)
		case err != nil:
			return nil, fmt.Errorf("%w: %s: %w", runtime.ErrDigest, path, err)
		case n > MaxSize:
			return nil, fmt.Errorf("%w: %s unpacks to more than %d GiB", runtime.ErrImage, path, MaxSize>>30)
		}
		return openArchive(ctx, path, t, o)
	}()
	if err != nil {
		return nil, errors.Join(err, drop())
	}
	i.release = append(i.release, drop)
	return i, nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// check reads the whole of a local image's blobs.
func (i *Image) check(ctx context.Context) error {
	for _, b := range i.blobs {
		r, err := i.Open(ctx, b.Digest)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, reader{ctx, r})
		r.Close()
		if err != nil {
			return fmt.Errorf("check blob: %w", err)
		}
	}
	return nil
}
