package p2ptest

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/etal-cloud/etal/p2p"
)

// patience is how long a test waits for what must happen: far more than it
// takes, because machines are busy.
const patience = 60 * time.Second

// NetworkID is the id of the network that test nodes belong to by default.
var NetworkID = sha256.Sum256([]byte("etal test network"))

// Config is that of a node on loopback with a fresh identity.
func Config() p2p.Config {
	return p2p.Config{NetworkID: NetworkID, Local: true}
}

// Node runs a node on loopback until the test ends. Each change may adapt its
// configuration first.
func Node(t testing.TB, change ...func(*p2p.Config)) *p2p.Network {
	t.Helper()
	c := Config()
	for _, f := range change {
		f(&c)
	}
	return Start(t, c)
}

// Start runs a node with a configuration of the test's own, until the test ends.
func Start(t testing.TB, c p2p.Config) *p2p.Network {
	t.Helper()
	n, err := p2p.New(c)
	if err != nil {
		t.Fatalf("new network: %v", err)
	}
	failed := make(chan error, 1)
	go func() { failed <- n.Run(context.Background()) }()
	t.Cleanup(func() { _ = n.Close() })
	select {
	case <-n.Ready():
	case err := <-failed:
		t.Fatalf("run network: %v", err)
	case <-time.After(patience):
		t.Fatal("the network did not open")
	}
	return n
}

// Pair runs two connected nodes on loopback until the test ends.
func Pair(t testing.TB, change ...func(*p2p.Config)) (a, b *p2p.Network) {
	t.Helper()
	a, b = Node(t, change...), Node(t, change...)
	Connect(t, a, b)
	return a, b
}

// Connect connects a to b and waits until each counts the other among its peers.
func Connect(t testing.TB, a, b *p2p.Network) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := a.Connect(ctx, b.AddrInfo()); err != nil {
		t.Fatalf("connect: %v", err)
	}
	Until(t, "both ends know each other", func() bool { return Knows(a, b) && Knows(b, a) })
}

// Knows reports whether b is among the peers of a.
func Knows(a, b *p2p.Network) bool {
	for _, p := range a.Peers() {
		if p == b.ID() {
			return true
		}
	}
	return false
}

// Until waits for something that must happen, and fails the test when it does
// not. It works in real and in virtual time.
func Until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
