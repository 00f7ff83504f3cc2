package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/etal-cloud/etal"

// ranks put every package of the house into its layer (the tens) and order the
// packages of one layer (the ones). A package imports only what ranks lower. A
// path that ends with a slash stands for all below it; the longest match counts.
var ranks = map[string]int{
	// 1 vocabulary: plain values, no I/O, no goroutine, no clock.
	"market/marketpb": 10,
	"market":          11,
	"chain/voucher":   10,
	// 2 policies: pure decisions.
	"market/book":  20,
	"market/match": 20,
	"market/trust": 20,
	// 3 mechanisms: each does one thing to the world and knows no other.
	"p2p/rpc":                     30,
	"p2p/gossip":                  30,
	"p2p":                         31,
	"p2p/p2ptest":                 32,
	"runtime":                     30,
	"runtime/image":               31,
	"runtime/gpu":                 31,
	"runtime/netns":               31,
	"runtime/containerd":          32,
	"runtime/containerd/":         33,
	"runtime/runtimetest/job":     30,
	"runtime/runtimetest/testjob": 31,
	"runtime/runtimetest":         33,
	"storage/":                    30,
	"chain/contracts":             30,
	"chain/contracts/":            30,
	"chain/keys":                  30,
	"chain/devchain":              31,
	"chain":                       32,
	"chain/chaintest":             33,
	// 4 agents: join mechanisms and keep the promises.
	"node/ledger":   40,
	"node/notary":   40,
	"node/provider": 41,
	"node/renter":   41,
	// 5 wiring.
	"node":     50,
	"node/api": 51,
	// 6 surfaces.
	"testnet/jobs/render/": 60,
	"testnet/picture":      61,
	"testnet/jobs/":        62,
	"testnet/jobs/render":  62,
	"testnet/devnet":       62,
	"testnet/":             63,
	"testnet/tour":         64,
	"cmd/":                 69,
}

// own lists the outside dependencies that keep to a folder, so that each can be
// replaced by rewriting that folder only.
var own = []struct {
	dep    string
	owners []string
	why    string
}{
	{"github.com/ethereum/go-ethereum/crypto", []string{"chain/", "node/notary"}, "keys and signatures are chain/keys' and chain/voucher's; the notary signs with them"},
	{"github.com/ethereum/go-ethereum/common", []string{"chain/", "node/notary", "node"}, "addresses are plain values where the chain's answers are translated"},
	{"github.com/ethereum/go-ethereum", []string{"chain/"}, "the chain is spoken to below chain/ only: nothing else may know which client it has"},
	{"github.com/containerd", []string{"runtime/containerd"}, "a node knows runtime.Engine, not containerd"},
	{"github.com/opencontainers", []string{"runtime/"}, "images and containers are the runtime's affair"},
	{"github.com/google/go-containerregistry", []string{"runtime/image"}, "what an image is, is decided in one place"},
	{"github.com/NVIDIA", []string{"runtime/gpu"}, "needs cgo and a driver: only what looks for GPUs may link it"},
	{"gvisor.dev", nil, "the sandbox is in the engine's own module"},
	{"github.com/ipfs/boxo", []string{"storage/"}, "boxo is kept behind small interfaces of ours"},
	{"github.com/ipfs/go-cid", []string{"p2p", "storage/"}, "a CID is a plain value of p2p and storage"},
	{"github.com/libp2p/go-libp2p/core/peer", []string{""}, "a peer id is a plain value"},
	{"github.com/libp2p/go-libp2p/core/crypto", []string{"p2p/", "market", "node", "node/notary"}, "a peer's key is a plain value to whoever signs with it"},
	{"github.com/libp2p", []string{"p2p/", "storage/shard", "storage/site"}, "the network is spoken to below p2p/ only"},
	{"github.com/multiformats", []string{"p2p/", "storage/"}, "addresses cross as strings above p2p/"},
	{"go.etcd.io/bbolt", []string{"node/ledger", "storage/"}, "what survives a crash is written in one place"},
	{"github.com/danielgtaylor/huma", []string{"node/api"}, "the local interface's library is an affair of its own"},
	{"github.com/spf13", []string{"cmd/"}, "flags belong to commands, not to libraries"},
	{"github.com/rogpeppe/go-internal", nil, "scripts are for tests"},
	{"github.com/stretchr", nil, "tests here say what went wrong in words of their own"},
}

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string
	Name       string
	Standard   bool
	Imports    []string
	Deps       []string
}

// list asks the Go tool for packages of this module and all they need.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	c := exec.Command("go", append([]string{"list", "-json=ImportPath,Name,Standard,Imports,Deps"}, args...)...)
	c.Dir = "../.."
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return all
}

// local returns a package's path inside the module.
func local(importPath string) (string, bool) {
	p, ok := strings.CutPrefix(importPath, module+"/")
	return p, ok
}

// rank returns a package's rank, and whether it has a place in the house.
func rank(p string) (int, bool) {
	if r, ok := ranks[p]; ok {
		return r, true
	}
	best, found := "", 0
	for k, r := range ranks {
		if strings.HasSuffix(k, "/") && strings.HasPrefix(p, k) && len(k) > len(best) {
			best, found = k, r
		}
	}
	return found, best != ""
}

// below reports whether a package is one of the owners, or below one that ends
// with a slash.
func below(p string, owners []string) bool {
	for _, o := range owners {
		if o == "" || p == o || strings.HasSuffix(o, "/") && strings.HasPrefix(p+"/", o) {
			return true
		}
	}
	return false
}

// Imports go down only: a part can be understood, tested and replaced without
// what is built upon it.
func TestImportsGoDown(t *testing.T) {
	for _, p := range list(t, "./...") {
		name, ok := local(p.ImportPath)
		if !ok {
			continue
		}
		mine, ok := rank(name)
		if !ok {
			t.Errorf("%s has no place in the house: give it one in the table of cmd/etal/deps_test.go, by ARCHITECTURE.md", name)
			continue
		}
		for _, i := range p.Imports {
			other, ok := local(i)
			if !ok {
				continue
			}
			theirs, ok := rank(other)
			if !ok {
				continue // told above
			}
			switch {
			case theirs >= mine:
				t.Errorf("%s (rank %d) imports %s (rank %d): imports go down only; let it declare the small interface that it needs, and the wiring pass the other in", name, mine, other, theirs)
			case mine/10 == theirs/10 && (mine/10 == 1 || mine/10 == 3) && family(name) != family(other):
				t.Errorf("%s imports %s: the parts of this layer do not know each other; an agent above joins them", name, other)
			}
		}
	}
}

func family(p string) string {
	f, _, _ := strings.Cut(p, "/")
	return f
}

// Outside dependencies keep to their folder.
func TestDependenciesKeepToTheirFolder(t *testing.T) {
	for _, p := range list(t, "./...") {
		name, ok := local(p.ImportPath)
		if !ok {
			continue
		}
		for _, i := range p.Imports {
			for _, o := range own { // the first match counts
				if i != o.dep && !strings.HasPrefix(i, o.dep+"/") {
					continue
				}
				if !below(name, o.owners) {
					t.Errorf("%s imports %s, which only %v may: %s", name, i, o.owners, o.why)
				}
				break
			}
			if i == "testing" && !strings.HasSuffix(path.Base(name), "test") {
				t.Errorf("%s imports testing outside of its tests: what tests need is in packages whose name ends with test", name)
			}
		}
		if r, _ := rank(name); r < 30 {
			for _, i := range []string{"os", "net", "net/http", "os/exec", "log/slog", "log"} {
				if slices.Contains(p.Imports, i) {
					t.Errorf("%s imports %s: the trade does no I/O and keeps no log; values go in, decisions come out", name, i)
				}
			}
		}
	}
}

// Who embeds a node links neither containerd nor NVML nor the dev chain.
func TestWhatANodeLinks(t *testing.T) {
	heavy := []string{
		"github.com/containerd/", "github.com/NVIDIA/", "gvisor.dev/", "github.com/spf13/",
		"github.com/ethereum/go-ethereum/eth", "github.com/ethereum/go-ethereum/node", "github.com/ethereum/go-ethereum/core/vm",
		module + "/chain/devchain", module + "/runtime/containerd", module + "/cmd/", module + "/testnet/",
	}
	for _, p := range list(t, "./node", "./node/api") {
		for _, d := range p.Deps {
			for _, h := range heavy {
				if d == strings.TrimSuffix(h, "/") || strings.HasPrefix(d, strings.TrimSuffix(h, "/")+"/") {
					t.Errorf("%s links %s: a program that embeds a node must not; the command passes such things in", p.ImportPath, d)
				}
			}
		}
	}
}

// Folders are named after what is in them.
func TestFolderNames(t *testing.T) {
	banned := []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "lib", "base"}
	for _, p := range list(t, "./...") {
		name, ok := local(p.ImportPath)
		if !ok {
			continue
		}
		parts := strings.Split(name, "/")
		for _, part := range parts {
			if slices.Contains(banned, part) {
				t.Errorf("%s: a folder called %s says nothing of what is in it", name, part)
			}
		}
		if slices.Contains([]string{"pkg", "internal", "docs", "src"}, parts[0]) {
			t.Errorf("%s: the top level is the house itself (ARCHITECTURE.md)", name)
		}
	}
}

// The engine is a module of its own: its versions must not be ours.
func TestEngineIsApart(t *testing.T) {
	b, err := os.ReadFile("../../runtime/engine/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "module "+module+"/runtime/engine\n") {
		t.Error("runtime/engine is no module of its own")
	}
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) >= 2 && f[0] == module {
			t.Error("the engine needs the main module: the highest version of each dependency would win, and gVisor needs older ones")
		}
	}
}
