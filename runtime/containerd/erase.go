//go:build linux

package containerd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Erase ends the engine of a root, if there is one, and deletes the root with
// everything in it. An ordinary os.RemoveAll fails for users who are not root:
// images, and the file system that layers them, contain folders that not even
// their owner may enter.
func Erase(ctx context.Context, root string) error {
	if err := Kill(ctx, root); err != nil {
		return err
	}
	// Folders only, never what a link points to: WalkDir follows none, and a
	// folder is made accessible before it is read.
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) || d != nil && d.IsDir() {
				return nil // removing tells, if it matters
			}
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm()&0o700 != 0o700 {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase %s: %w", root, err)
	}
	if err := os.RemoveAll(root); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}
