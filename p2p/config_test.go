package p2p_test

import (
	"errors"
	"strings"
	"testing"

	ma "github.com/multiformats/go-multiaddr"

	"github.com/etal-cloud/etal/p2p"
)

func TestConfigIsChecked(t *testing.T) {
	for name, change := range map[string]func(*p2p.Config){
		"no network":      func(c *p2p.Config) { c.NetworkID = [32]byte{} },
		"prefix":          func(c *p2p.Config) { c.Prefix = "etal" },
		"prefix injected": func(c *p2p.Config) { c.Prefix = "/etal/../\n" },
		"short key":       func(c *p2p.Config) { c.Key = make([]byte, 5) },
		"listen":          func(c *p2p.Config) { c.Listen = []string{"127.0.0.1:80"} },
		"announce":        func(c *p2p.Config) { c.Announce = []string{"/nonsense"} },
		"bootstrap":       func(c *p2p.Config) { c.Bootstrap = []string{"/ip4/127.0.0.1/tcp/1"} },
		"many bootstraps": func(c *p2p.Config) { c.Bootstrap = make([]string, 1000) },
		"want":            func(c *p2p.Config) { c.Want = -1 },
	} {
		c := p2p.Config{NetworkID: [32]byte{1}}
		change(&c)
		if _, err := p2p.New(c); !errors.Is(err, p2p.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
}

func TestProtocolIDsCarryTheNetwork(t *testing.T) {
	a, err := p2p.New(p2p.Config{NetworkID: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := p2p.New(p2p.Config{NetworkID: [32]byte{2}})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.ProtocolID("lease", 1); got != "/etal/0100000000000000/lease/1" {
		t.Errorf("protocol id %s", got)
	}
	if a.ProtocolID("lease", 1) == b.ProtocolID("lease", 1) || a.Topic("offers") == b.Topic("offers") {
		t.Error("two networks share a name")
	}
}

func TestUsefulAddresses(t *testing.T) {
	in := []ma.Multiaddr{nil, ma.StringCast("/ip4/127.0.0.1/tcp/1"), ma.StringCast("/ip4/0.0.0.0/tcp/1"), ma.StringCast("/ip4/192.168.1.2/tcp/1")}
	for range 20 {
		in = append(in, ma.StringCast("/ip4/8.8.8.8/tcp/1"))
	}
	local, err := p2p.Useful(p2p.Config{NetworkID: [32]byte{1}, Local: true}, in)
	if err != nil || len(local) != p2p.MaxPeerAddrs || local[0].String() != "/ip4/127.0.0.1/tcp/1" {
		t.Errorf("local: %v, %v", local, err)
	}
	public, err := p2p.Useful(p2p.Config{NetworkID: [32]byte{1}}, in)
	if err != nil || len(public) != p2p.MaxPeerAddrs || public[0].String() != "/ip4/192.168.1.2/tcp/1" {
		t.Errorf("public: %v, %v", public, err)
	}
}

func TestTopicsOfAStrangerAreBounded(t *testing.T) {
	c := p2p.Config{NetworkID: [32]byte{1}}
	n, err := p2p.New(c)
	if err != nil {
		t.Fatal(err)
	}
	names := func(from, to int) (out []string) {
		for i := from; i < to; i++ {
			out = append(out, n.Topic(strings.Repeat("x", i+1)))
		}
		return out
	}
	got, err := p2p.FilterTopics(c, "stranger",
		names(0, 40), names(0, 40), names(40, 80), []string{"elsewhere", n.Topic(strings.Repeat("x", 500))})
	if err != nil || got[0] != 40 || got[1] != 40 || got[2] != p2p.MaxTopics-40 || got[3] != 0 {
		t.Errorf("taken %v, %v", got, err)
	}
	if _, err := p2p.FilterTopics(c, "stranger", make([]string, 3*p2p.MaxTopics)); err == nil {
		t.Error("a frame of endless subscriptions was taken")
	}
}

func FuzzParseAddr(f *testing.F) {
	f.Add("/ip4/127.0.0.1/tcp/1/p2p/12D3KooWExzXuDD9eT3Hk9FVy3haJQ7tPRfvPYa5AAQR4KB7vf9x")
	f.Add("/ip4/1.2.3.4/udp/1/quic-v1/p2p/12D3KooWExzXuDD9eT3Hk9FVy3haJQ7tPRfvPYa5AAQR4KB7vf9x/p2p-circuit")
	f.Add("/dnsaddr/x/p2p/")
	f.Fuzz(func(t *testing.T, s string) {
		info, err := p2p.ParseAddr(s)
		if err != nil {
			if !errors.Is(err, p2p.ErrAddress) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if info.ID.Validate() != nil || len(info.Addrs) > 1 {
			t.Errorf("%q gives %v", s, info)
		}
	})
}
