package p2p

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// Config says what a Network is. Only NetworkID has no useful zero value.
type Config struct {
	// NetworkID tells this etal network from all others. It must not be zero.
	NetworkID [32]byte
	// Prefix is the first part of every protocol id. Empty means "/etal".
	Prefix string

	// Key is the node's identity. Empty means KeyFile, or a key for this run only.
	Key ed25519.PrivateKey
	// KeyFile keeps the identity. It is made, readable by its owner only, when it
	// is not there. Ignored when Key is given.
	KeyFile string

	// Local marks a network on one machine or in a laboratory; see the package.
	Local bool
	// Listen holds the multiaddresses to listen on; port 0 is a free port, and the
	// one of the previous run when PeersFile remembers it and it is still free.
	// Empty means TCP and QUIC on a free port: on loopback when Local, else on
	// every interface.
	Listen []string
	// Announce holds the multiaddresses to tell others instead of those listened
	// on. Empty means the latter.
	Announce []string
	// Bootstrap holds multiaddresses ending in /p2p/PEER to connect to.
	Bootstrap []string
	// PeersFile remembers peers and our own ports. Empty means nothing is kept.
	PeersFile string
	// MDNS looks for peers of this network on the local link.
	MDNS bool
	// NoPortMap keeps a node that is not Local from asking the router for a port.
	NoPortMap bool
	// Want is how many peers to look for among the known ones. 0 means 16.
	Want int

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Log receives what an operator should know. Nil means nothing is logged.
	Log *slog.Logger
	// Options are added to those of the host, for simulated networks.
	Options []libp2p.Option
}

// The bounds on what is accepted and kept.
const (
	maxBootstrap  = 256  // bootstrap addresses
	maxCandidates = 1024 // peers to dial, of all sources
	maxPeerAddrs  = 8    // addresses kept per peer
	maxFind       = 256  // peers told by one Find
	maxWatchers   = 256  // event watchers at once
	maxFarewells  = 64   // strangers given a moment before they are cut off
)

var prefixForm = regexp.MustCompile(`^(/[a-z0-9._-]{1,32}){1,3}$`)

// settings is a Config that was checked and completed.
type settings struct {
	Config
	listen    []ma.Multiaddr
	announce  []ma.Multiaddr
	bootstrap []peer.AddrInfo
}

func (c Config) settle() (*settings, error) {
	s := &settings{Config: c}
	if s.NetworkID == [32]byte{} {
		return nil, fmt.Errorf("%w: no network id", ErrConfig)
	}
	if s.Prefix == "" {
		s.Prefix = "/etal"
	}
	if !prefixForm.MatchString(s.Prefix) {
		return nil, fmt.Errorf("%w: prefix %q is not like /etal", ErrConfig, s.Prefix)
	}
	if s.Key != nil && len(s.Key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: the key has %d bytes, not %d", ErrConfig, len(s.Key), ed25519.PrivateKeySize)
	}
	if s.Want < 0 || s.Want > maxCandidates {
		return nil, fmt.Errorf("%w: %d wanted peers, not 0 to %d", ErrConfig, s.Want, maxCandidates)
	}
	if s.Want == 0 {
		s.Want = 16
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	listen := s.Listen
	if len(listen) == 0 {
		listen = []string{"/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1", "/ip6/::/tcp/0", "/ip6/::/udp/0/quic-v1"}
		if s.Local {
			listen = []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}
		}
	}
	var err error
	if s.listen, err = parseMultiaddrs("listen", listen); err != nil {
		return nil, err
	}
	if s.announce, err = parseMultiaddrs("announce", s.Announce); err != nil {
		return nil, err
	}
	if len(s.Bootstrap) > maxBootstrap {
		return nil, fmt.Errorf("%w: %d bootstrap addresses, more than %d", ErrConfig, len(s.Bootstrap), maxBootstrap)
	}
	for _, a := range s.Bootstrap {
		info, err := ParseAddr(a)
		if err != nil {
			return nil, fmt.Errorf("%w: bootstrap: %w", ErrConfig, err)
		}
		s.bootstrap = mergeInfo(s.bootstrap, info)
	}
	return s, nil
}

func parseMultiaddrs(what string, in []string) ([]ma.Multiaddr, error) {
	var out []ma.Multiaddr
	for _, a := range in {
		m, err := ma.NewMultiaddr(a)
		if err != nil {
			return nil, fmt.Errorf("%w: %s address %q: %w", ErrConfig, what, a, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// short is the part of the network id that protocol ids and topics carry.
func (s *settings) short() string { return hex.EncodeToString(s.NetworkID[:8]) }

// stem begins every protocol id of this network.
func (s *settings) stem() string { return s.Prefix + "/" + s.short() }

// version is what identify tells about our network: all of its id.
func (s *settings) version() string { return "etal/" + hex.EncodeToString(s.NetworkID[:]) }
