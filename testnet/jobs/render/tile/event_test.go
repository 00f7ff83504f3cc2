package tile_test

import (
	"errors"
	"fmt"
	"image"
	"reflect"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
)

func events(t testing.TB) []tile.Event {
	full := make([]byte, 3*tile.Side*tile.Side)
	for i := range full {
		full[i] = byte(i * 7)
	}
	return []tile.Event{
		tile.Start{Layout: layout(t, 480, 270, 3), Index: 2, Seed: 1<<64 - 1, Samples: 64},
		tile.Kernel{Version: "Linux version 4.19.0-gvisor"},
		tile.Progress{Done: 0, Total: 170},
		tile.Progress{Done: 170, Total: 170},
		tile.Pixels{Area: image.Rect(32, 48, 48, 64), RGB: full},
		tile.Pixels{Area: image.Rect(8191, 8191, 8192, 8192), RGB: []byte{1, 2, 3}},
		tile.Done{Digest: [32]byte{1, 2, 3}},
	}
}

func TestEventsComeBack(t *testing.T) {
	for _, want := range events(t) {
		line := want.String()
		if len(line) > tile.MaxLine {
			t.Errorf("a line of %d bytes", len(line))
		}
		got, err := tile.Parse(line + "\n")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q comes back as %#v, %v", line, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, line := range []string{
		"kernel ", "kernel", "done", "done 12", "done " + strings.Repeat("g", 64), "done " + strings.Repeat("00", 33),
		"progress", "progress 1", "progress 2/1", "progress 0/0", "progress -1/2", "progress 1/99999999", "progress 01/2", "progress +1/2", "progress 1/2 ",
		"pixels", "pixels 0 0 1 1", "pixels 0 0 1 1 AAA", "pixels 0 0 1 1 AAAAA", "pixels 0 0 0 1 ", "pixels 0 0 17 1 AAAA", "pixels 0 0 1 1 A*AA",
		"pixels 8192 0 1 1 AAAA", "pixels 8191 0 2 1 AAAAAAAA", "pixels -1 0 1 1 AAAA", "pixels 0 0 1 1 AAAA AAAA",
		"etal-render", "etal-render 2 480x270 tile 0/3 seed 7 samples 64", "etal-render 1 480x270 tile 3/3 seed 7 samples 64",
		"etal-render 1 0x270 tile 0/3 seed 7 samples 64", "etal-render 1 480x270 tile 0/3 seed -7 samples 64", "etal-render 1 480x270 tile 0/4096 seed 7 samples 64",
	} {
		if e, err := tile.Parse(line); !errors.Is(err, tile.ErrEvent) {
			t.Errorf("%q: %v, %v", line, e, err)
		}
	}
	for _, line := range []string{"", "hello", " progress 1/2", "Progress 1/2", "panic: oops", "pixels " + strings.Repeat("A", tile.MaxLine)} {
		if e, err := tile.Parse(line); !errors.Is(err, tile.ErrNoEvent) {
			t.Errorf("%q: %v, %v", line, e, err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, e := range events(f) {
		f.Add(e.String())
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := tile.Parse(line)
		if err != nil {
			if !errors.Is(err, tile.ErrEvent) && !errors.Is(err, tile.ErrNoEvent) {
				t.Fatal(err)
			}
			return
		}
		again, err := tile.Parse(e.String())
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%q comes back as %v, %v", line, again, err)
		}
	})
}

func ExampleParse() {
	for _, line := range []string{"progress 37/170", "pixels 470 269 1 1 /7kA", "anything else"} {
		event, err := tile.Parse(line)
		switch e := event.(type) {
		case tile.Progress:
			fmt.Printf("%d of %d blocks\n", e.Done, e.Total)
		case tile.Pixels:
			fmt.Println("pixels at", e.Area, e.RGB)
		default:
			fmt.Println(err)
		}
	}
	// Output:
	// 37 of 170 blocks
	// pixels at (470,269)-(471,270) [255 185 0]
	// no event
}
