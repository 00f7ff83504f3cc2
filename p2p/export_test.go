package p2p

import (
	"time"

	"github.com/libp2p/go-libp2p-kbucket/peerdiversity"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// Bounds that tests hold the package to.
const (
	MaxKnown     = maxKnown
	MaxPeerAddrs = maxPeerAddrs
	MaxTopics    = maxTopics
	MaxFind      = maxFind
	Candidates   = maxCandidates
)

// Known opens a file of known peers by itself.
type Known struct{ k *known }

// OpenKnown opens the file that c names.
func OpenKnown(c Config) (Known, error) {
	s, err := c.settle()
	if err != nil {
		return Known{}, err
	}
	k, err := s.openKnown(c.PeersFile)
	return Known{k}, err
}

// Saw notes a peer, Infos lists them, Save writes the file.
func (k Known) Saw(id peer.ID, addrs []ma.Multiaddr, now time.Time) { k.k.saw(id, addrs, now) }
func (k Known) Infos() []peer.AddrInfo                              { return k.k.infos() }
func (k Known) Save() error                                         { return k.k.save() }

// DecodeKnown reads the bytes of a file.
func DecodeKnown(c Config, b []byte) ([]peer.AddrInfo, error) {
	s, err := c.settle()
	if err != nil {
		return nil, err
	}
	k := &known{peers: make(map[peer.ID]knownPeer)}
	err = k.decode(b, s)
	return k.infos(), err
}

// FilterTopics tells how many of the subscriptions in each frame of one peer are
// taken.
func FilterTopics(c Config, from peer.ID, frames ...[]string) (taken []int, err error) {
	s, err := c.settle()
	if err != nil {
		return nil, err
	}
	f := &topicFilter{stem: s.topic(""), seen: make(map[peer.ID]map[string]struct{})}
	yes := true
	for _, frame := range frames {
		var opts []*pb.RPC_SubOpts
		for _, t := range frame {
			opts = append(opts, &pb.RPC_SubOpts{Subscribe: &yes, Topicid: &t})
		}
		got, err := f.FilterIncomingSubscriptions(from, opts)
		if err != nil {
			return taken, err
		}
		taken = append(taken, len(got))
	}
	return taken, nil
}

// Useful is which of some addresses a node of this configuration keeps.
func Useful(c Config, in []ma.Multiaddr) ([]ma.Multiaddr, error) {
	s, err := c.settle()
	if err != nil {
		return nil, err
	}
	return s.useful(in), nil
}

// Dialer exposes whom the node would dial and when.
type Dialer struct {
	d *dialer
	p *peers
}

// NewDialer makes one without a network.
func NewDialer(c Config, known []peer.AddrInfo) (Dialer, error) {
	s, err := c.settle()
	if err != nil {
		return Dialer{}, err
	}
	return Dialer{newDialer(s, "", known), newPeers()}, nil
}

// Add, Next and Done are the dialer's own; Size is how many it remembers.
func (d Dialer) Add(info peer.AddrInfo) { d.d.add(info) }

func (d Dialer) Next(now time.Time) ([]peer.AddrInfo, time.Duration) {
	return d.d.next(now, d.p)
}
func (d Dialer) Done(id peer.ID, now time.Time, err error) { d.d.done(id, now, err) }
func (d Dialer) Size() int                                 { return len(d.d.all) }

// Diversity wraps a filter as the routing table's is.
func Diversity(in peerdiversity.PeerIPGroupFilter) peerdiversity.PeerIPGroupFilter {
	return diversity{in}
}
