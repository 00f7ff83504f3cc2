package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// maxSocketPath is the longest socket path used as it is. Linux allows 107
// bytes, macOS 103.
const maxSocketPath = 100

// SocketPath returns where the node of a data folder listens. Where the path in
// the folder itself would be too long it is a name made of the folder's hash in
// a folder of this user only, which is made here; it is an error when somebody
// else owns that.
func SocketPath(data string) (string, error) {
	abs, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("socket path: %w", err)
	}
	if p := filepath.Join(abs, "api.sock"); len(p) <= maxSocketPath {
		return p, nil
	}
	sum := sha256.Sum256([]byte(abs))
	name := hex.EncodeToString(sum[:8]) + ".sock"
	dir := filepath.Join(os.TempDir(), "etal-"+strconv.Itoa(os.Getuid()))
	if len(dir)+1+len(name) > maxSocketPath {
		dir = filepath.Join("/tmp", "etal-"+strconv.Itoa(os.Getuid()))
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("socket path: %w", err)
	}
	if err := checkOwn(dir); err != nil {
		return "", fmt.Errorf("socket path: %w", err)
	}
	return filepath.Join(dir, name), nil
}

// ErrInUse means that a node answers on the socket already.
var ErrInUse = errors.New("a node is running here already")

// listen opens the socket. A socket file that nobody answers on is left over
// from a node that died, and is replaced.
func listen(ctx context.Context, path string) (net.Listener, error) {
	if c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path); err == nil {
		_ = c.Close()
		return nil, fmt.Errorf("listen on %s: %w", path, ErrInUse)
	}
	if fi, err := os.Lstat(path); err == nil {
		if fi.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("listen on %s: a file that is no socket is in the way", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ownListener{l}, nil
}

// ownListener lets in only the user that runs this process, and root.
type ownListener struct{ net.Listener }

// Accept returns the next connection of an allowed user; others are closed.
func (l ownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := peerUID(c)
		if err == nil && allowed(uid, os.Getuid()) {
			return c, nil
		}
		_ = c.Close()
	}
}

// allowed reports whether a user may speak to a node that another user runs.
func allowed(uid, owner int) bool { return uid == owner || uid == 0 }
