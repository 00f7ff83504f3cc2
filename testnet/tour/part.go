package tour

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/picture"
)

// part is one tile on its way. Its owner's mu guards it.
type part struct {
	index  int
	view   node.JobView  // as the renter's node told it last
	leased chan string   // the peer that it is leased from at first
	again  chan struct{} // closed when it runs on another provider than at first
	half   chan struct{} // closed when its first attempt is halfway
	ended  chan struct{} // closed when its job has ended

	done, total int    // blocks
	kernel      string // of the attempt whose log is read
	digest      [sha256.Size]byte
	lines       [3][]byte // the unfinished line of each stream
	struck      string    // the provider that was killed under it
	tile        *tile.Tile
}

// errEnough stops a stream that told all that was wanted.
var errEnough = errors.New("enough")

// watch follows a tile's job to its end.
func (t *tour) watch(ctx context.Context, p *part) error {
	name := t.job(p.index, nil).Name
	err := t.client.WatchJob(ctx, name, func(v node.JobView) error {
		t.mu.Lock()
		defer t.mu.Unlock()
		if v.Provider != p.view.Provider {
			p.done, p.total = 0, 0
		}
		p.view = v
		if n := len(v.Leases); n > 0 {
			last := v.Leases[n-1]
			if v.Phase != "match" && v.Phase != "lease" { // its provider has committed
				select {
				case p.leased <- last.Peer:
				default: // it was told
				}
			}
			if n > 1 && last.Provider != v.Leases[0].Provider && last.End == market.AllocRunning {
				shut(p.again)
			}
		}
		t.show(p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("tile %d: %w", p.index, err)
	}
	t.mu.Lock()
	v := p.view
	t.mu.Unlock()
	switch {
	case v.Outcome() != nil:
		return fmt.Errorf("tile %d: %w", p.index, v.Outcome())
	case v.Exit == nil:
		return fmt.Errorf("tile %d: it was %s on %s: %s", p.index, v.State, v.Provider, v.Reason)
	case *v.Exit != 0:
		return fmt.Errorf("tile %d: the renderer ended with %d on %s", p.index, *v.Exit, v.Provider)
	}
	return nil
}

// shut closes a channel unless it is closed. The caller holds mu.
func shut(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// show draws how a tile does. The caller holds mu.
func (t *tour) show(p *part) {
	if t.view == nil {
		return
	}
	s := picture.Status{Name: p.view.Provider, State: picture.Waiting, Done: p.done, Total: p.total}
	switch {
	case p.tile != nil:
		s.State, s.Done = picture.Finished, p.total
	case p.struck != "" && p.view.Provider == p.struck:
		s.State = picture.Lost
	case p.view.State == market.AllocRunning, p.view.State.Ended():
		s.State = picture.Running
	case p.view.Phase == "pull":
		s.State, s.Done, s.Total = picture.Sending, 0, 0
	}
	if !p.view.Paid.IsZero() {
		s.Note = "paid " + t.money(p.view.Paid)
	}
	t.view.Status(p.index, s)
}

// logs reads a tile's log while it is written, from one attempt to the next.
func (t *tour) logs(ctx context.Context, p *part, follow bool) error {
	name := t.job(p.index, nil).Name
	err := t.client.JobLogs(ctx, name, 0, follow, func(r runtime.LogRecord) error {
		t.mu.Lock()
		defer t.mu.Unlock()
		if int(r.Stream) >= len(p.lines) {
			return nil
		}
		buf := append(p.lines[r.Stream], r.Data...)
		for {
			line, rest, found := bytes.Cut(buf, []byte{'\n'})
			if !found {
				break
			}
			t.line(p, string(line), r.Stream)
			buf = rest
		}
		if len(buf) > 4*tile.MaxLine { // no line of ours
			buf = nil
		}
		p.lines[r.Stream] = append([]byte(nil), buf...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("log of tile %d: %w", p.index, err)
	}
	return nil
}

// line takes in a line of a job's log. The caller holds mu.
func (t *tour) line(p *part, line string, from runtime.Stream) {
	e, err := tile.Parse(line)
	if err != nil || from != runtime.Stdout {
		if t.view != nil && line != "" {
			t.view.Say(fmt.Sprintf("  tile %d says: %.200s", p.index, line))
		}
		return
	}
	switch e := e.(type) {
	case tile.Start:
		p.done, p.total, p.digest = 0, 0, [sha256.Size]byte{}
	case tile.Kernel:
		if p.kernel == "" && t.view != nil {
			name, _, _ := strings.Cut(e.Version, " #")
			t.view.Say(fmt.Sprintf("  inside the sandbox of %s tile %d sees %.60s", p.view.Provider, p.index, name))
		}
		p.kernel = e.Version
	case tile.Pixels:
		if t.view != nil {
			t.view.Block(e)
		}
	case tile.Progress:
		p.done, p.total = e.Done, e.Total
		if 2*p.done >= p.total {
			shut(p.half)
		}
	case tile.Done:
		p.digest = e.Digest
	}
	t.show(p)
}

// fetchTime is how long a provider that was killed just after its job had ended
// may take until it is there again.
const fetchTime = 30 * time.Second

// output reads a finished tile from its provider.
func (t *tour) output(ctx context.Context, p *part) (*tile.Tile, [sha256.Size]byte, error) {
	for end := time.Now().Add(fetchTime); ; {
		r, w := io.Pipe()
		sent := make(chan error, 1)
		go func() { // ends with the stream, or when the reader below gives up
			err := t.client.JobOutput(ctx, t.job(p.index, nil).Name, tileFile, w)
			w.CloseWithError(err) // nil is the end of the stream
			sent <- err
		}()
		got, sum, err := decode(r)
		_ = r.CloseWithError(errEnough) // it always returns nil
		if e := <-sent; e != nil && !errors.Is(e, errEnough) {
			err = e
		}
		if err == nil {
			return got, sum, nil
		}
		t.mu.Lock()
		struck := p.struck != "" && p.struck == p.view.Provider
		t.mu.Unlock()
		if !struck || time.Now().After(end) {
			return nil, sum, fmt.Errorf("bring tile %d back: %w", p.index, err)
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return nil, sum, err
		}
	}
}

// fetch brings a finished tile here and checks that it is what was asked for.
func (t *tour) fetch(ctx context.Context, p *part) error {
	got, sum, err := t.output(ctx, p)
	if err != nil {
		return err
	}
	t.mu.Lock()
	said := p.digest
	t.mu.Unlock()
	if said == ([sha256.Size]byte{}) { // its line was missed
		if err := t.logs(ctx, p, false); err != nil {
			return err
		}
		t.mu.Lock()
		said = p.digest
		t.mu.Unlock()
	}
	switch {
	case sum != said:
		return fmt.Errorf("tile %d came back as %x, and its provider wrote %x", p.index, sum[:8], said[:8])
	case got.Layout != t.o.Scene.layout, got.Index != p.index, got.Seed != t.o.Seed, got.Scene != t.o.Scene.parsed.Digest():
		return fmt.Errorf("tile %d came back as part of another picture", p.index)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p.tile = got
	t.show(p)
	return nil
}

// decode reads the one file of a tar stream as a tile.
func decode(r io.Reader) (*tile.Tile, [sha256.Size]byte, error) {
	archive := tar.NewReader(r)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			err = errors.New("no tile is in it")
		}
		if err != nil {
			return nil, [sha256.Size]byte{}, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		sum := sha256.New()
		got, err := tile.Decode(io.TeeReader(archive, sum))
		return got, [sha256.Size]byte(sum.Sum(nil)), err
	}
}
