package devnet_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/testnet/devnet"
)

// options are those of a network of fakes in a folder of its own. Whatever a
// test leaves is taken down with it.
func options(t *testing.T) devnet.Options {
	t.Helper()
	o := devnet.Options{Binary: os.Args[0], Dir: filepath.Join(t.TempDir(), "networks", "devnet"), Providers: 3}
	t.Cleanup(func() {
		if n, err := devnet.Load(o); err == nil {
			if err := n.Down(context.Background()); err != nil {
				t.Errorf("down: %v", err)
			}
		}
	})
	return o
}

func TestLife(t *testing.T) {
	o := options(t)
	var steps, engines []string
	var mu sync.Mutex
	o.Progress = func(s string) { steps = append(steps, s) }
	o.KillEngine = func(_ context.Context, root string) error {
		mu.Lock()
		defer mu.Unlock()
		engines = append(engines, filepath.Base(filepath.Dir(root)))
		return nil
	}
	if _, err := devnet.Load(o); !errors.Is(err, devnet.ErrNone) {
		t.Fatalf("load before: %v", err)
	}
	n, err := devnet.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range n.Status().Nodes {
		names = append(names, v.Name)
		if v.State != devnet.StateRunning || v.PID == 0 || len(v.Addresses) == 0 {
			t.Errorf("after up: %+v", v)
		}
		if v.Role != devnet.RoleChain && !strings.HasSuffix(v.Addresses[0], "/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X") {
			t.Errorf("an address without a peer id: %+v", v)
		}
	}
	if want := []string{"chain", "boot", "fr-1", "fr-2", "de-1", "renter"}; !slices.Equal(names, want) {
		t.Errorf("nodes %v, want %v", names, want)
	}
	boot, err := n.Node("boot")
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.ReadFile(filepath.Join(o.Dir, "profile.toml"))
	if err != nil || !strings.Contains(string(profile), boot.Addresses[0]) {
		t.Errorf("the profile does not name the bootstrap node: %v\n%s", err, profile)
	}
	if len(steps) < 4 {
		t.Errorf("steps told: %q", steps)
	}

	if _, err := devnet.Up(t.Context(), o); !errors.Is(err, devnet.ErrUp) {
		t.Errorf("a second up: %v", err)
	}
	if err := n.Kill(t.Context(), "fr-9", true); !errors.Is(err, devnet.ErrNode) || !strings.Contains(err.Error(), "fr-2") {
		t.Errorf("kill of nobody: %v", err)
	}

	// Another command than the one that started it kills and starts.
	other, err := devnet.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := other.Node("fr-1")
	if err := other.Kill(t.Context(), "fr-1", true); err != nil {
		t.Fatal(err)
	}
	if v, _ := other.Node("fr-1"); v.State != devnet.StateKilled || v.PID != 0 {
		t.Errorf("after kill: %+v", v)
	}
	if !slices.Equal(engines, []string{"fr-1"}) {
		t.Errorf("engines ended: %v", engines)
	}
	if err := other.Start(t.Context(), "fr-1"); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(t.Context(), "fr-1"); err != nil {
		t.Errorf("start of a running node: %v", err)
	}
	after, _ := other.Node("fr-1")
	if after.PID == before.PID || !reflect.DeepEqual(after.Addresses, before.Addresses) || after.State != devnet.StateRunning {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if err := other.Kill(t.Context(), "de-1", false); err != nil || len(engines) != 1 {
		t.Errorf("a kill of the process alone: %v, engines %v", err, engines)
	}
	for _, name := range []string{"chain", "boot"} {
		if err := other.Kill(t.Context(), name, true); err != nil {
			t.Errorf("kill %s: %v", name, err)
		}
		if err := other.Start(t.Context(), name); err != nil {
			t.Errorf("start %s: %v", name, err)
		}
	}

	if err := n.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := devnet.Marked(n); k != 0 {
		t.Errorf("%d processes are left, engines of the fakes among them", k)
	}
	if _, err := os.Stat(o.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
	if err := n.Down(t.Context()); !errors.Is(err, devnet.ErrNone) {
		t.Errorf("a second down: %v", err)
	}
}

func TestOneThatFailsTakesAllDown(t *testing.T) {
	o := options(t)
	t.Setenv("FAKE_FAIL", "fr-2")
	t.Setenv("FAKE_TEST", t.Name())
	_, err := devnet.Up(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "the disk of fr-2 is on fire") {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(o.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

func TestUpThatIsCutOff(t *testing.T) {
	o := options(t)
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(s string) {
		if strings.Contains(s, "bootstrap") {
			cancel()
		}
	}
	if _, err := devnet.Up(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(o.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

// A crash between the start of a process and the line about it leaves one that
// no record knows.
func TestUpAfterACrash(t *testing.T) {
	o := options(t)
	first, err := devnet.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := devnet.Forget(o.Dir); err != nil {
		t.Fatal(err)
	}
	second, err := devnet.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if devnet.Mark(first) == devnet.Mark(second) || devnet.Marked(first) != 0 {
		t.Errorf("%d processes of the first are left", devnet.Marked(first))
	}
}

func TestTooMany(t *testing.T) {
	o := options(t)
	for _, k := range []int{-1, 0, devnet.MaxProviders + 1} {
		o.Providers = k
		if _, err := devnet.Up(t.Context(), o); err == nil {
			t.Errorf("%d providers were started", k)
		}
	}
}

func TestALaterProcessIsNeverHit(t *testing.T) {
	cmd := exec.Command(os.Args[0], "engine")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := devnet.Identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Alive() || p.Later().Alive() {
		t.Errorf("alive: %v, the later one: %v", p.Alive(), p.Later().Alive())
	}
	if err := p.Later().Terminate(); err != nil {
		t.Error(err)
	}
	time.Sleep(100 * time.Millisecond) // time in which a signal would arrive
	if !p.Alive() {
		t.Error("the wrong process was hit")
	}
	if err := p.Terminate(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // ended by a signal
	if p.Alive() {
		t.Error("it is still there")
	}
	if err := p.Terminate(); err != nil {
		t.Errorf("a signal to one that is gone: %v", err)
	}
}

func TestRemoveAllOpensReadOnlyFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(deep, "file"), nil, 0o400); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{deep, filepath.Dir(deep)} {
		if err := os.Chmod(d, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := devnet.RemoveAll(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left: %v", err)
	}
}
