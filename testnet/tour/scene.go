package tour

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/jobs/render/scenes"
	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/jobs/render/trace"
)

// Tiles is how many parts, and so providers, share a picture.
const Tiles = 3

// Scene is what a tour renders: a scene file that is known to be good.
type Scene struct {
	name   string // of the file; empty is the scene that comes with etal
	source []byte // the file
	parsed *trace.Scene
	layout tile.Layout
}

// Size changes how large and how fine a scene's picture is; what is zero stays
// as the scene has it.
type Size struct {
	Width, Height int // pixels
	Samples       int // paths of light for each pixel
}

// ReadScene reads and checks a scene file; without a name it is the scene that
// comes with etal. What is wrong with it is a node.ErrBadRequest and names the
// line.
func ReadScene(name string, size Size) (*Scene, error) {
	s := &Scene{name: name, source: scenes.Etal}
	if name != "" {
		var err error
		if s.source, err = readFile(name); err != nil {
			return nil, err
		}
	} else {
		name = "the scene"
	}
	// The file is checked as it is first: its lines are what its writer knows.
	if err := s.parse(name); err != nil {
		return nil, err
	}
	if size == (Size{}) {
		return s, nil
	}
	if err := s.resize(size); err != nil {
		return nil, err
	}
	return s, s.parse(name)
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: read the scene: %w", node.ErrBadRequest, err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, trace.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: read the scene: %w", node.ErrBadRequest, err)
	}
	return b, nil
}

func (s *Scene) parse(name string) error {
	parsed, err := trace.Parse(s.source)
	var at *trace.SceneError
	switch {
	case errors.As(err, &at) && at.Line > 0:
		return fmt.Errorf("%w: %s:%d: %s", node.ErrBadRequest, name, at.Line, at.Message)
	case err != nil:
		return fmt.Errorf("%w: %s: %w", node.ErrBadRequest, name, err)
	}
	width, height := parsed.Size()
	layout, err := tile.NewLayout(width, height, Tiles)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", node.ErrBadRequest, name, err)
	}
	s.parsed, s.layout = parsed, layout
	return nil
}

// resize writes the scene again with another size.
func (s *Scene) resize(size Size) error {
	var doc map[string]any
	if err := toml.Unmarshal(s.source, &doc); err != nil {
		return fmt.Errorf("%w: %w", node.ErrBadRequest, err)
	}
	picture, _ := doc["image"].(map[string]any)
	if picture == nil {
		return fmt.Errorf("%w: the scene has no [image]", node.ErrBadRequest)
	}
	for key, n := range map[string]int{"width": size.Width, "height": size.Height, "samples": size.Samples} {
		if n != 0 {
			picture[key] = int64(n)
		}
	}
	b, err := toml.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write the scene: %w", err)
	}
	s.source = b
	return nil
}

// Title is what is rendered, in a few words.
func (s *Scene) Title() string {
	title := s.parsed.Title()
	if title == "" {
		title = s.name
	}
	width, height := s.parsed.Size()
	return fmt.Sprintf("%s (%d×%d)", title, width, height)
}

// term is the time to lease a tile for: far more than it should take, for a
// machine may be slow and busy. Its end keeps a lease below the signer's limit.
func (s *Scene) term() time.Duration {
	width, height := s.parsed.Size()
	paths := int64(width) * int64(height) * int64(s.parsed.Samples()) / Tiles
	return min(10*time.Minute+time.Duration(paths)*50*time.Microsecond, 10*time.Hour).Round(time.Minute)
}
