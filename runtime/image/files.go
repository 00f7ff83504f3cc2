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
	"time"
)

// The errors of file archives. Match them with errors.Is.
var (
	// ErrArchive means that a stream is no archive that etal accepts.
	ErrArchive = errors.New("not an acceptable archive of files")
	// ErrLimit means that an archive holds more than its Limits allow.
	ErrLimit = errors.New("too much in the archive")
)

// Contents says what Archive wrote or Extract accepted.
type Contents struct {
	Files   int      // files and folders
	Bytes   int64    // of all files together
	Skipped []string // by Archive: links and special files; the first 100
}

// maxSkipped bounds Contents.Skipped.
const maxSkipped = 100

// Archive writes a folder's files, or a single file, as a tar stream that
// Extract reads. Of permissions only "executable" goes along, and neither owners
// nor times: the same files give the same bytes. Links and special files are
// left out and named in Contents. The path from is trusted, and may be a link.
func Archive(ctx context.Context, from string, w io.Writer) (Contents, error) {
	fi, err := os.Stat(from)
	if err != nil {
		return Contents{}, fmt.Errorf("archive files: %w", err)
	}
	real, err := filepath.EvalSymlinks(from)
	if err != nil {
		return Contents{}, fmt.Errorf("archive files: %w", err)
	}
	dir, start := real, "."
	if !fi.IsDir() {
		dir, start = filepath.Split(real)
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return Contents{}, fmt.Errorf("archive files: %w", err)
	}
	defer root.Close()
	return ArchiveIn(ctx, root, start, w)
}

// ArchiveIn is Archive for a file or a folder that is named inside a stranger's
// folder, such as a job's output: nothing outside root is ever read, whatever
// links the stranger made, even while it is read. The name "." means all of it.
func ArchiveIn(ctx context.Context, root *os.Root, name string, w io.Writer) (Contents, error) {
	start := path.Clean(filepath.ToSlash(name))
	fi, err := root.Stat(filepath.FromSlash(start))
	if err != nil {
		return Contents{}, fmt.Errorf("archive files: %w", err)
	}
	if !fi.IsDir() && !fi.Mode().IsRegular() {
		return Contents{}, fmt.Errorf("archive files: %w: %s is neither a file nor a folder", ErrArchive, name)
	}
	var c Contents
	t := tar.NewWriter(w)
	err = fs.WalkDir(root.FS(), start, func(at string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		// A folder's files are named from the folder on, a single file by its own name.
		inside := strings.TrimPrefix(at, start+"/")
		if at == start && fi.IsDir() {
			return nil
		} else if at == start {
			inside = path.Base(at)
		}
		return c.add(t, root, at, inside, e)
	})
	if err == nil {
		err = t.Close()
	}
	if err != nil {
		return c, fmt.Errorf("archive files: %w", err)
	}
	return c, nil
}

// add writes one entry.
func (c *Contents) add(t *tar.Writer, root *os.Root, at, inside string, e fs.DirEntry) error {
	fi, err := e.Info()
	if err != nil {
		return err
	}
	h := tar.Header{Typeflag: tar.TypeReg, Name: inside, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if fi.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	switch {
	case fi.IsDir():
		h.Typeflag, h.Name, h.Mode = tar.TypeDir, inside+"/", 0o755
		err = t.WriteHeader(&h)
	case fi.Mode().IsRegular():
		h.Size = fi.Size()
		c.Bytes += h.Size
		err = tarFile(t, &h, root, at)
	default:
		if len(c.Skipped) < maxSkipped {
			c.Skipped = append(c.Skipped, inside)
		}
		return nil
	}
	c.Files++
	return err
}
