package p2p

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/routing"
	"github.com/libp2p/go-libp2p/p2p/host/autorelay"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/x/rate"
	ma "github.com/multiformats/go-multiaddr"
)

// Connections are trimmed down to the low mark when they pass the high one;
// protected peers stay.
const (
	connLow  = 160
	connHigh = 192
)

// newHost builds the host without listening, so that every handler is in place
// before the first stranger arrives.
func (s *settings) newHost(key crypto.PrivKey, route func(host.Host) (routing.PeerRouting, error)) (host.Host, error) {
	limits, err := s.limits()
	if err != nil {
		return nil, err
	}
	conns, err := connmgr.NewConnManager(connLow, connHigh, connmgr.WithGracePeriod(20*time.Second))
	if err != nil {
		_ = limits.Close()
		return nil, err
	}
	var reuse []any
	if s.Local {
		// Dialling from the port we listen on is for routers to look through;
		// between neighbours it only makes connections clash.
		reuse = append(reuse, tcp.DisableReuseport())
	}
	opts := []libp2p.Option{
		libp2p.Identity(key),
		libp2p.NoListenAddrs,
		libp2p.Transport(tcp.NewTCPTransport, reuse...),
		libp2p.Transport(quic.NewTransport),
		libp2p.Security(libp2ptls.ID, libp2ptls.New),
		libp2p.Security(noise.ID, noise.New),
		libp2p.ResourceManager(limits),
		libp2p.ConnectionManager(conns),
		libp2p.ProtocolVersion(s.version()),
		libp2p.UserAgent("etal"),
		libp2p.DisableMetrics(),
		libp2p.Routing(route),
	}
	if s.Local {
		opts = append(opts, libp2p.DisableRelay(), libp2p.NonPublicAddrPublishing(true))
	} else {
		opts = append(opts, libp2p.EnableRelay(), libp2p.EnableNATService(), libp2p.EnableHolePunching(),
			libp2p.EnableRelayService())
		if len(s.bootstrap) > 0 {
			opts = append(opts, libp2p.EnableAutoRelayWithStaticRelays(s.bootstrap, autorelay.WithBootDelay(10*time.Second)))
		}
		if !s.NoPortMap {
			opts = append(opts, libp2p.NATPortMap())
		}
	}
	if len(s.announce) > 0 {
		opts = append(opts, libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return s.announce }))
	}
	h, err := libp2p.New(append(opts, s.Options...)...)
	if err != nil {
		_ = conns.Close()
		_ = limits.Close()
	}
	return h, err
}

// limits are the host's own defaults, except that neighbours may share an
// address: loopback without bound, private networks generously.
func (s *settings) limits() (network.ResourceManager, error) {
	defaults := rcmgr.DefaultLimits
	libp2p.SetDefaultServiceLimits(&defaults)
	count := []rcmgr.NetworkPrefixLimit{{Network: netip.MustParsePrefix("127.0.0.0/8"), ConnCount: 1 << 20}}
	pace := []rate.PrefixLimit{
		{Prefix: netip.MustParsePrefix("127.0.0.0/8")},
		{Prefix: netip.MustParsePrefix("::1/128")},
	}
	for _, p := range privateRanges {
		count = append(count, rcmgr.NetworkPrefixLimit{Network: p, ConnCount: 4096})
		pace = append(pace, rate.PrefixLimit{Prefix: p, Limit: rate.Limit{RPS: 100, Burst: 400}})
	}
	perAddress, pacePerAddress := 16, rate.Limit{RPS: 0.5, Burst: 32}
	if s.Local {
		perAddress, pacePerAddress = 4096, rate.Limit{}
	}
	opts := []rcmgr.Option{
		rcmgr.WithMetricsDisabled(),
		rcmgr.WithNetworkPrefixLimit(count, nil),
		rcmgr.WithLimitPerSubnet([]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: perAddress}}, nil),
		rcmgr.WithConnRateLimiters(&rate.Limiter{
			NetworkPrefixLimits: pace,
			SubnetRateLimiter: rate.SubnetLimiter{
				IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: pacePerAddress}},
				IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 56, Limit: pacePerAddress}},
				GracePeriod:      time.Minute,
			},
		}),
	}
	if s.Local {
		opts[3] = rcmgr.WithConnRateLimiters(&rate.Limiter{})
	}
	m, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(defaults.AutoScale()), opts...)
	if err != nil {
		return nil, fmt.Errorf("resource limits: %w", err)
	}
	return m, nil
}

// privateRanges are the addresses of home and office networks.
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
}

// isBootstrap reports whether a peer was named in the configuration.
func (s *settings) isBootstrap(p peer.ID) bool {
	for _, b := range s.bootstrap {
		if b.ID == p {
			return true
		}
	}
	return false
}
