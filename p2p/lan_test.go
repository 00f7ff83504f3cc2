package p2p_test

import (
	"crypto/sha256"
	"net"
	"testing"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
)

// Two nodes that know no address find each other on the local link, and leave a
// node of another network alone.
func TestNodesMeetOnTheLocalLink(t *testing.T) {
	if !hasMulticast(t) {
		t.Skip("no interface of this machine does multicast")
	}
	lan := func(c *p2p.Config) { c.MDNS = true }
	a, b := p2ptest.Node(t, lan), p2ptest.Node(t, lan)
	c := p2ptest.Node(t, lan, func(c *p2p.Config) { c.NetworkID = sha256.Sum256([]byte("another")) })
	p2ptest.Until(t, "they met", func() bool { return p2ptest.Knows(a, b) && p2ptest.Knows(b, a) })
	if len(c.Peers()) != 0 {
		t.Error("a node of another network was met")
	}
}

func hasMulticast(t *testing.T) bool {
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		addrs, err := i.Addrs()
		if err == nil && len(addrs) > 0 && i.Flags&net.FlagUp != 0 && i.Flags&net.FlagMulticast != 0 {
			return true
		}
	}
	return false
}
