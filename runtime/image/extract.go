package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Limits bound what Extract accepts. A zero field has the default it names.
type Limits struct {
	Files int   // files and folders; 0 means 100,000
	Bytes int64 // of all files together; 0 means 10 GiB
	Depth int   // folders within folders; 0 means 64
}

// maxName bounds one part of a name, as every file system does.
const maxName = 255

// or fills in the defaults.
func (l Limits) or() Limits {
	if l.Files <= 0 {
		l.Files = 100_000
	}
	if l.Bytes <= 0 {
		l.Bytes = 10 << 30
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	return l
}

// Extract writes the files of a tar stream below the folder dir, which must
// exist. The stream may be a stranger's: only files and folders are accepted,
// with names that stay below dir, each once, within limits; the first thing
// that is not ends it with ErrArchive or ErrLimit. What was written until then
// stays: give it a folder of its own. A file that is there already is replaced.
func Extract(ctx context.Context, r io.Reader, dir string, limits Limits) (Contents, error) {
	limits = limits.or()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Contents{}, fmt.Errorf("extract files: %w", err)
	}
	defer root.Close()
	x := extraction{root: root, limits: limits, files: make(map[string]bool)}
	t := tar.NewReader(reader{ctx, r})
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return x.Contents, nil
		}
		if err == nil {
			err = x.entry(t, h)
		} else if ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", ErrArchive, err)
		}
		if err != nil {
			return x.Contents, fmt.Errorf("extract files: %w", err)
		}
	}
}

// extraction is one run of Extract.
type extraction struct {
	Contents
	root   *os.Root
	limits Limits
	files  map[string]bool // what was written: true is a file, false a folder
}

// entry accepts one entry.
func (x *extraction) entry(t *tar.Reader, h *tar.Header) error {
	name, err := entryName(h.Name, x.limits.Depth)
	if err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return x.folder(name)
	case tar.TypeReg:
		if _, seen := x.files[name]; seen || name == "." {
			return fmt.Errorf("%w: %q is there twice", ErrArchive, name)
		}
		if err := x.folder(path.Dir(name)); err != nil {
			return err
		}
		if err := x.count(name, true); err != nil {
			return err
		}
		if h.Size > x.limits.Bytes-x.Bytes {
			return fmt.Errorf("%w: more than %d bytes", ErrLimit, x.limits.Bytes)
		}
		x.Bytes += h.Size
		return extractFile(t, h, x.root, filepath.FromSlash(name))
	}
	return fmt.Errorf("%w: %q is a link or a special file", ErrArchive, name)
}

// count notes a file or a folder.
func (x *extraction) count(name string, file bool) error {
	if x.Files++; x.Files > x.limits.Files {
		return fmt.Errorf("%w: more than %d files and folders", ErrLimit, x.limits.Files)
	}
	x.files[name] = file
	return nil
}

// folder makes a folder and those above it.
func (x *extraction) folder(name string) error {
	if name == "." {
		return nil
	}
	if isFile, seen := x.files[name]; isFile {
		return fmt.Errorf("%w: %q is a file and a folder", ErrArchive, name)
	} else if seen {
		return nil
	}
	if err := x.folder(path.Dir(name)); err != nil {
		return err
	}
	if err := x.count(name, false); err != nil {
		return err
	}
	return x.root.MkdirAll(filepath.FromSlash(name), 0o755)
}

// entryName checks the name of an entry and returns it cleaned.
func entryName(name string, depth int) (string, error) {
	clean := path.Clean(name)
	parts := strings.Split(clean, "/")
	for _, p := range parts {
		if len(p) > maxName {
			return "", fmt.Errorf("%w: a name of more than %d bytes", ErrArchive, maxName)
		}
	}
	switch {
	case name == "", strings.ContainsAny(name, "\x00\\"), !filepath.IsLocal(filepath.FromSlash(clean)):
		return "", fmt.Errorf("%w: the name %.80q", ErrArchive, name)
	case len(parts) > depth:
		return "", fmt.Errorf("%w: more than %d folders within folders", ErrLimit, depth)
	}
	return clean, nil
}

// extractFile writes one file. A link that is in its place is replaced, and
// os.Root lets none of the folders above it lead out.
func extractFile(t *tar.Reader, h *tar.Header, root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	mode := fs.FileMode(0o644)
	if h.Mode&0o111 != 0 {
		mode = 0o755
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, t)
	if err == nil && n != h.Size {
		err = fmt.Errorf("%w: %d of %d bytes", ErrArchive, n, h.Size)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: it ends within %q", ErrArchive, filepath.ToSlash(name))
	}
	return errors.Join(err, f.Close())
}
