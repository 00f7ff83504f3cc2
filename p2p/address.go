package p2p

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// maxAddrText bounds the text of one address: a relayed one with two peer ids
// and certificate hashes stays well below it.
const maxAddrText = 1024

// ParseAddr reads a multiaddress that ends in /p2p/PEER, as Addrs tells them.
func ParseAddr(s string) (peer.AddrInfo, error) {
	if len(s) > maxAddrText {
		return peer.AddrInfo{}, fmt.Errorf("%w: %d bytes, more than %d", ErrAddress, len(s), maxAddrText)
	}
	info, err := peer.AddrInfoFromString(s)
	if err != nil {
		return peer.AddrInfo{}, fmt.Errorf("%w: %q: %w", ErrAddress, s, err)
	}
	return *info, nil
}

// ParseAddrs reads several addresses and puts those of one peer together.
func ParseAddrs(in []string) ([]peer.AddrInfo, error) {
	var out []peer.AddrInfo
	for _, s := range in {
		info, err := ParseAddr(s)
		if err != nil {
			return nil, err
		}
		out = mergeInfo(out, info)
	}
	return out, nil
}

func mergeInfo(in []peer.AddrInfo, info peer.AddrInfo) []peer.AddrInfo {
	for i := range in {
		if in[i].ID == info.ID {
			in[i].Addrs = ma.Unique(append(in[i].Addrs, info.Addrs...))
			return in
		}
	}
	return append(in, info)
}

// useful keeps the addresses worth remembering or dialling: at most
// maxPeerAddrs, and no loopback address of a network that is not local, because
// there it would mean ourselves.
func (s *settings) useful(in []ma.Multiaddr) []ma.Multiaddr {
	var out []ma.Multiaddr
	for _, a := range in {
		if len(out) == maxPeerAddrs {
			break
		}
		if a == nil || len(a.Bytes()) > maxAddrText || manet.IsIPUnspecified(a) {
			continue
		}
		if !s.Local && manet.IsIPLoopback(a) {
			continue
		}
		out = append(out, a)
	}
	return out
}
