package devnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Role says what a node is there for.
type Role string

// The roles of a network's nodes.
const (
	RoleChain     Role = "chain"     // makes blocks and gives test money away
	RoleBootstrap Role = "bootstrap" // is known to all at first
	RoleProvider  Role = "provider"  // sells
	RoleRenter    Role = "renter"    // the user's own node
)

// State says how a node's process is.
type State string

const (
	// StateRunning has a process.
	StateRunning State = "running"
	// StateStopped has none, because nobody started it again.
	StateStopped State = "stopped"
	// StateKilled has none, because Kill ended it.
	StateKilled State = "killed"
)

// NodeStatus is what a Net says of one node.
type NodeStatus struct {
	Name      string   `json:"name"`
	Role      Role     `json:"role"`
	PID       int      `json:"pid"` // 0 while it does not run
	Data      string   `json:"data"`
	Addresses []string `json:"addresses"`
	State     State    `json:"state"`
}

// Status is what a Net says of itself.
type Status struct {
	RPC   string       `json:"rpc"` // of the chain, for any Ethereum client
	Nodes []NodeStatus `json:"nodes"`
}

// record is devnet.json.
type record struct {
	Schema int      `json:"schema"`
	Mark   string   `json:"mark"`
	Binary string   `json:"binary"`
	RPC    string   `json:"rpc"`
	Nodes  []member `json:"nodes"`
}

// member is a node in devnet.json.
type member struct {
	Name      string   `json:"name"`
	Role      Role     `json:"role"`
	Data      string   `json:"data"`
	Args      []string `json:"args"`
	Addresses []string `json:"addresses"`
	Process   process  `json:"process"`
	Killed    bool     `json:"killed"`
}

const (
	recordName   = "devnet.json"
	recordSchema = 1
)

// readRecord reads devnet.json; os.ErrNotExist where there is none.
func readRecord(dir string) (record, error) {
	var r record
	b, err := os.ReadFile(filepath.Join(dir, recordName))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", recordName, err)
	}
	if r.Schema != recordSchema || r.Mark == "" {
		return r, fmt.Errorf("read %s: written by another version", recordName)
	}
	return r, nil
}

// write stores devnet.json durably and as a whole.
func (r record) write(dir string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", recordName, err)
	}
	return writeFile(filepath.Join(dir, recordName), append(b, '\n'))
}

// writeFile replaces a file as a whole: a reader sees the old or the new one.
func writeFile(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", filepath.Base(path), errors.Join(err, os.Remove(f.Name())))
		}
	}()
	if _, err := f.Write(b); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
