package devnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/etal-cloud/etal/node"
)

// logName is where a node's output goes, in its data folder.
const logName = "node.log"

// Start runs a node that does not run, and returns once it answers. Starting a
// running one does nothing.
func (n *Net) Start(ctx context.Context, name string) error {
	return n.change(func() error {
		i, err := n.find(name)
		if err != nil {
			return err
		}
		if n.member(i).Process.alive() {
			return nil
		}
		return n.launch(ctx, i)
	})
}

// launch starts a node's process and waits until it answers.
func (n *Net) launch(ctx context.Context, i int) error {
	m := n.member(i)
	if err := os.MkdirAll(m.Data, 0o700); err != nil {
		return fmt.Errorf("start %s: %w", m.Name, err)
	}
	if m.Role == RoleChain { // an old one would be taken for the new one's
		if err := os.Remove(filepath.Join(m.Data, chainName)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("start %s: %w", m.Name, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("start %s: %w", m.Name, err)
	}
	env := append(os.Environ(), markName+"="+n.rec.Mark)
	// If this process dies before the next line is done, the mark finds the child.
	p, err := spawn(n.o.Binary, m.Args, env, filepath.Join(m.Data, logName))
	if err != nil {
		return fmt.Errorf("start %s: %w", m.Name, err)
	}
	if err := n.update(i, func(m *member) { m.Process, m.Killed = p, false }); err != nil {
		return err
	}
	if m.Role == RoleChain {
		return n.await(ctx, i, chainPatience, func(context.Context) error {
			_, err := readChainInfo(m.Data)
			return err
		})
	}
	c, err := n.client(i)
	if err != nil {
		return err
	}
	defer c.Close()
	var s node.Status
	err = n.await(ctx, i, nodePatience, func(ctx context.Context) error {
		s, err = c.Status(ctx)
		if err == nil && s.PID != 0 && s.PID != p.PID {
			return fmt.Errorf("process %d answers in its place", s.PID)
		}
		return err
	})
	if err != nil {
		return err
	}
	return n.update(i, func(m *member) { m.Addresses = full(s) })
}

// full returns a node's addresses, each with its peer id.
func full(s node.Status) []string {
	out := []string{}
	for _, a := range s.Addresses {
		if !strings.Contains(a, "/p2p/") {
			a += "/p2p/" + s.Peer
		}
		out = append(out, a)
	}
	return out
}

// await asks until a node that was just started answers.
func (n *Net) await(ctx context.Context, i int, patience time.Duration, ask func(context.Context) error) error {
	m := n.member(i)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if !m.Process.alive() {
			return n.died(m)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("start %s: it does not answer (%w); its log is %s", m.Name, err, filepath.Join(m.Data, logName))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// died says why a node ended, in its own last words.
func (n *Net) died(m member) error {
	log := filepath.Join(m.Data, logName)
	return fmt.Errorf("%s ended while starting: %s (log: %s)", m.Name, LastWords(log), log)
}

// LastWords returns the last line of a log, shortened, or a sentence that there
// is none.
func LastWords(log string) string {
	const most = 8 << 10
	f, err := os.Open(log)
	if err != nil {
		return "it left no log"
	}
	defer func() { _ = f.Close() }()
	if fi, err := f.Stat(); err == nil && fi.Size() > most {
		if _, err := f.Seek(-most, 2); err != nil {
			return "its log cannot be read"
		}
	}
	b := make([]byte, most)
	k, _ := f.Read(b) // what was read is all that can be shown
	lines := bytes.Split(bytes.TrimSpace(b[:k]), []byte("\n"))
	last := strings.TrimSpace(string(lines[len(lines)-1]))
	if last == "" {
		return "it said nothing"
	}
	if len(last) > 400 {
		last = last[:400] + "…"
	}
	return last
}
