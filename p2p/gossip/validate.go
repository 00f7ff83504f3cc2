package gossip

import (
	"context"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/time/rate"
)

// validate judges one object, cheap checks first, and hands the decoded value on
// so that it is decoded once.
func (t *Topic[T]) validate(_ context.Context, from peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	own := from == t.net.ID()
	result := pubsub.ValidationIgnore
	switch t.judge(from, own, m) {
	case Accept:
		result = pubsub.ValidationAccept
	case Reject:
		result = pubsub.ValidationReject
	}
	if own {
		return result
	}
	switch result {
	case pubsub.ValidationAccept:
		t.accepted.Add(1)
	case pubsub.ValidationReject:
		t.rejected.Add(1)
	default:
		t.ignored.Add(1)
	}
	return result
}

func (t *Topic[T]) judge(from peer.ID, own bool, m *pubsub.Message) Verdict {
	if len(m.Data) == 0 || len(m.Data) > t.opts.MaxBytes {
		return Reject
	}
	if !own && !t.pace.allow(from, t.opts.Now()) {
		return Ignore
	}
	v, err := t.opts.Decode(m.Data)
	if err != nil {
		return Reject
	}
	m.ValidatorData = v
	return t.opts.Validate(from, v)
}

// maxNeighbours bounds the neighbours whose pace is remembered.
const maxNeighbours = 1024

// pace bounds how fast each neighbour passes objects on.
type pace struct {
	limit rate.Limit
	burst int

	mu   sync.Mutex // guards the following field
	each map[peer.ID]*rate.Limiter
}

func newPace(limit float64, burst int) *pace {
	return &pace{limit: rate.Limit(limit), burst: burst, each: make(map[peer.ID]*rate.Limiter)}
}

func (p *pace) allow(id peer.ID, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.each[id]
	if l == nil {
		if len(p.each) >= maxNeighbours {
			// Those who have rested are as good as new.
			for id, l := range p.each {
				if l.TokensAt(now) >= float64(p.burst) {
					delete(p.each, id)
				}
			}
		}
		if len(p.each) >= maxNeighbours {
			return false
		}
		l = rate.NewLimiter(p.limit, p.burst)
		p.each[id] = l
	}
	return l.AllowN(now, 1)
}

// score punishes only rejected objects. A topic on which little is said would
// otherwise punish peers for having nothing to pass on. Four rejected objects in
// a row cut a neighbour off; half of that is forgotten in about a minute.
func score() *pubsub.TopicScoreParams {
	return &pubsub.TopicScoreParams{
		SkipAtomicValidation:           true,
		TopicWeight:                    1,
		TimeInMeshWeight:               0.01,
		TimeInMeshQuantum:              time.Second,
		TimeInMeshCap:                  300,
		FirstMessageDeliveriesWeight:   0.5,
		FirstMessageDeliveriesDecay:    0.99,
		FirstMessageDeliveriesCap:      20,
		InvalidMessageDeliveriesWeight: -20,
		InvalidMessageDeliveriesDecay:  0.99,
	}
}
