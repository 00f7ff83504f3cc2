// Command pack writes a static Linux program as an OCI archive, for the build:
//
//	pack PROGRAM ARCHIVE.tar
//
// The same program gives the same archive.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/etal-cloud/etal/runtime/image"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack PROGRAM ARCHIVE.tar")
		os.Exit(2)
	}
	if err := pack(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "pack: %v\n", err)
		os.Exit(1)
	}
}

func pack(ctx context.Context, program, archive string) (err error) {
	img, err := image.Binary(ctx, program, runtime.GOARCH)
	if err != nil {
		return err
	}
	defer img.Close()
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return img.WriteArchive(ctx, f)
}
