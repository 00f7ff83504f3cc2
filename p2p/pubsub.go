package p2p

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	// maxGossip bounds one frame of the gossip protocol, which carries several
	// messages and control data. Topics have their own, smaller caps.
	maxGossip = 256 << 10
	// maxTopics bounds the topics that we remember of one peer.
	maxTopics = 64
	// maxTopicName bounds the part of a topic's name that is the caller's.
	maxTopicName = 128
)

// newPubSub builds GossipSub for objects that carry their own signatures: no
// envelope is signed, and an object's hash is its id, so the same object from
// two authors is one message.
func (s *settings) newPubSub(ctx context.Context, h host.Host, filter *topicFilter) (*pubsub.PubSub, error) {
	score, thresholds := s.score()
	mesh := protocol.ID(s.stem() + "/mesh/1")
	return pubsub.NewGossipSub(ctx, h,
		pubsub.WithGossipSubProtocols([]protocol.ID{mesh}, func(f pubsub.GossipSubFeature, p protocol.ID) bool {
			return p == mesh && f != pubsub.GossipSubFeatureExtensions
		}),
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithNoAuthor(),
		pubsub.WithMessageIdFn(messageID),
		pubsub.WithValidateQueueSize(2048),
		pubsub.WithPeerOutboundQueueSize(256),
		pubsub.WithMaxMessageSize(maxGossip),
		pubsub.WithPeerExchange(true),
		// Our own objects go to every neighbour, not only to the mesh: a node that
		// has just come is heard, and no few neighbours can silence it.
		pubsub.WithFloodPublish(true),
		// Its log tells of every message, which is for its own makers.
		pubsub.WithLogger(slog.New(slog.DiscardHandler)),
		pubsub.WithRPCLogger(slog.New(slog.DiscardHandler)),
		pubsub.WithPeerScore(score, thresholds),
		pubsub.WithSubscriptionFilter(filter),
	)
}

// messageID is half a SHA-256 of topic and content. Sixteen bytes are enough:
// whoever finds two objects of one id only keeps back their own.
func messageID(m *pb.Message) string {
	h := sha256.New()
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(m.GetTopic())))
	h.Write(n[:])
	h.Write([]byte(m.GetTopic()))
	h.Write(m.GetData())
	return string(h.Sum(nil)[:16])
}

// score punishes what a peer provably did wrong, and nothing that a slow,
// crowded or local network does by itself.
func (s *settings) score() (*pubsub.PeerScoreParams, *pubsub.PeerScoreThresholds) {
	colocation, exchange := -5.0, 5.0
	if s.Local {
		colocation, exchange = 0, 0
	}
	return &pubsub.PeerScoreParams{
			SkipAtomicValidation: true,
			Topics:               map[string]*pubsub.TopicScoreParams{},
			AppSpecificWeight:    1,
			AppSpecificScore: func(p peer.ID) float64 {
				if s.isBootstrap(p) {
					return 10
				}
				return 0
			},
			IPColocationFactorWeight:    colocation,
			IPColocationFactorThreshold: 10,
			BehaviourPenaltyWeight:      -10,
			BehaviourPenaltyThreshold:   6,
			BehaviourPenaltyDecay:       0.92,
			DecayInterval:               time.Second,
			DecayToZero:                 0.01,
			RetainScore:                 10 * time.Minute,
		}, &pubsub.PeerScoreThresholds{
			GossipThreshold:             -50,
			PublishThreshold:            -100,
			GraylistThreshold:           -200,
			AcceptPXThreshold:           exchange,
			OpportunisticGraftThreshold: 1,
		}
}

// topic is the full name of a topic of this network.
func (s *settings) topic(name string) string { return s.stem() + "/topic/" + name }

// topicFilter remembers only topics of our own network, and at most maxTopics of
// one peer: without it a stranger could make us remember names without end.
type topicFilter struct {
	stem string

	mu   sync.Mutex // guards the following field
	seen map[peer.ID]map[string]struct{}
}

// CanSubscribe reports whether a topic is one of this network.
func (f *topicFilter) CanSubscribe(topic string) bool {
	return strings.HasPrefix(topic, f.stem) && len(topic) <= len(f.stem)+maxTopicName
}

// FilterIncomingSubscriptions drops what a peer should not make us remember.
func (f *topicFilter) FilterIncomingSubscriptions(from peer.ID, in []*pb.RPC_SubOpts) ([]*pb.RPC_SubOpts, error) {
	if len(in) > 2*maxTopics {
		return nil, pubsub.ErrTooManySubscriptions
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	topics := f.seen[from]
	if topics == nil {
		topics = make(map[string]struct{})
		f.seen[from] = topics
	}
	return slices.DeleteFunc(pubsub.FilterSubscriptions(in, f.CanSubscribe), func(o *pb.RPC_SubOpts) bool {
		if !o.GetSubscribe() {
			delete(topics, o.GetTopicid())
			return false
		}
		if _, known := topics[o.GetTopicid()]; !known && len(topics) == maxTopics {
			return true
		}
		topics[o.GetTopicid()] = struct{}{}
		return false
	}), nil
}

// forget drops the topics of a peer that left.
func (f *topicFilter) forget(p peer.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.seen, p)
}
