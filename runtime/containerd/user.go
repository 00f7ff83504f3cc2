//go:build linux

package containerd

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// user is as whom a job runs. The numbers count inside its sandbox only.
type user struct {
	uid, gid uint32
	groups   []uint32
	home     string
}

// maxAccounts bounds an image's passwd and group files.
const maxAccounts = 1 << 20

// userOf resolves an image's user: NAME or UID, with or without :GROUP or :GID.
// Names are looked up in the image's own /etc/passwd and /etc/group, which are
// read from its layers: its files are mounted where only the engine sees them.
func (e *Engine) userOf(ctx context.Context, u unpacked) (user, error) {
	name, group, hasGroup := strings.Cut(u.config.User, ":")
	if name == "" || name == "0" || name == "root" {
		if !hasGroup || group == "0" || group == "root" || group == "" {
			return user{home: "/root"}, nil
		}
		name = "0"
	}
	files, err := e.accounts(ctx, u.manifest)
	if err != nil {
		return user{}, err
	}
	out := user{home: "/"}
	uid, isNumber := number(name)
	found := false
	if err := eachLine(files["etc/passwd"], 7, func(f []string) bool {
		id, ok := number(f[2])
		gid, ok2 := number(f[3])
		if !ok || !ok2 || f[0] != name && (!isNumber || id != uid) {
			return true
		}
		out.uid, out.gid, found = id, gid, true
		if strings.HasPrefix(f[5], "/") {
			out.home = f[5]
		}
		name = f[0]
		return false
	}); err != nil {
		return user{}, err
	}
	if !found {
		if !isNumber {
			return user{}, fmt.Errorf("%w: it runs as %.80q, who is not in its /etc/passwd", runtime.ErrImage, name)
		}
		out.uid = uid
	}
	if hasGroup && group != "" {
		gid, isNumber := number(group)
		found := isNumber
		if err := eachLine(files["etc/group"], 4, func(f []string) bool {
			id, ok := number(f[2])
			if ok && f[0] == group {
				gid, found = id, true
				return false
			}
			return true
		}); err != nil {
			return user{}, err
		}
		if !found {
			return user{}, fmt.Errorf("%w: it runs in the group %.80q, which is not in its /etc/group", runtime.ErrImage, group)
		}
		out.gid = gid
		return out, nil
	}
	err = eachLine(files["etc/group"], 4, func(f []string) bool {
		for _, m := range strings.Split(f[3], ",") {
			if id, ok := number(f[2]); ok && m == name && len(out.groups) < 256 {
				out.groups = append(out.groups, id)
			}
		}
		return true
	})
	return out, err
}

func number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return uint32(n), err == nil
}

// eachLine calls f with the fields of each line of an account file that has n of
// them, until it returns false.
func eachLine(file string, n int, f func(fields []string) bool) error {
	s := bufio.NewScanner(strings.NewReader(file))
	for s.Scan() {
		if fields := strings.SplitN(s.Text(), ":", n+1); len(fields) == n && !f(fields) {
			return nil
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%w: its /etc/passwd or /etc/group: %w", runtime.ErrImage, err)
	}
	return nil
}

// accounts reads etc/passwd and etc/group as the top layer that has them does.
func (e *Engine) accounts(ctx context.Context, m image.Manifest) (map[string]string, error) {
	files := map[string]string{}
	for i := len(m.Layers) - 1; i >= 0; i-- {
		here, err := e.accountsOf(ctx, m.Layers[i])
		if err != nil {
			return nil, err
		}
		for name, text := range here {
			if _, ok := files[name]; !ok {
				files[name] = text
			}
		}
		if len(files) == 2 {
			break
		}
	}
	return files, nil
}

func (e *Engine) accountsOf(ctx context.Context, b runtime.Blob) (map[string]string, error) {
	blob, err := e.client.ContentStore().ReaderAt(ctx, ocispec.Descriptor{Digest: digest.Digest(b.Digest), Size: b.Size})
	if err != nil {
		return nil, unavailable(err)
	}
	defer blob.Close()
	var r io.Reader = bufio.NewReaderSize(content.NewReader(blob), 256<<10)
	switch {
	case strings.HasSuffix(b.MediaType, "zstd"):
		return nil, fmt.Errorf("%w: a named user in an image with zstd layers; give it a number", runtime.ErrUnsupported)
	case strings.HasSuffix(b.MediaType, "gzip"):
		if r, err = gzip.NewReader(r); err != nil {
			return nil, fmt.Errorf("%w: layer: %w", runtime.ErrImage, err)
		}
	}
	return accountFiles(r)
}

// accountFiles picks the account files out of a layer. A file that the layer
// deletes is there, and empty.
func accountFiles(r io.Reader) (map[string]string, error) {
	files := map[string]string{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: layer: %w", runtime.ErrImage, err)
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		switch name {
		case "etc/passwd", "etc/group":
			if h.Typeflag != tar.TypeReg {
				continue
			}
			text, err := io.ReadAll(io.LimitReader(tr, maxAccounts+1))
			if err != nil {
				return nil, fmt.Errorf("%w: layer: %w", runtime.ErrImage, err)
			}
			if len(text) > maxAccounts {
				return nil, fmt.Errorf("%w: its /%s has more than %d bytes", runtime.ErrImage, name, maxAccounts)
			}
			files[name] = string(text)
		case "etc/.wh.passwd":
			files["etc/passwd"] = ""
		case "etc/.wh.group":
			files["etc/group"] = ""
		}
	}
}
