//go:build unix

package tour

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/etal-cloud/etal/testnet/devnet"
)

// ownerName is a file in a tour's folder that the tour holds a lock on: as long
// as it lives, and no longer.
const ownerName = "owner"

// folderForm is what the folders of this user's tours are called.
func folderForm() string { return fmt.Sprintf("etal-demo-%d-*", os.Getuid()) }

// makeFolder makes a folder for one tour. release gives its lock back.
func makeFolder() (dir string, release func(), err error) {
	dir, err = os.MkdirTemp("", folderForm())
	if err != nil {
		return "", nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	release, err = hold(dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, release, nil
}

// hold takes the lock of a tour's folder, or fails at once.
func hold(dir string) (release func(), err error) {
	fd, err := unix.Open(filepath.Join(dir, ownerName), unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", ownerName, err)
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("lock %s: %w", ownerName, err)
	}
	return func() { _ = unix.Close(fd) }, nil
}

// endLeftovers ends the networks of this user's tours that were killed.
func endLeftovers(ctx context.Context, killEngine func(context.Context, string) error) error {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), folderForm()))
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	var failed error
	for _, dir := range dirs {
		if !own(dir) {
			continue
		}
		release, err := hold(dir)
		if err != nil {
			continue // its tour goes on
		}
		failed = errors.Join(failed, endLeftover(ctx, dir, killEngine))
		release()
	}
	return failed
}

func endLeftover(ctx context.Context, dir string, killEngine func(context.Context, string) error) error {
	n, err := devnet.Load(devnet.Options{Dir: filepath.Join(dir, devnet.NetworkName), KillEngine: killEngine})
	switch {
	case errors.Is(err, devnet.ErrNone):
	case err != nil:
		return err
	default:
		ctx, cancel := context.WithTimeout(ctx, downTime)
		defer cancel()
		if err := n.Down(ctx); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}

// own reports whether nobody else can have put anything into a folder.
func own(dir string) bool {
	var st unix.Stat_t
	return unix.Lstat(dir, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == os.Getuid() && st.Mode&0o077 == 0
}
