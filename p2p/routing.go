package p2p

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"

	cid "github.com/ipfs/go-cid"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kbucket/peerdiversity"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	mh "github.com/multiformats/go-multihash"
)

// newDHT builds the DHT of this network: its own protocol prefix, addresses and
// group members only, no values.
func (s *settings) newDHT(h host.Host) (*dht.IpfsDHT, error) {
	opts := []dht.Option{
		dht.ProtocolPrefix(protocol.ID(s.stem())),
		dht.DisableValues(),
		dht.AddressFilter(s.useful),
		dht.QueryFilter(func(_ any, info peer.AddrInfo) bool { return len(s.useful(info.Addrs)) > 0 }),
	}
	if s.Local {
		// Nobody can tell a node on loopback that it is reachable, so it would
		// never begin to serve by itself.
		opts = append(opts, dht.Mode(dht.ModeServer))
	} else {
		opts = append(opts, dht.Mode(dht.ModeAuto),
			dht.RoutingTablePeerDiversityFilter(diversity{dht.NewRTPeerDiversityFilter(h, 2, 3)}))
	}
	return dht.New(h, opts...)
}

// diversity allows few peers of one address group into the routing table, so
// that one machine with many peer ids cannot fill it. Private addresses are
// exempt: they are one household, and no stranger can have them.
type diversity struct {
	peerdiversity.PeerIPGroupFilter
}

func (d diversity) Allow(g peerdiversity.PeerGroupInfo) bool {
	if a, err := netip.ParseAddr(string(g.IPGroupKey)); err == nil && a.IsPrivate() {
		return true
	}
	return d.PeerIPGroupFilter.Allow(g)
}

// groupKey is where the members of a group are found in the DHT.
func (s *settings) groupKey(group string) (cid.Cid, error) {
	sum := sha256.Sum256([]byte(s.stem() + "/group/" + group))
	hash, err := mh.Encode(sum[:], mh.SHA2_256)
	if err != nil {
		return cid.Undef, err
	}
	return cid.NewCidV1(cid.Raw, hash), nil
}

// Announce tells the DHT that this node is a member of a group (a shard of a
// topic, for instance). The entry lives about a day: call it again before.
func (n *Network) Announce(ctx context.Context, group string) error {
	r := n.live.Load()
	if r == nil {
		return ErrNotReady
	}
	key, err := n.groupKey(group)
	if err != nil {
		return err
	}
	if err := r.dht.Provide(ctx, key, true); err != nil {
		return fmt.Errorf("announce %q: %w", group, err)
	}
	return nil
}

// Find asks the DHT for at most limit members of a group, 256 at the most. They
// are hints: a member may be gone, lie, or be left out by whoever answered.
func (n *Network) Find(ctx context.Context, group string, limit int) ([]peer.AddrInfo, error) {
	r := n.live.Load()
	if r == nil {
		return nil, ErrNotReady
	}
	key, err := n.groupKey(group)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	limit = min(max(limit, 1), maxFind)
	seen := make(map[peer.ID]bool)
	var out []peer.AddrInfo
	for info := range r.dht.FindProvidersAsync(ctx, key, limit) {
		if info.ID == n.id || seen[info.ID] || len(out) == limit {
			continue
		}
		seen[info.ID] = true
		info.Addrs = n.useful(info.Addrs)
		out = append(out, info)
	}
	if err := ctx.Err(); err != nil && len(out) == 0 {
		return nil, fmt.Errorf("find %q: %w", group, err)
	}
	return out, nil
}
