package p2p_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/etal-cloud/etal/p2p"
)

func at(t testing.TB, port int) peer.AddrInfo {
	t.Helper()
	return peer.AddrInfo{ID: someone(t), Addrs: []ma.Multiaddr{ma.StringCast(fmt.Sprintf("/ip4/8.8.8.8/tcp/%d", port+1))}}
}

func TestDialsAreBoundedAndPaused(t *testing.T) {
	var known []peer.AddrInfo
	for i := range 100 {
		known = append(known, at(t, i))
	}
	boot := at(t, 200)
	c := p2p.Config{NetworkID: [32]byte{1}, Bootstrap: []string{boot.Addrs[0].String() + "/p2p/" + boot.ID.String()}}
	d, err := p2p.NewDialer(c, known)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	first, _ := d.Next(now)
	if len(first) != 8 {
		t.Fatalf("%d dials at once, want 8", len(first))
	}
	hasBoot := false
	for _, info := range first {
		hasBoot = hasBoot || info.ID == boot.ID
	}
	if !hasBoot {
		t.Error("the bootstrap node is not among the first")
	}
	if more, _ := d.Next(now); len(more) != 0 {
		t.Errorf("%d more while eight are busy", len(more))
	}
}

// A bootstrap node that fails again and again is tried for ever, with pauses
// that grow to a minute.
func TestPausesGrow(t *testing.T) {
	boot := at(t, 200)
	c := p2p.Config{NetworkID: [32]byte{1}, Bootstrap: []string{boot.Addrs[0].String() + "/p2p/" + boot.ID.String()}}
	d, err := p2p.NewDialer(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	var pauses []time.Duration
	for from := now; len(pauses) < 21; {
		dials, wait := d.Next(now)
		if len(dials) == 0 {
			now = now.Add(wait)
			continue
		}
		pauses = append(pauses, now.Sub(from))
		from = now
		d.Done(boot.ID, now, errors.New("refused"))
	}
	if pauses[0] != 0 || pauses[1] > time.Second {
		t.Errorf("the first pauses are %v", pauses[:2])
	}
	if last := pauses[20]; last < 45*time.Second || last > 75*time.Second {
		t.Errorf("after 20 failures the pause is %v", last)
	}
}

func TestCandidatesAreBounded(t *testing.T) {
	d, err := p2p.NewDialer(p2p.Config{NetworkID: [32]byte{1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p2p.Candidates + 100 {
		d.Add(at(t, i))
	}
	if d.Size() != p2p.Candidates {
		t.Errorf("%d candidates, want %d", d.Size(), p2p.Candidates)
	}
}
