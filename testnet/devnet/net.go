package devnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

var (
	// ErrUp means that the folder's network runs already.
	ErrUp = errors.New("a devnet is up already: `etal devnet status` shows it, `etal devnet down` ends it")
	// ErrNone means that the folder holds no network.
	ErrNone = errors.New("no devnet is up: `etal devnet up` starts one")
	// ErrNode means that the network has no node of that name.
	ErrNode = errors.New("no such node")
	// ErrBusy means that another command changes the network now.
	ErrBusy = errors.New("another command is changing the devnet now: try again when it is done")
	// ErrUnsupported means that a devnet does not run on this system.
	ErrUnsupported = errors.New("a devnet runs on Linux only")
)

// Options says what network to run, and how.
type Options struct {
	// Binary is the etal executable that every node runs.
	Binary string
	// Dir is the network's folder. It is made, and Down removes it. The user's
	// own node is in its subfolder node.
	Dir string
	// Providers is how many sell, 1 to MaxProviders.
	Providers int
	// Progress is told each step in a few words, from several goroutines but
	// never at once; nil tells nobody.
	Progress func(step string)
	// KillEngine ends the container engine that a provider left in a folder. It
	// must not mind a folder without one; nil means there are no engines.
	KillEngine func(ctx context.Context, root string) error
}

// EngineRoot is the folder of a provider's container engine in its data folder.
func EngineRoot(data string) string { return filepath.Join(data, "engine") }

// Net is a network on this machine. Its methods are safe for concurrent use;
// across processes one change is made at a time, the others get ErrBusy.
type Net struct {
	o  Options
	mu sync.Mutex // guards rec
	// rec is what devnet.json says.
	rec record
}

// Load returns the network of Options.Dir. Only Dir and KillEngine are needed.
// It returns ErrNone where there is none.
func Load(o Options) (*Net, error) {
	r, err := readRecord(o.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	o.Binary, o.Providers = r.Binary, 0
	for _, m := range r.Nodes {
		if m.Role == RoleProvider {
			o.Providers++
		}
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return &Net{o: o, rec: r}, nil
}

// Dir returns the network's folder.
func (n *Net) Dir() string { return n.o.Dir }

// Status says how every node is now.
func (n *Net) Status() Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := Status{RPC: n.rec.RPC, Nodes: []NodeStatus{}}
	for _, m := range n.rec.Nodes {
		v := NodeStatus{Name: m.Name, Role: m.Role, Data: m.Data, Addresses: m.Addresses, State: StateStopped}
		switch {
		case m.Process.alive():
			v.PID, v.State = m.Process.PID, StateRunning
		case m.Killed:
			v.State = StateKilled
		}
		s.Nodes = append(s.Nodes, v)
	}
	return s
}

// Node returns one node's status, or ErrNode with the names there are.
func (n *Net) Node(name string) (NodeStatus, error) {
	var names []string
	for _, v := range n.Status().Nodes {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return NodeStatus{}, fmt.Errorf("%w: %q; there are %s", ErrNode, name, strings.Join(names, ", "))
}

// change runs f while no other process changes the network, on the record as
// it is now.
func (n *Net) change(f func() error) error {
	unlock, err := lock(n.o.Dir + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	r, err := readRecord(n.o.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return ErrNone
	}
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.rec = r
	n.mu.Unlock()
	return f()
}

// find returns the place of a node in the record.
func (n *Net) find(name string) (int, error) {
	if _, err := n.Node(name); err != nil {
		return 0, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, m := range n.rec.Nodes {
		if m.Name == name {
			return i, nil
		}
	}
	return 0, ErrNode
}

// member returns a copy of a node's record.
func (n *Net) member(i int) member {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rec.Nodes[i]
}

// update changes a node's record and stores it.
func (n *Net) update(i int, f func(m *member)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(&n.rec.Nodes[i])
	return n.rec.write(n.o.Dir)
}
