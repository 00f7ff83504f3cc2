package p2p

import (
	"fmt"
	"io"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// lan hears of peers on the local link and hands them to the dialer, which
// bounds them: anyone on the link can claim to be anything.
type lan struct{ d *dialer }

// HandlePeerFound takes a peer that multicast DNS told of.
func (l lan) HandlePeerFound(info peer.AddrInfo) {
	l.d.add(info)
	l.d.wake()
}

// startLAN announces us on the local link under a service name of our own
// network and listens for others. The name is at most 15 bytes after its
// underscore, as the standard wants.
func (n *Network) startLAN(r *running) (io.Closer, error) {
	s := mdns.NewMdnsService(r.host, "_etal-"+n.short()[:9]+"._udp", lan{r.dialer})
	if err := s.Start(); err != nil {
		return nil, fmt.Errorf("look on the local link: %w", err)
	}
	return s, nil
}
