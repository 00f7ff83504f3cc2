package tour

import (
	"context"
	"io"
	"time"

	"github.com/etal-cloud/etal/testnet/picture"
)

// Options say what a tour shows, and where.
type Options struct {
	// Binary is the etal executable that every node of the network runs.
	Binary string
	// Scene is what is rendered, of Seed's randomness.
	Scene *Scene
	Seed  uint64
	// Out is the file that the picture is written to.
	Out string
	// Keep is the folder of a network that stays when the tour ends well. Empty
	// makes one in a temporary folder and ends it.
	Keep string
	// Least is the shortest time that a tile takes to render, so that a provider
	// can die halfway however small the picture is. Zero means 6 s.
	Least time.Duration
	// KillEngine ends the container engine that a provider left in a folder.
	KillEngine func(ctx context.Context, root string) error
	// Talk is where the tour is told; View says how it can be drawn on. A nil
	// Talk tells nobody.
	Talk io.Writer
	View picture.Options
	// Doing is told what goes on now, in a few words, for a line that is drawn
	// over; "" when a whole line of talk follows. Nil is told nothing.
	Doing func(what string)
	// Bill is called with the report once the money is settled and before the
	// network ends. Nil is not called.
	Bill func(Report) error
}
