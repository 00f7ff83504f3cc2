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
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// usableFolder ends the error about a folder that is no image.
const usableFolder = "a folder must be an OCI layout (index.json and blobs/), or a root filesystem (with bin/ or usr/bin/) and a command after --"

// openFolder opens an OCI layout or packs a root filesystem.
func openFolder(ctx context.Context, dir string, o Options) (*Image, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", runtime.ErrImage, err)
	}
	i, err := fromFolder(ctx, root, o)
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	i.release = append(i.release, root.Close)
	return i, nil
}

func fromFolder(ctx context.Context, root *os.Root, o Options) (*Image, error) {
	i, err := fromLayout(folder{root}, o.Arch)
	if err == nil {
		return i, i.check(ctx)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if !hasPrograms(root) {
		return nil, fmt.Errorf("%w: %s", runtime.ErrImage, usableFolder)
	}
	if len(o.Command) == 0 {
		return nil, fmt.Errorf("%w: it is a root filesystem, and nothing says what to run in it; give a command after --", runtime.ErrImage)
	}
	layer := func(w io.Writer) error { return rootLayer(ctx, w, root) }
	return Pack(ctx, Config{OS: "linux", Arch: o.Arch, Cmd: o.Command, Env: []string{DefaultPath}, WorkDir: "/"}, layer)
}

// hasPrograms reports whether a folder looks like a root filesystem.
func hasPrograms(root *os.Root) bool {
	for _, name := range []string{"bin", "usr/bin", "sbin"} {
		if fi, err := root.Stat(name); err == nil && fi.IsDir() {
			return true
		}
	}
	return false
}

// rootLayer writes a root filesystem as a layer: folders, files and links, in
// the order of their names, with their permissions, owned by root and without
// times. Devices, pipes and sockets are left out: the engine makes its own.
func rootLayer(ctx context.Context, w io.Writer, root *os.Root) error {
	t := tar.NewWriter(w)
	err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		h := tar.Header{Name: name, Mode: tarMode(fi.Mode()), ModTime: time.Unix(0, 0)}
		switch {
		case fi.IsDir():
			h.Typeflag, h.Name = tar.TypeDir, name+"/"
		case fi.Mode()&fs.ModeSymlink != 0:
			h.Typeflag, h.Mode = tar.TypeSymlink, 0o777
			if h.Linkname, err = root.Readlink(name); err != nil {
				return err
			}
			h.Linkname = filepath.ToSlash(h.Linkname)
		case fi.Mode().IsRegular():
			h.Typeflag, h.Size = tar.TypeReg, fi.Size()
			return tarFile(t, &h, root, name)
		default:
			return nil
		}
		return t.WriteHeader(&h)
	})
	if err != nil {
		return fmt.Errorf("read the root filesystem: %w", err)
	}
	return t.Close()
}

// tarMode is a file's permission as tar writes it.
func tarMode(m fs.FileMode) int64 {
	mode := int64(m.Perm())
	for bit, is := range map[int64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&is != 0 {
			mode |= bit
		}
	}
	return mode
}

// tarFile writes a header and the file's content, which must still have the
// size in the header.
func tarFile(t *tar.Writer, h *tar.Header, root *os.Root, name string) error {
	// Opening what became a pipe must not wait for its writer.
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	// What was a file when it was listed may be a link to a device by now.
	if fi, err := f.Stat(); err != nil {
		return err
	} else if !fi.Mode().IsRegular() || fi.Size() != h.Size {
		return fmt.Errorf("%s changes while it is read", path.Base(name))
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	if n, err := io.Copy(t, io.LimitReader(f, h.Size)); err != nil {
		return err
	} else if n != h.Size {
		return fmt.Errorf("%s changes while it is read", path.Base(name))
	}
	return nil
}
