package tour_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/tour"
)

func TestReadScene(t *testing.T) {
	s, err := tour.ReadScene("", tour.Size{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.Title(), "480×270") {
		t.Errorf("etal's own scene is called %q", s.Title())
	}
	s, err = tour.ReadScene("testdata/visitor.toml", tour.Size{})
	if err != nil || s.Title() != "three balls (112×63)" {
		t.Errorf("%v, %v", s, err)
	}
	s, err = tour.ReadScene("testdata/visitor.toml", tour.Size{Width: 64, Samples: 2})
	if err != nil || s.Title() != "three balls (64×63)" {
		t.Errorf("%v, %v", s, err)
	}
}

// small is a good scene of a square picture.
func small(side int) string {
	return fmt.Sprintf("[image]\nwidth = %d\nheight = %d\n[camera]\nat = [0, 1, 5]\n[material.grey]\n[[sphere]]\nat = [0, 0, 0]\nradius = 1\nmaterial = \"grey\"\n", side, side)
}

// A scene that cannot be rendered is found before anything is started, and the
// error says where it is wrong.
func TestReadBadScene(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		size tour.Size
		want string
	}{
		"no TOML":       {"width is 3", tour.Size{}, "scene.toml:1: "},
		"unknown word":  {"[image]\nwidth = 8\nheigth = 8\n", tour.Size{}, "scene.toml:3: "},
		"empty":         {"", tour.Size{}, "scene.toml"},
		"too few tiles": {small(8), tour.Size{}, "makes 1 to 1"},
		"too large":     {small(80), tour.Size{Width: 1 << 20}, "scene.toml"},
		"too fine":      {small(80), tour.Size{Samples: 1 << 20}, "scene.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "scene.toml")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := tour.ReadScene(file, c.size)
			if !errors.Is(err, node.ErrBadRequest) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want a bad request that says %q", err, c.want)
			}
		})
	}
	if _, err := tour.ReadScene("testdata/none.toml", tour.Size{}); !errors.Is(err, os.ErrNotExist) || !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("a scene that is not there: %v", err)
	}
}
