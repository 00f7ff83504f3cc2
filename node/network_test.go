package node_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/chain/chaintest"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/runtimetest"
)

// testNet is a chain and nodes of it inside the test's process: real libp2p on
// loopback, a real EVM, engines that interpret the test program's commands.
type testNet struct {
	t       *testing.T
	chain   *chaintest.Chain
	profile node.Profile
	dir     string
}

// member is a node, the engine it sells with, and what ends it.
type member struct {
	*node.Node
	engine *runtimetest.Fake
	cfg    node.Config
	stop   func()
}

func newNetwork(t *testing.T, opts ...chaintest.Option) *testNet {
	t.Helper()
	n := &testNet{t: t, chain: chaintest.New(t, opts...), dir: t.TempDir()}
	i := n.chain.Info()
	n.profile = node.Profile{
		Name: "test", ChainID: i.ChainID, RPC: []string{i.RPC}, Contract: market.Account(i.Contract), Token: market.Account(i.Token),
		Symbol: "test$", Decimals: i.Decimals, Confirmations: 1, Local: true,
	}
	boot := n.start(node.Config{Name: "boot"})
	st, err := boot.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n.profile.Bootstrap = st.Addresses
	return n
}

// start runs a node until the test or its stop ends it. Its folder is named after
// it, so starting it again goes on.
func (n *testNet) start(cfg node.Config) *member {
	n.t.Helper()
	p := n.profile
	cfg.Profile, cfg.Data = &p, filepath.Join(n.dir, cfg.Name)
	if os.Getenv("ETAL_TEST_LOG") != "" {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("node", cfg.Name)
	}
	m := &member{cfg: cfg}
	if e, ok := cfg.Engine.(*runtimetest.Fake); ok {
		m.engine = e
	}
	nd, err := node.New(cfg)
	if err != nil {
		n.t.Fatal(err)
	}
	m.Node = nd
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- nd.Run(ctx) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			n.t.Errorf("%s ended: %v", cfg.Name, err)
		}
	})
	n.t.Cleanup(m.stop)
	select {
	case <-nd.Ready():
	case err := <-done:
		n.t.Fatalf("%s did not start: %v", cfg.Name, err)
	}
	return m
}

// provider starts a node that sells cores of a fake engine.
func (n *testNet) provider(name string, milli int64) *member {
	n.t.Helper()
	fake := runtimetest.NewFake(runtimetest.Config{})
	n.t.Cleanup(fake.Shutdown)
	return n.start(node.Config{
		Name: name, Engine: fake,
		Provide: &node.Provide{Region: "fr", Resources: market.Resources{MilliCPU: milli, Memory: 4 << 30, Disk: 32 << 30}, ChannelIdle: time.Hour},
	})
}

// renter starts a node with money and waits until it sees the offers.
func (n *testNet) renter(name string, offers int) *member {
	n.t.Helper()
	m := n.start(node.Config{Name: name})
	n.until("money and offers", func() bool {
		w, err := m.Wallet(n.t.Context())
		o, err2 := m.Offers(n.t.Context(), "")
		return err == nil && err2 == nil && !w.Deposited.IsZero() && len(o) >= offers
	})
	return m
}

func (n *testNet) until(what string, ok func() bool) {
	n.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			n.t.Fatalf("timed out waiting for %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// program is the test program that fake engines interpret.
var program = sync.OnceValue(func() string { return os.Getenv("ETAL_TEST_PROGRAM") })

func job(args ...string) market.Job {
	return market.Job{Image: program(), Args: args, Request: market.Request{Term: 10 * time.Minute}}
}

func logOf(t *testing.T, m *member, name string) (out, errs string) {
	t.Helper()
	err := m.JobLogs(t.Context(), name, 0, true, func(r runtime.LogRecord) error {
		if r.Stream == runtime.Stdout {
			out += string(r.Data)
		} else {
			errs += string(r.Data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, errs
}
