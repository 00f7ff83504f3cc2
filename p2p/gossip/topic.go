package gossip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
)

// The errors of this package. Match them with errors.Is.
var (
	// ErrTopic means the name or the options of a topic cannot be used.
	ErrTopic = errors.New("bad topic")
	// ErrNotReady means the topic is not running: Run was not called, the network
	// is not open yet, or either has ended.
	ErrNotReady = errors.New("topic is not running")
	// ErrTooLarge means a published object is beyond the topic's MaxBytes.
	ErrTooLarge = errors.New("object too large")
	// ErrRefused means the topic's own checks do not accept a published object.
	ErrRefused = errors.New("object refused")
)

// Verdict says what to do with an object.
type Verdict int

const (
	// Ignore drops the object and blames nobody. It is the zero value because it
	// is the safe answer.
	Ignore Verdict = iota
	// Accept keeps the object and passes it on.
	Accept
	// Reject drops it and lowers the score of the neighbour it came from, who is
	// cut off after a few.
	Reject
)

// Options say what a topic carries. Decode, Validate and Deliver are needed.
// Decode and Validate are called from several goroutines at once.
type Options[T any] struct {
	// MaxBytes bounds an object. 0 means 1 KiB; at most 64 KiB. A larger one is
	// rejected unread.
	MaxBytes int
	// RatePerPeer is how many objects per second one neighbour may pass on, and
	// Burst how many at once. 0 means 100 and ten times the rate. More is ignored.
	RatePerPeer float64
	Burst       int
	// Decode reads an object; an error rejects it, so it must not depend on time
	// or state. It is called with at most MaxBytes, which it must not keep.
	Decode func([]byte) (T, error)
	// Validate judges an object that a neighbour passed on, or that we publish
	// (from is then ourselves).
	Validate func(from peer.ID, v T) Verdict
	// Deliver receives the accepted objects of others.
	Deliver func(from peer.ID, v T)
	// Now is the clock of the rate caps. Nil means time.Now.
	Now func() time.Time
}

const (
	defaultBytes = 1 << 10
	largestBytes = 64 << 10
	buffered     = 1024 // accepted objects that wait for Deliver
)

// Network is what this package needs of the network; *p2p.Network is one.
type Network interface {
	// ID is our peer id.
	ID() peer.ID
	// Ready is closed when PubSub is there.
	Ready() <-chan struct{}
	// PubSub is the router, nil when the network has ended.
	PubSub() *pubsub.PubSub
	// Topic is the full name of a topic of this network.
	Topic(name string) string
}

// Topic is one topic that we take part in while Run runs.
type Topic[T any] struct {
	net  Network
	name string
	opts Options[T]
	pace *pace
	live atomic.Pointer[pubsub.Topic]
	up   chan struct{}
	once sync.Once

	accepted, ignored, rejected atomic.Uint64
}

// Stats count what a topic did with the objects of others since the start.
type Stats struct {
	Accepted, Ignored, Rejected uint64
	// Neighbours are the peers that we know to take part.
	Neighbours int
}

var nameForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9./-]{0,62}[a-z0-9])?$`)

// Join prepares a topic. It starts nothing and may be called before the network
// runs: call Run. The only error is ErrTopic.
func Join[T any](n Network, name string, o Options[T]) (*Topic[T], error) {
	if !nameForm.MatchString(name) {
		return nil, fmt.Errorf("%w: name %q", ErrTopic, name)
	}
	if o.Decode == nil || o.Validate == nil || o.Deliver == nil {
		return nil, fmt.Errorf("%w: %s: Decode, Validate and Deliver are needed", ErrTopic, name)
	}
	if o.MaxBytes < 0 || o.MaxBytes > largestBytes || o.RatePerPeer < 0 || o.Burst < 0 {
		return nil, fmt.Errorf("%w: %s: a limit is out of range", ErrTopic, name)
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultBytes)
	o.RatePerPeer = cmp.Or(o.RatePerPeer, 100)
	o.Burst = cmp.Or(o.Burst, max(1, int(10*o.RatePerPeer)))
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Topic[T]{net: n, name: name, opts: o, pace: newPace(o.RatePerPeer, o.Burst), up: make(chan struct{})}, nil
}

// Run takes part in the topic until ctx ends, and then returns nil. It waits for
// the network to be ready, and may be called again after it returned.
func (t *Topic[T]) Run(ctx context.Context) (err error) {
	select {
	case <-t.net.Ready():
	case <-ctx.Done():
		return nil
	}
	ps := t.net.PubSub()
	if ps == nil {
		return fmt.Errorf("topic %s: %w", t.name, ErrNotReady)
	}
	full := t.net.Topic(t.name)
	if err := ps.RegisterTopicValidator(full, t.validate); err != nil {
		return fmt.Errorf("topic %s: %w", t.name, err)
	}
	defer func() { _ = ps.UnregisterTopicValidator(full) }()
	topic, err := ps.Join(full)
	if err != nil {
		return fmt.Errorf("topic %s: %w", t.name, err)
	}
	defer func() { _ = topic.Close() }()
	if err := topic.SetScoreParams(score()); err != nil {
		return fmt.Errorf("topic %s: %w", t.name, err)
	}
	sub, err := topic.Subscribe(pubsub.WithBufferSize(buffered))
	if err != nil {
		return fmt.Errorf("topic %s: %w", t.name, err)
	}
	defer sub.Cancel()
	t.live.Store(topic)
	defer t.live.Store(nil)
	t.once.Do(func() { close(t.up) })
	for {
		m, err := sub.Next(ctx)
		if err != nil {
			// Either ctx or the router has ended; both are proper ends.
			return nil
		}
		if v, ok := m.ValidatorData.(T); ok && m.ReceivedFrom != t.net.ID() {
			t.opts.Deliver(m.ReceivedFrom, v)
		}
	}
}

// Ready is closed when Run has joined the topic for the first time.
func (t *Topic[T]) Ready() <-chan struct{} { return t.up }

// Publish tells an object to everyone. It passes the same checks as an object
// of others, except the rate. It is not delivered to ourselves.
func (t *Topic[T]) Publish(ctx context.Context, b []byte) error {
	topic := t.live.Load()
	if topic == nil {
		return fmt.Errorf("publish to %s: %w", t.name, ErrNotReady)
	}
	if len(b) > t.opts.MaxBytes {
		return fmt.Errorf("publish to %s: %w: %d bytes, at most %d", t.name, ErrTooLarge, len(b), t.opts.MaxBytes)
	}
	if err := topic.Publish(ctx, b); err != nil {
		var refused pubsub.ValidationError
		if errors.As(err, &refused) {
			return fmt.Errorf("publish to %s: %w: %w", t.name, ErrRefused, err)
		}
		return fmt.Errorf("publish to %s: %w", t.name, err)
	}
	return nil
}

// Stats tells what happened so far.
func (t *Topic[T]) Stats() Stats {
	s := Stats{Accepted: t.accepted.Load(), Ignored: t.ignored.Load(), Rejected: t.rejected.Load()}
	if topic := t.live.Load(); topic != nil {
		s.Neighbours = len(topic.ListPeers())
	}
	return s
}
