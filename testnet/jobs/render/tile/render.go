package tile

import (
	"context"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
)

// Painter makes pixels; trace.Scene is one. It is called from many goroutines.
type Painter interface {
	// Paint fills rgb with three bytes for each pixel of area, row by row.
	Paint(seed uint64, area image.Rectangle, rgb []byte)
}

// Render paints the blocks of one tile with so many workers and returns its
// pixels in the order of the tile file. Each finished block is given to show
// with the number of blocks done so far, never two at once; RGB belongs to the
// tile and must not be changed. An error of show, or the end of ctx, stops the
// work after the blocks that are being painted. No worker outlives the call.
func Render(ctx context.Context, p Painter, layout Layout, index int, seed uint64, workers int, show func(block Pixels, done int) error) ([]byte, error) {
	blocks := layout.Blocks(index)
	if len(blocks) == 0 {
		return nil, fmt.Errorf("render: %w: no tile %d", ErrLayout, index)
	}
	starts := make([]int, len(blocks)+1)
	for i, b := range blocks {
		starts[i+1] = starts[i] + 3*b.Dx()*b.Dy()
	}
	pixels := make([]byte, starts[len(blocks)])

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var mu sync.Mutex // guards done and the call of show
	var done int
	var group sync.WaitGroup
	for range max(1, min(workers, len(blocks))) {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(blocks) {
					return
				}
				rgb := pixels[starts[i]:starts[i+1]:starts[i+1]]
				p.Paint(seed, blocks[i], rgb)
				mu.Lock()
				if ctx.Err() == nil {
					done++
					if err := show(Pixels{blocks[i], rgb}, done); err != nil {
						cancel(err)
					}
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("render: %w", context.Cause(ctx))
	}
	return pixels, nil
}
