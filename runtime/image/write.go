package image

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// WriteArchive writes the image as an OCI archive, which Open and other
// engines read. The same image gives the same bytes.
func (i *Image) WriteArchive(ctx context.Context, w io.Writer) error {
	if err := i.writeArchive(ctx, w); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	return nil
}

func (i *Image) writeArchive(ctx context.Context, w io.Writer) error {
	index, err := json.Marshal(v1.IndexManifest{
		SchemaVersion: 2, MediaType: types.OCIImageIndex,
		Manifests: []v1.Descriptor{{
			MediaType: types.MediaType(i.manifest.MediaType), Digest: mustHash(i.digest), Size: i.blobs[len(i.blobs)-1].Size,
			Platform: &v1.Platform{OS: i.config.OS, Architecture: i.config.Arch},
		}},
	})
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	put := func(name string, size int64, r io.Reader) error {
		h := tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0)}
		if strings.HasSuffix(name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		_, err := io.Copy(t, r)
		return err
	}
	for _, f := range []struct{ name, text string }{
		{"oci-layout", `{"imageLayoutVersion":"1.0.0"}`}, {"index.json", string(index)}, {"blobs/", ""}, {"blobs/sha256/", ""},
	} {
		if err := put(f.name, int64(len(f.text)), strings.NewReader(f.text)); err != nil {
			return err
		}
	}
	for _, b := range i.blobs {
		r, err := i.Open(ctx, b.Digest)
		if err != nil {
			return err
		}
		err = put(blobName(b.Digest), b.Size, reader{ctx, r})
		r.Close()
		if err != nil {
			return err
		}
	}
	return t.Close()
}
