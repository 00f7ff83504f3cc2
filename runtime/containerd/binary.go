//go:build linux

package containerd

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/etal-cloud/etal/runtime"
)

// binaryName is the engine's file. The engine makes the other names it is
// started as by itself, in its root.
const binaryName = "etal-engine"

// maxBinary bounds what a carried engine unpacks to.
const maxBinary = 1 << 30

// findBinary returns the path of the engine's file: the one that is named, the
// one that $ETAL_ENGINE names, the one that this program carries, or the one
// beside it.
func findBinary(named string) (string, error) {
	if named == "" {
		named = os.Getenv("ETAL_ENGINE")
	}
	if named != "" {
		path, err := filepath.Abs(named)
		if err != nil {
			return "", fmt.Errorf("engine: %w", err)
		}
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%w: %w", runtime.ErrUnsupported, err)
		}
		return path, nil
	}
	if len(carried) > 0 {
		cache, err := os.UserCacheDir()
		if err != nil {
			// A service or a bare container may have no home.
			cache = filepath.Join(os.TempDir(), fmt.Sprintf("etal-%d", os.Getuid()))
		}
		return unpack(carried, filepath.Join(cache, "etal", "engine"))
	}
	self, err := os.Executable()
	if err == nil {
		beside := filepath.Join(filepath.Dir(self), binaryName)
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	return "", fmt.Errorf("%w: this build carries no engine, and there is no %s beside it (make build, or $ETAL_ENGINE)",
		runtime.ErrUnsupported, binaryName)
}

// unpack writes the compressed engine below dir, in a folder named by its hash,
// unless it is there and whole. A file that was cut off or changed is replaced:
// its size and time are compared with a note that is written last.
func unpack(compressed []byte, dir string) (string, error) {
	sum := sha256.Sum256(compressed)
	dir = filepath.Join(dir, hex.EncodeToString(sum[:8]))
	path, note := filepath.Join(dir, binaryName), filepath.Join(dir, "whole")
	if ours(dir) && whole(path, note) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	if !ours(dir) {
		return "", fmt.Errorf("unpack engine: %s belongs to someone else or can be changed by others", dir)
	}
	zr, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	tmp, err := os.CreateTemp(dir, "new-")
	if err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	defer os.Remove(tmp.Name())
	n, err := io.Copy(tmp, io.LimitReader(zr, maxBinary+1))
	if err == nil && n > maxBinary {
		err = errors.New("it is too large")
	}
	if err = errors.Join(err, tmp.Chmod(0o700), tmp.Sync(), tmp.Close()); err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	stamp, err := stampOf(path)
	if err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	if err := writeFile(note, []byte(stamp)); err != nil {
		return "", fmt.Errorf("unpack engine: %w", err)
	}
	return path, nil
}

func whole(path, note string) bool {
	want, err := os.ReadFile(note)
	if err != nil {
		return false
	}
	got, err := stampOf(path)
	return err == nil && got == string(want)
}

func stampOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano()), nil
}
