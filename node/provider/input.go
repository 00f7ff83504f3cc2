package provider

import (
	"context"

	"github.com/etal-cloud/etal/runtime/image"
)

// receiveInput unpacks one input into dir and returns the bytes it took.
func receiveInput(ctx context.Context, s Stream, dir string, limit int64) (int64, error) {
	// An archive is larger than its files: a header and padding for each.
	c, err := image.Extract(ctx, s.RecvBytes(2*limit+(64<<20)), dir, image.Limits{Bytes: limit, Files: maxInputFiles})
	return c.Bytes, err
}

// maxInputFiles bounds the files of one input.
const maxInputFiles = 20_000
