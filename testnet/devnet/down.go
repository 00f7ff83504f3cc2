package devnet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/etal-cloud/etal/node/api"
)

// How long a node may take to end by itself.
const (
	nodeGrace  = 8 * time.Second
	chainGrace = 5 * time.Second
)

// Kill ends a node at once, as a power cut would. With machine it ends the jobs
// and the container engine of a provider too, as if its machine had died;
// without, only etal's own process.
func (n *Net) Kill(ctx context.Context, name string, machine bool) error {
	return n.change(func() error {
		i, err := n.find(name)
		if err != nil {
			return err
		}
		if err := n.update(i, func(m *member) { m.Killed = true }); err != nil {
			return err
		}
		m := n.member(i)
		if err := m.Process.end(ctx, 0); err != nil {
			return fmt.Errorf("kill %s: %w", name, err)
		}
		if machine {
			return n.killEngine(ctx, m)
		}
		return nil
	})
}

// Stop asks a node to end and waits for it. A provider's jobs run on.
func (n *Net) Stop(ctx context.Context, name string) error {
	return n.change(func() error {
		i, err := n.find(name)
		if err != nil {
			return err
		}
		if err := n.member(i).Process.end(ctx, nodeGrace); err != nil {
			return fmt.Errorf("stop %s: %w", name, err)
		}
		return nil
	})
}

func (n *Net) killEngine(ctx context.Context, m member) error {
	if m.Role == RoleChain || n.o.KillEngine == nil { // any other may have been told to sell
		return nil
	}
	if err := n.o.KillEngine(ctx, EngineRoot(m.Data)); err != nil {
		return fmt.Errorf("end the engine of %s: %w", m.Name, err)
	}
	return nil
}

// Down ends every process of the network, the engines of its providers and all
// that they ran, and removes its folder. It works on what a crash left, too.
func (n *Net) Down(ctx context.Context) error {
	return n.change(func() error { return n.down(ctx) })
}

// down ends the network. It goes on when one thing fails, so that as little as
// possible is left, and keeps the folder then: it says what to look for.
func (n *Net) down(ctx context.Context) error {
	var first errgroup.Group
	for i := range n.rec.Nodes {
		m := n.member(i)
		if m.Role == RoleChain { // last, so that the others can settle
			continue
		}
		first.Go(func() error {
			err := m.Process.end(ctx, nodeGrace)
			return errors.Join(err, n.killEngine(ctx, m))
		})
	}
	err := first.Wait()
	for i := range n.rec.Nodes {
		if m := n.member(i); m.Role == RoleChain {
			err = errors.Join(err, m.Process.end(ctx, chainGrace))
		}
	}
	// What was started and not written down, and what the started ones started.
	for _, p := range marked(n.rec.Mark) {
		err = errors.Join(err, p.end(ctx, 0))
	}
	if err != nil {
		return fmt.Errorf("take the devnet down: %w", err)
	}
	for i := range n.rec.Nodes { // that of a killed node, where its path is too long for a socket
		if socket, e := api.SocketPath(n.member(i).Data); e == nil {
			if e := os.Remove(socket); !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}
	if err != nil {
		return fmt.Errorf("take the devnet down: %w", err)
	}
	if err := removeAll(n.o.Dir); err != nil {
		return fmt.Errorf("take the devnet down: %w", err)
	}
	return nil
}

// removeAll removes a folder, with those below that an image made read-only.
// devnet.json goes last: what a crash leaves can be taken down again.
func removeAll(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == recordName {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if os.RemoveAll(path) == nil {
			continue
		}
		// A folder that may not be written is opened up before it is entered.
		if err := filepath.WalkDir(path, func(p string, d fs.DirEntry, _ error) error {
			if d != nil && d.IsDir() {
				return os.Chmod(p, 0o700)
			}
			return nil
		}); err != nil {
			return err
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}
