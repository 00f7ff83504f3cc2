//go:build linux

package containerd

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	client "github.com/containerd/containerd/v2/client"
	"github.com/containerd/errdefs"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// namespace is containerd's word for a set of names; ours are all in one.
const namespace = "etal"

// house is where the engine sees its root, whatever its path outside.
const house = "/run/etal"

// hostRun is where the engine sees this machine's /run.
const hostRun = "/run/etal-host"

// maxSocketPath is the longest path a unix socket can have.
const maxSocketPath = 107

// Engine is a launched engine. It implements runtime.Engine.
type Engine struct {
	root        string
	dir         *os.File // root: a way to its socket that is never too long
	client      *client.Client
	log         *slog.Logger
	snapshotter string

	mu   sync.Mutex // guards the following field
	jobs map[string]*sync.Mutex

	unpacking sync.Mutex // one image is unpacked at a time

	closing sync.Once
	closed  error // what closing returned
}

var _ runtime.Engine = (*Engine)(nil)

// adopt connects to the engine that runs in root.
func adopt(ctx context.Context, root string, log *slog.Logger) (_ *Engine, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("adopt engine: %w", err)
		}
	}()
	// The lock is taken a moment before the record is written.
	if err := poll(ctx, launchTime, func() (bool, error) {
		r, err := readRecord(root)
		if err == nil && r.current() {
			return true, nil
		}
		if !Alive(root) {
			return false, fmt.Errorf("%w: it ended", runtime.ErrUnavailable)
		}
		return false, nil
	}); err != nil {
		return nil, err
	}
	dir, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	e := &Engine{root: root, dir: dir, log: log, jobs: map[string]*sync.Mutex{}}
	defer func() {
		if err != nil {
			e.Close()
		}
	}()
	conn, err := grpc.NewClient("passthrough:///etal-engine",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", e.socket())
		}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.6, MaxDelay: 500 * time.Millisecond},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20), grpc.MaxCallSendMsgSize(16<<20)),
		grpc.WithUnaryInterceptor(inNamespace),
		grpc.WithStreamInterceptor(inNamespaceStream),
	)
	if err != nil {
		return nil, err
	}
	if e.client, err = client.NewWithConn(conn, client.WithDefaultNamespace(namespace)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := poll(ctx, launchTime, func() (bool, error) {
		e.snapshotter, err = e.pickSnapshotter(ctx)
		if errdefs.IsUnavailable(err) && Alive(root) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return nil, unavailable(err)
	}
	return e, nil
}

// socket returns the engine's socket, through the open root where its own path
// is too long for one.
func (e *Engine) socket() string {
	const name = "containerd.sock"
	if p := filepath.Join(e.root, name); len(p) <= maxSocketPath {
		return p
	}
	return filepath.Join("/proc/self/fd", strconv.Itoa(int(e.dir.Fd())), name)
}

// pickSnapshotter prefers overlayfs, which shares an image's files between its
// containers; native, which copies them, works on every file system.
func (e *Engine) pickSnapshotter(ctx context.Context) (string, error) {
	resp, err := e.client.IntrospectionService().Plugins(ctx, "type==io.containerd.snapshotter.v1")
	if err != nil {
		return "", err
	}
	for _, p := range resp.Plugins {
		if p.ID == "overlayfs" && p.InitErr == nil {
			return p.ID, nil
		}
	}
	return "native", nil
}

// Root returns the engine's folder.
func (e *Engine) Root() string { return e.root }

// Info describes the engine and its machine. It needs no answer from the engine.
func (e *Engine) Info(context.Context) (runtime.Info, error) {
	rec, err := readRecord(e.root)
	if err != nil {
		return runtime.Info{}, fmt.Errorf("%w: %w", runtime.ErrUnavailable, err)
	}
	memory, err := totalMemory()
	if err != nil {
		return runtime.Info{}, fmt.Errorf("info: %w", err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(e.root, &fs); err != nil {
		return runtime.Info{}, fmt.Errorf("info: %w", err)
	}
	return runtime.Info{
		Name: "etal-engine", Version: rec.Version + "-" + rec.Binary[:min(12, len(rec.Binary))],
		Tiers: []market.Tier{market.TierSandbox}, Limits: runtime.LimitsWatchdog,
		Rootless: os.Getuid() != 0, Arch: goruntime.GOARCH,
		Capacity: market.Resources{
			MilliCPU: int64(goruntime.NumCPU()) * 1000,
			Memory:   memory,
			Disk:     int64(fs.Bavail) * fs.Bsize,
		},
	}, nil
}

// totalMemory reads the machine's memory in bytes.
func totalMemory() (int64, error) {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("/proc/meminfo has no MemTotal")
}

// Close lets go of the engine; allocations run on. Closing again does nothing.
func (e *Engine) Close() error {
	e.closing.Do(func() {
		if e.client != nil {
			e.closed = e.client.Close()
		}
		e.closed = errors.Join(e.closed, e.dir.Close())
	})
	return e.closed
}

// Shutdown ends the engine and every job in it, and returns once nothing of it
// runs. What is in its root stays, so that a later Launch finds the allocations:
// those that ran are lost.
func (e *Engine) Shutdown(ctx context.Context) error {
	return errors.Join(e.Close(), Kill(ctx, e.root))
}

// lock keeps two operations on one allocation apart. The caller unlocks.
func (e *Engine) lock(id string) *sync.Mutex {
	e.mu.Lock()
	m := e.jobs[id]
	if m == nil {
		m = &sync.Mutex{}
		e.jobs[id] = m
	}
	e.mu.Unlock()
	m.Lock()
	return m
}

// forget drops the lock of an allocation that is gone. Whoever waits for it
// still gets it, and finds nothing.
func (e *Engine) forget(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.jobs, id)
}

// unavailable turns containerd's word for an engine that cannot be reached into
// ours. Other errors pass as they are.
func unavailable(err error) error {
	if err != nil && (errdefs.IsUnavailable(err) || errdefs.IsDeadlineExceeded(err)) && !errors.Is(err, runtime.ErrUnavailable) {
		return fmt.Errorf("%w: %w", runtime.ErrUnavailable, err)
	}
	return err
}

func newSum() hash.Hash { return sha256.New() }
