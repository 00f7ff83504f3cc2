package main_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	render "github.com/etal-cloud/etal/testnet/jobs/render"
	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/picture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tiny = "trace/testdata/tiny.toml"

// must runs the command and returns what it printed.
func must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	if code := render.Run(args, &out, &talk); code != 0 {
		t.Fatalf("render %v ends with %d: %s", args, code, &talk)
	}
	return out.String(), talk.String()
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTilesMakeTheWhole is what the tour promises: the picture of the tiles is
// the one that is made at home, byte for byte, however it is cut and by however
// many workers on however many cores.
func TestTilesMakeTheWhole(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.png")
	stdout, _ := must(t, "-scene", tiny, "-seed", "7", "-o", whole)
	if stdout != "" {
		t.Errorf("stdout is not empty: %q", stdout)
	}
	want := read(t, whole)
	const digest = "79f67e884edf49b6cdb404d8cbed05f898357b4304efdb24f7d30ec00bf8fa93" // on every machine
	if got := fmt.Sprintf("%x", sha256.Sum256(want)); got != digest {
		t.Errorf("the picture's SHA-256 is %s, want %s", got, digest)
	}
	for _, count := range []int{1, 2, 3, 5, 6} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(count))
		parts := make([]*tile.Tile, count)
		for i := range parts {
			name := filepath.Join(dir, fmt.Sprintf("%d.tile", i))
			must(t, "-scene", tiny, "-seed", "7", "-tile", strconv.Itoa(i), "-tiles", strconv.Itoa(count), "-workers", strconv.Itoa(1+i), "-o", name)
			part, err := tile.Decode(bytes.NewReader(read(t, name)))
			if err != nil {
				t.Fatal(err)
			}
			parts[i] = part
		}
		img, err := picture.Assemble(parts)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := picture.WritePNG(&got, img); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("the picture of %d tiles is another", count)
		}
	}
	must(t, "-scene", tiny, "-seed", "8", "-o", whole)
	if bytes.Equal(read(t, whole), want) {
		t.Error("another seed makes the same picture")
	}
}

// TestStream rebuilds a tile from the lines alone.
func TestStream(t *testing.T) {
	name := filepath.Join(t.TempDir(), "1.tile")
	stdout, stderr := must(t, "-scene", tiny, "-seed", "7", "-tile", "1", "-tiles", "3", "-stream", "-v", "-workers", "2", "-o", name)
	if stderr != "" {
		t.Errorf("stderr is not empty: %q", stderr)
	}
	part, err := tile.Decode(bytes.NewReader(read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	blocks := part.Layout.Blocks(1)
	came := map[string][]byte{}
	var kinds []string
	lines := bufio.NewScanner(strings.NewReader(stdout))
	for n := 0; lines.Scan(); n++ {
		e, err := tile.Parse(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, fmt.Sprintf("%T", e))
		switch e := e.(type) {
		case tile.Start:
			if e.Layout != part.Layout || e.Index != 1 || e.Seed != 7 || e.Samples != 5 {
				t.Errorf("start %v", e)
			}
		case tile.Pixels:
			came[e.Area.String()] = e.RGB
		case tile.Progress:
			if e.Done != len(came) || e.Total != len(blocks) {
				t.Errorf("%v after %d blocks", e, len(came))
			}
		case tile.Done:
			if e.Digest != sha256.Sum256(read(t, name)) {
				t.Error("done tells another digest than the file's")
			}
		}
	}
	want := "tile.Start tile.Kernel" + strings.Repeat(" tile.Pixels tile.Progress", len(blocks)) + " tile.Done"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("the events are %s", got)
	}
	var pixels []byte
	for _, b := range blocks {
		pixels = append(pixels, came[b.String()]...)
	}
	if !bytes.Equal(pixels, part.Pixels) {
		t.Error("the lines show other pixels than the file")
	}
}

// TestLeast renders a stamp slowly: it is the same picture, later.
func TestLeast(t *testing.T) {
	dir := t.TempDir()
	quick, slow := filepath.Join(dir, "quick.png"), filepath.Join(dir, "slow.png")
	must(t, "-scene", tiny, "-seed", "7", "-o", quick)
	const least = 300 * time.Millisecond
	began := time.Now()
	must(t, "-scene", tiny, "-seed", "7", "-least", least.String(), "-o", slow)
	if took := time.Since(began); took < least*9/10 { // rounded down for each block
		t.Errorf("it took %s, at least %s were asked for", took, least)
	}
	if !bytes.Equal(read(t, quick), read(t, slow)) {
		t.Error("a slow render makes another picture")
	}
}

func TestBadUse(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.toml")
	if err := os.WriteFile(broken, []byte("[image]\nwidth = 8\nheight = 0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "-scene FILE is missing"},
		{"-scene " + tiny, 2, "-o FILE is missing"},
		{"-scene " + tiny + " -o OUT more", 2, `"more" is too much`},
		{"-scene " + tiny + " -o OUT -seed -1", 2, "seed"},
		{"-scene " + tiny + " -o OUT -seed 99999999999999999999", 2, "seed"},
		{"-scene " + tiny + " -o OUT -tile 3 -tiles 3", 2, "-tile 3 is none of 0 to 2"},
		{"-scene " + tiny + " -o OUT -tile 1", 2, "-tile 1 is none of 0 to 0"},
		{"-scene " + tiny + " -o OUT -tile -1 -tiles 3", 2, "-tile -1"},
		{"-scene " + tiny + " -o OUT -tiles -1", 2, "-tiles -1"},
		{"-scene " + tiny + " -o OUT -tiles 7", 2, "7 tiles"},
		{"-scene " + tiny + " -o OUT -workers 0", 2, "-workers 0"},
		{"-scene " + tiny + " -o OUT -least -1s", 2, "-least -1s is below 0"},
		{"-scene BROKEN -o OUT", 2, "broken.toml:3: image.height: 0 is not between 1 and 8192"},
		{"-scene /no/such/file -o OUT", 1, "read scene"},
		{"-scene . -o OUT", 1, "read scene"},
		{"-scene " + tiny + " -o /no/such/folder/a.png", 1, "write /no/such/folder/a.png"},
	} {
		args := strings.Fields(strings.NewReplacer("OUT", out, "BROKEN", broken).Replace(c.args))
		var stdout, stderr bytes.Buffer
		if code := render.Run(args, &stdout, &stderr); code != c.code || !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%s: ends with %d, says %q and prints %q", c.args, code, &stderr, &stdout)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("what failed left %v behind", left)
	}
	if code := render.Run([]string{"-h"}, io.Discard, io.Discard); code != 0 {
		t.Errorf("-h ends with %d", code)
	}
}
