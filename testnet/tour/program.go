package tour

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// programName is the packed program's file, beside the executable or in the
// tour's folder.
const programName = "render.tar"

// maxProgram bounds what a carried program unpacks to.
const maxProgram = 64 << 20

// ErrProgram means that this build carries no renderer and none is beside it.
var ErrProgram = errors.New("this build carries no render job, and there is no " + programName + " beside it: `make build` makes both")

// program returns the path of the packed program: the one that this build
// carries, written into dir, or the one beside the executable binary.
func program(binary, dir string) (string, error) {
	if len(carried) == 0 {
		beside := filepath.Join(filepath.Dir(binary), programName)
		if _, err := os.Stat(beside); err != nil {
			return "", ErrProgram
		}
		return beside, nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(carried))
	if err != nil {
		return "", fmt.Errorf("unpack the render job: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(zr, maxProgram+1))
	if err == nil && len(raw) > maxProgram {
		err = errors.New("it is too large")
	}
	if err != nil {
		return "", fmt.Errorf("unpack the render job: %w", err)
	}
	path := filepath.Join(dir, programName)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return "", fmt.Errorf("unpack the render job: %w", err)
	}
	return path, nil
}
