package tour_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/etal-cloud/etal/runtime/containerd"
	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/jobs/render/trace"
	"github.com/etal-cloud/etal/testnet/picture"
)

// patience is the longest that a tour of these small pictures may take on a
// machine that does a lot else.
const patience = 8 * time.Minute

// place is a home of its own for one tour.
type place struct {
	t    *testing.T
	etal string // the built program
	dir  string
	env  []string
}

// newPlace skips the test where the tour cannot run.
func newPlace(t *testing.T) *place {
	t.Helper()
	if testing.Short() {
		t.Skip("the tour takes half a minute; not in -short")
	}
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	etal := filepath.Join(bin, "etal")
	if _, err := os.Stat(etal); err != nil {
		t.Skip("bin/etal is not built: make build")
	}
	if err := containerd.Check(t.Context(), filepath.Join(bin, "etal-engine")); err != nil {
		t.Skipf("this machine has no sandbox: %v", err)
	}
	cache, err := os.UserCacheDir() // the engine is unpacked once
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, etal: etal, dir: t.TempDir()}
	for _, d := range []string{"tmp", "out"} {
		if err := os.Mkdir(filepath.Join(p.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(os.Environ(),
		"HOME="+p.dir, "XDG_CACHE_HOME="+cache, "ETAL_HOME="+filepath.Join(p.dir, "home"), "TMPDIR="+filepath.Join(p.dir, "tmp"))
	t.Cleanup(func() { // what a test that fails leaves behind
		if len(p.processes()) > 0 {
			_ = p.command(context.Background(), "devnet", "down").Run()
		}
	})
	return p
}

func (p *place) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.etal, args...)
	c.Env, c.Dir = p.env, filepath.Join(p.dir, "out")
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) } // it cleans up then
	return c
}

// run runs a command to its end and returns what it printed.
func (p *place) run(code int, args ...string) (stdout, stderr string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var out, talk bytes.Buffer
	c := p.command(ctx, args...)
	c.Stdout, c.Stderr = &out, &talk
	err := c.Run()
	if got := c.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("etal %v ends with %d (%v), want %d:\n%s\n%s", args, got, err, code, &out, &talk)
	}
	return out.String(), talk.String()
}

// processes finds what was started from here and still runs: its environment or
// its command line names this place.
func (p *place) processes() []string {
	var found []string
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, dir := range all {
		if filepath.Base(dir) == strconv.Itoa(os.Getpid()) {
			continue
		}
		env, _ := os.ReadFile(filepath.Join(dir, "environ")) // gone, or another user's
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		if bytes.Contains(env, []byte(p.dir)) || bytes.Contains(line, []byte(p.dir)) {
			found = append(found, filepath.Base(dir)+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// clean checks that nothing of a tour is left: no process, no mount, no file.
func (p *place) clean() {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); len(p.processes()) > 0 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond) // those that were killed have yet to be buried
	}
	if left := p.processes(); len(left) > 0 {
		p.t.Errorf("these processes are left:\n%s", strings.Join(left, "\n"))
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		p.t.Fatal(err)
	}
	if bytes.Contains(mounts, []byte(p.dir)) {
		p.t.Errorf("a mount is left:\n%s", mounts)
	}
	for _, d := range []string{"tmp", "home/networks/devnet"} {
		left, err := os.ReadDir(filepath.Join(p.dir, d))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			p.t.Fatal(err)
		}
		for _, e := range left {
			path := filepath.Join(p.dir, d, e.Name())
			if e.Name() == fmt.Sprintf("etal-%d", os.Getuid()) && os.Remove(path) == nil {
				continue // where sockets of long names were, now empty: it serves other networks, too
			}
			p.t.Errorf("%s is left", path)
		}
	}
}

// report is what `etal demo -o json` promises, to the letter.
type report struct {
	Picture string `json:"picture"`
	SHA256  string `json:"sha256"`
	Seed    uint64 `json:"seed"`
	Jobs    []struct {
		Tile        int    `json:"tile"`
		Exit        *int   `json:"exit"`
		Lease       string `json:"lease"`
		Provider    string `json:"provider"`
		Kernel      string `json:"kernel"`
		DeliveredMS int64  `json:"delivered_ms"`
		Paid        string `json:"paid"`
	} `json:"jobs"`
	Settled []struct {
		Provider string `json:"provider"`
		Account  string `json:"account"`
		Tx       string `json:"tx"`
		Units    string `json:"paid_base_units"`
	} `json:"settled"`
	Killed string             `json:"killed"`
	Phases map[string]float64 `json:"phases_s"`
}

func readReport(t *testing.T, stdout string) report {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var r report
	d := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("the last line of stdout is no report: %v\n%s", err, stdout)
	}
	return r
}

// local renders a scene here, whole, as `render -o FILE.png` does.
func local(t *testing.T, scene string, seed uint64) []byte {
	t.Helper()
	source, err := os.ReadFile(scene)
	if err != nil {
		t.Fatal(err)
	}
	s, err := trace.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	width, height := s.Size()
	layout, err := tile.NewLayout(width, height, 1)
	if err != nil {
		t.Fatal(err)
	}
	pixels, err := tile.Render(t.Context(), s, layout, 0, seed, 2, func(tile.Pixels, int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	var whole *image.RGBA
	if whole, err = picture.Assemble([]*tile.Tile{{Layout: layout, Seed: seed, Scene: s.Digest(), Pixels: pixels}}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := picture.WritePNG(&file, whole); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestDemo is the whole trade, with real processes and the real sandbox: the
// picture is the one that is rendered at home, every word of the report is true
// by an Ethereum client that knows nothing of etal, and nothing is left.
func TestDemo(t *testing.T) {
	p := newPlace(t)
	scene, err := filepath.Abs("testdata/visitor.toml")
	if err != nil {
		t.Fatal(err)
	}
	const seed = math.MaxUint64
	out, talk := p.run(0, "demo", "--keep", "--scene", scene, "--seed", fmt.Sprint(uint64(seed)), "-O", "my.png", "-o", "json")
	r := readReport(t, out)
	if strings.Count(strings.TrimSpace(out), "\n") != 0 {
		t.Errorf("stdout has more than the report:\n%s", out)
	}
	if r.Seed != seed || r.Picture != filepath.Join(p.dir, "out", "my.png") {
		t.Errorf("seed %d, picture %s", r.Seed, r.Picture)
	}
	got, err := os.ReadFile(r.Picture)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, local(t, scene, seed)) {
		t.Error("the picture is not the one that is rendered here")
	}
	if sum := sha256.Sum256(got); hex.EncodeToString(sum[:]) != r.SHA256 {
		t.Errorf("the report says %s is the picture's SHA-256", r.SHA256)
	}
	if len(r.Jobs) != 3 {
		t.Fatalf("%d jobs", len(r.Jobs))
	}
	leases := map[string]bool{}
	for i, j := range r.Jobs {
		if j.Tile != i || j.Exit == nil || *j.Exit != 0 || j.DeliveredMS < 1000 || len(j.Lease) != 64 || leases[j.Lease] {
			t.Errorf("job %+v", j)
		}
		leases[j.Lease] = true
		if !strings.Contains(j.Kernel, "gvisor") {
			t.Errorf("tile %d was not rendered in the sandbox: %s", i, j.Kernel)
		}
		if j.Provider == r.Killed {
			t.Errorf("tile %d came from %s, which was killed", i, j.Provider)
		}
	}
	for _, name := range []string{"match", "lease", "pull", "run", "settle"} {
		if r.Phases[name] <= 0 {
			t.Errorf("phase %s took %f s", name, r.Phases[name])
		}
	}
	if r.Killed == "" || !strings.Contains(talk, r.Killed+" is dead") {
		t.Errorf("killed %q; the talk was:\n%s", r.Killed, talk)
	}
	checkMoney(t, p, r)

	if !strings.Contains(talk, "etal devnet down") {
		t.Errorf("--keep does not say how to end the network:\n%s", talk)
	}
	_, talk = p.run(1, "demo", "--keep")
	if !strings.Contains(talk, "A devnet is up already") {
		t.Errorf("a second --keep says %q", talk)
	}
	p.run(0, "devnet", "down")
	p.clean()
}

// TestDemoInterrupted interrupts the tour where it is most likely to leave
// something behind.
func TestDemoInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		at     string // what the talk says before
		signal syscall.Signal
	}{
		"at once":        {"A network of its own", syscall.SIGINT},
		"while starting": {"a node that the others meet at", syscall.SIGTERM},
		"while running":  {"sees Linux", syscall.SIGINT},
		"while dead":     {"is dead", syscall.SIGHUP},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := p.command(ctx, "demo", "--size", "64x48", "--samples", "2", "-o", "json")
			r, w := io.Pipe()
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, w
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var talk bytes.Buffer
			read := make(chan struct{})
			go func() { // ends when w is closed
				defer close(read)
				var once sync.Once
				buf := make([]byte, 4096)
				for {
					n, err := r.Read(buf)
					talk.Write(buf[:n])
					if strings.Contains(talk.String(), c.at) {
						once.Do(func() { _ = cmd.Process.Signal(c.signal) })
					}
					if err != nil {
						return
					}
				}
			}()
			err := cmd.Wait()
			w.Close()
			<-read
			if code := cmd.ProcessState.ExitCode(); code != 130 {
				t.Errorf("it ends with %d (%v), want 130:\n%s", code, err, &talk)
			}
			if out.Len() > 0 {
				t.Errorf("stdout has %q", &out)
			}
			p.clean()
		})
	}
}
