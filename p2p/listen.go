package p2p

import (
	"errors"
	"fmt"
	"net"
	"slices"

	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// listenAgain listens on the ports of the run before where the configuration
// leaves them open and they are still free.
func (n *Network) listenAgain(r *running) error {
	wanted := slices.Clone(n.listen)
	before := n.known.ports()
	for i, a := range wanted {
		for _, b := range before {
			if samePlace(a, b) {
				wanted[i] = b
				break
			}
		}
	}
	var failed []error
	for i, a := range wanted {
		err := n.listenOn(r, a)
		if err != nil && !a.Equal(n.listen[i]) {
			err = n.listenOn(r, n.listen[i])
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", a, err))
		}
	}
	if len(failed) == len(wanted) {
		return fmt.Errorf("listen: %w", errors.Join(failed...))
	}
	for _, err := range failed {
		n.Log.Warn("an address cannot be listened on", "error", err)
	}
	n.known.listening(r.host.Network().ListenAddresses())
	return nil
}

// listenOn listens on one address. A TCP port that another process of this user
// holds would be shared with it, each getting some of the connections; so it is
// tried without sharing first.
func (n *Network) listenOn(r *running, a ma.Multiaddr) error {
	if at, err := manet.ToNetAddr(a); err == nil {
		if tcp, ok := at.(*net.TCPAddr); ok && tcp.Port != 0 {
			l, err := net.ListenTCP("tcp", tcp)
			if err != nil {
				return err
			}
			_ = l.Close()
		}
	}
	return r.host.Network().Listen(a)
}

// samePlace reports whether b is a with its port 0 replaced.
func samePlace(a, b ma.Multiaddr) bool {
	if len(a) != len(b) {
		return false
	}
	open := false
	for i := range a {
		if a[i].Protocol().Code != b[i].Protocol().Code {
			return false
		}
		port := a[i].Protocol().Code == ma.P_TCP || a[i].Protocol().Code == ma.P_UDP
		if port && a[i].Value() == "0" {
			open = true
		} else if a[i].Value() != b[i].Value() {
			return false
		}
	}
	return open
}
