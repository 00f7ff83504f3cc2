package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/etal-cloud/etal/runtime"
)

// bag is a set of named files that holds an image: an archive or a folder.
type bag interface {
	// open returns a file's content and its size; fs.ErrNotExist without it.
	open(name string) (io.ReadCloser, int64, error)
}

// small reads a file of a bag that must be small.
func small(b bag, name string, most int64) ([]byte, error) {
	r, size, err := b.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size > most {
		return nil, fmt.Errorf("%w: its %.80s has more than %d bytes", runtime.ErrImage, name, most)
	}
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %.80s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%w: its %.80s has more than %d bytes", runtime.ErrImage, name, most)
	}
	return data, nil
}

// folder is a bag on disk. os.Root keeps links from leading out of it.
type folder struct{ root *os.Root }

func (f folder) open(name string) (io.ReadCloser, int64, error) {
	// Stat first: opening a named pipe would wait for its writer.
	fi, err := f.root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	if err != nil { // a link that leads out of the folder, for one
		return nil, 0, fmt.Errorf("%w: %w", runtime.ErrImage, err)
	}
	if !fi.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%w: its %.80s is no file", runtime.ErrImage, name)
	}
	r, err := f.root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	return r, fi.Size(), nil
}

// maxMembers bounds the files in an archive: an image of MaxLayers layers for
// each of many architectures has fewer.
const maxMembers = 16384

// member is where a file of an archive lies, or which other one it is.
type member struct {
	at, size int64
	link     string
}

// archive is a bag in a tar file.
type archive struct {
	r       io.ReaderAt
	members map[string]member
}

// readArchive finds the files in a tar file of the given size. Their content is
// not read.
func readArchive(r io.ReaderAt, size int64) (*archive, error) {
	s := io.NewSectionReader(r, 0, size)
	a := &archive{r: r, members: make(map[string]member)}
	t := tar.NewReader(s)
	for n := 0; ; n++ {
		h, err := t.Next()
		if err == io.EOF {
			return a, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", runtime.ErrImage, err)
		}
		if n == maxMembers {
			return nil, fmt.Errorf("%w: more than %d files in the archive", runtime.ErrImage, maxMembers)
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeReg:
			// The tar reader buffers nothing: its input stands at the content.
			at, err := s.Seek(0, io.SeekCurrent)
			if err != nil || at > size || h.Size > size-at {
				return nil, fmt.Errorf("%w: the archive ends within %.80q", runtime.ErrImage, name)
			}
			a.members[name] = member{at: at, size: h.Size}
		case tar.TypeSymlink:
			a.members[name] = member{link: path.Join(path.Dir(name), h.Linkname)}
		case tar.TypeLink:
			a.members[name] = member{link: path.Clean(h.Linkname)}
		}
	}
}

// maxLinks bounds a chain of links: docker writes layers that are the same as
// one link to the first.
const maxLinks = 4

func (a *archive) open(name string) (io.ReadCloser, int64, error) {
	name = path.Clean(name)
	for range maxLinks {
		m, ok := a.members[name]
		if !ok {
			return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		if m.link == "" {
			return io.NopCloser(io.NewSectionReader(a.r, m.at, m.size)), m.size, nil
		}
		name = m.link
	}
	return nil, 0, fmt.Errorf("%w: a chain of links at %.80s", runtime.ErrImage, name)
}

// blobName is where an OCI layout keeps a blob.
func blobName(digest string) string {
	return path.Join("blobs", strings.Replace(digest, ":", "/", 1))
}

// missing says that a part of an image is not in its bag.
func missing(err error, what string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: it lacks %.100s", runtime.ErrImage, what)
	}
	return err
}
