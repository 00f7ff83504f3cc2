package node

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/etal-cloud/etal/node/provider"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/etal-cloud/etal/runtime/image"
)

func openImage(ctx context.Context, ref, arch string) (renter.Image, error) {
	img, err := image.Open(ctx, ref, image.Options{Arch: arch})
	if err != nil {
		return nil, err
	}
	return img, nil
}

// archive writes an input, a file or a folder, to w.
func archive(ctx context.Context, path string, w io.Writer) error {
	fi, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !fi.Mode().IsRegular() {
		_, err := image.Archive(ctx, path, w)
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	t := tar.NewWriter(w)
	h := tar.Header{Typeflag: tar.TypeDir, Name: provider.InputFile + "/", Mode: 0o755, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if err := t.WriteHeader(&h); err != nil {
		return err
	}
	h.Typeflag, h.Name, h.Size, h.Mode = tar.TypeReg, provider.InputFile+"/"+filepath.Base(path), fi.Size(), 0o644
	if fi.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	if err := t.WriteHeader(&h); err != nil {
		return err
	}
	if _, err := io.CopyN(t, f, fi.Size()); err != nil {
		return fmt.Errorf("%s changed while it was read: %w", path, err)
	}
	return t.Close()
}

// extract unpacks what a provider sends below dir, which is made if missing.
func extract(ctx context.Context, r io.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	_, err := image.Extract(ctx, r, dir, image.Limits{})
	return err
}
