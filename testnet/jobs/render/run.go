package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/jobs/render/trace"
	"github.com/etal-cloud/etal/testnet/picture"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// options are the flags.
type options struct {
	scene   string
	out     string
	seed    uint64
	index   int
	tiles   int
	workers int
	least   time.Duration
	stream  bool
	verbose bool
}

// errUsage is bad flags that have been explained already.
var errUsage = errors.New("bad flags")

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("render", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.scene, "scene", "", "scene `file` (TOML)")
	f.StringVar(&o.out, "o", "", "`file` to write: a PNG, or a tile with -tiles")
	f.Uint64Var(&o.seed, "seed", 1, "which randomness to render with")
	f.IntVar(&o.index, "tile", 0, "which tile to render, from 0")
	f.IntVar(&o.tiles, "tiles", 0, "how many tiles the picture is cut into; 0 renders the whole picture")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "blocks to render at the same time")
	f.DurationVar(&o.least, "least", 0, "`time` that the render takes at least: its blocks are spread over it")
	f.BoolVar(&o.stream, "stream", false, "print events with finished pixels on stdout")
	f.BoolVar(&o.verbose, "v", false, "say first which kernel this runs on")
	if err := f.Parse(args); err != nil {
		return o, err // flag has printed it
	}
	bad := ""
	switch {
	case f.NArg() > 0:
		bad = fmt.Sprintf("%q is too much", f.Arg(0))
	case o.scene == "":
		bad = "-scene FILE is missing"
	case o.out == "":
		bad = "-o FILE is missing"
	case o.workers < 1:
		bad = fmt.Sprintf("-workers %d: at least 1 must work", o.workers)
	case o.least < 0:
		bad = fmt.Sprintf("-least %s is below 0", o.least)
	case o.tiles < 0:
		bad = fmt.Sprintf("-tiles %d is below 0", o.tiles)
	case o.index < 0 || o.index >= max(o.tiles, 1):
		bad = fmt.Sprintf("-tile %d is none of 0 to %d", o.index, max(o.tiles, 1)-1)
	}
	if bad != "" {
		fmt.Fprintf(stderr, "render: %s\n", bad)
		return o, errUsage
	}
	return o, nil
}

// run is main with its world as arguments; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return exitUsage
	}
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer func() { signal.Stop(signals); close(signals) }()
	go func() { // ends when signals is closed
		if s, ok := <-signals; ok {
			stop(stopped{s})
		}
	}()

	err = render(ctx, o, stdout, stderr)
	var told stopped
	switch {
	case err == nil:
		return 0
	case errors.As(err, &told):
		fmt.Fprintf(stderr, "render: %v\n", told)
		if number, ok := told.signal.(syscall.Signal); ok {
			return 128 + int(number)
		}
		return exitFailed
	case errors.Is(err, trace.ErrScene), errors.Is(err, tile.ErrLayout):
		fmt.Fprintf(stderr, "render: %v\n", err)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "render: %v\n", err)
		return exitFailed
	}
}

// stopped is the error of a render that was told to stop.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped by the signal " + s.signal.String() }

func render(ctx context.Context, o options, stdout, stderr io.Writer) error {
	scene, err := readScene(o.scene)
	if err != nil {
		return err
	}
	width, height := scene.Size()
	layout, err := tile.NewLayout(width, height, max(o.tiles, 1))
	if err != nil {
		return err
	}
	watch := newWatcher(ctx, o, layout, stdout, stderr)
	defer watch.close()
	if err := watch.start(tile.Start{Layout: layout, Index: o.index, Seed: o.seed, Samples: scene.Samples()}); err != nil {
		return err
	}
	pixels, err := tile.Render(ctx, scene, layout, o.index, o.seed, o.workers, watch.block)
	if err != nil {
		return err
	}
	part := &tile.Tile{Layout: layout, Index: o.index, Seed: o.seed, Scene: scene.Digest(), Pixels: pixels}
	var file bytes.Buffer
	if o.tiles > 0 {
		_, err = part.Encode(&file)
	} else {
		err = encodePNG(&file, part)
	}
	if err != nil {
		return err
	}
	if err := writeFile(o.out, file.Bytes()); err != nil {
		return err
	}
	return watch.done(tile.Done{Digest: sha256.Sum256(file.Bytes())})
}

// readScene reads no more of the file than a scene may have.
func readScene(name string) (*trace.Scene, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read scene: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, trace.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read scene: %w", err)
	}
	scene, err := trace.Parse(data)
	if err != nil {
		var at *trace.SceneError
		if errors.As(err, &at) && at.Line > 0 {
			return nil, fmt.Errorf("%s:%d: %s: %w", name, at.Line, at.Message, trace.ErrScene)
		}
		return nil, fmt.Errorf("%s: %w: %w", name, err, trace.ErrScene)
	}
	return scene, nil
}

func encodePNG(w io.Writer, part *tile.Tile) error {
	whole, err := picture.Assemble([]*tile.Tile{part})
	if err != nil {
		return err
	}
	return picture.WritePNG(w, whole)
}

// writeFile writes beside the name and then renames, so that nobody ever sees
// half a picture.
func writeFile(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", name, err)
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// kernel returns what /proc/version says, "unknown" where there is none.
func kernel() string {
	data, err := os.ReadFile("/proc/version")
	if line := strings.TrimSpace(string(data)); err == nil && line != "" {
		return line[:min(len(line), 512)]
	}
	return "unknown"
}
