package node_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/etal-cloud/etal/chain/keys"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
	"github.com/etal-cloud/etal/p2p/rpc"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// memory is a notary's store that forgets with the test.
type memory struct{}

func (memory) Save(map[string][]byte) error                            { return nil }
func (memory) Load(string, func(key string, value []byte) error) error { return nil }

// mallory is a member of the network with money and without manners: it speaks
// to a provider frame by frame.
type mallory struct {
	*p2p.Network
	n      *notary.Notary
	t      *testing.T
	victim peer.ID
	price  market.Price
	tried  atomic.Int64
}

// newMallory takes over the keys of a node that has a deposit.
func newMallory(t *testing.T, net *testNet, m *member, victim peer.ID, price market.Price) *mallory {
	t.Helper()
	m.stop()
	phrase, err := keys.Load(filepath.Join(m.cfg.Data, "phrase"))
	if err != nil {
		t.Fatal(err)
	}
	wallet, err := phrase.Wallet()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := phrase.Signer(0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := p2p.LoadOrMakeKey(filepath.Join(m.cfg.Data, "peer.key"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := crypto.UnmarshalEd25519PrivateKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	p := net.profile
	n, err := notary.New(notary.Config{
		Network: p.ID(), ChainID: p.ChainID, Contract: p.Contract, Token: p.Token, Decimals: p.Decimals,
		Wallet: wallet, Signer: signer, Peer: key, Store: memory{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &mallory{
		Network: p2ptest.Start(t, p2p.Config{NetworkID: p.ID(), Prefix: p.DHTPrefix, Key: raw, Local: true, Bootstrap: p.Bootstrap}),
		n:       n, t: t, victim: victim, price: price,
	}
}

func (m *mallory) within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(m.t.Context(), d)
	m.t.Cleanup(cancel)
	return ctx
}

// open opens a stream; the provider may have had enough of us for a moment.
func (m *mallory) open(protocol string) network.Stream {
	m.t.Helper()
	var err error
	for range 100 {
		var s network.Stream
		if s, err = m.NewStream(m.within(5*time.Second), m.victim, m.ProtocolID(protocol, 1)); err == nil {
			m.tried.Add(1)
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	m.t.Fatal(err)
	return nil
}

// spit sends bytes and reads whatever comes back. While it is only told that it
// asks too often, it tries again: what it sends is meant to be read.
func (m *mallory) spit(protocol string, b []byte, half bool) {
	m.t.Helper()
	for range 100 {
		s := m.open(protocol)
		_ = s.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = s.Write(b)
		if half {
			_ = s.Reset()
			return
		}
		_ = s.CloseWrite()
		answer, _ := io.ReadAll(io.LimitReader(s, 1<<20))
		_ = s.Reset()
		if !bytes.HasPrefix(answer, busy) {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	m.t.Errorf("%s: always busy", protocol)
}

// busy is the beginning of a failure that says so: its kind, its length, its code.
var busy = []byte{4, 8, 8, 2}

// frame is a message as it travels.
func frame(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return append(binary.AppendUvarint([]byte{1}, uint64(len(b))), b...)
}

// call sends one message and reads one answer, trying again while it is told
// that it asks too often.
func call[M proto.Message](m *mallory, protocol string, req proto.Message, ans M) error {
	for {
		err := rpc.Call(m.within(10*time.Second), m, m.victim, rpc.Protocol{Name: protocol, MaxMessage: 1 << 20}, req, ans)
		if !errors.Is(err, rpc.ErrBusy) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// lease buys a lease as an honest renter does.
func (m *mallory) lease(disk int64) []byte {
	m.t.Helper()
	now := time.Now()
	bind, err := m.n.Bind(now, now.Add(time.Hour))
	if err != nil {
		m.t.Fatal(err)
	}
	p := market.Proposal{
		Network: m.n.Network(), Bind: bind, Resources: market.Resources{MilliCPU: 100, Memory: 64 << 20, Disk: disk},
		Price: m.price, Term: time.Minute, Tier: market.TierSandbox, Issued: now.UTC().Truncate(time.Millisecond),
	}
	if err := m.n.SignProposal(&p); err != nil {
		m.t.Fatal(err)
	}
	var ans marketpb.ProposalAnswer
	err = call(m, market.ProtocolLease, &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Propose{Propose: p.Proto()}}, &ans)
	if err != nil || ans.GetAccept() == nil {
		m.t.Fatalf("no lease: %v, %v", ans.GetReject(), err)
	}
	l, err := market.LeaseFromProto(ans.GetAccept().Terms)
	if err != nil {
		m.t.Fatal(err)
	}
	terms, err := m.n.NewChannel(l.Provider, 24*time.Hour, "compute")
	if err != nil {
		m.t.Fatal(err)
	}
	open, err := m.n.SignOpen(terms, big.NewInt(10_000), nil, now.Add(time.Hour))
	if err != nil {
		m.t.Fatal(err)
	}
	if l.Channel, err = m.n.ChannelID(terms); err != nil {
		m.t.Fatal(err)
	}
	sig, err := m.n.SignLease(l)
	if err != nil {
		m.t.Fatal(err)
	}
	commit := &marketpb.Commit{Hold: ans.GetAccept().Hold, Terms: l.Proto(), RenterSig: sig, Channel: terms, Open: open}
	if err := call(m, market.ProtocolLease, &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Commit{Commit: commit}}, new(marketpb.Committed)); err != nil {
		m.t.Fatal(err)
	}
	id := m.n.LeaseID(l)
	return id[:]
}

// start sends a job's order and then whatever rest writes; it returns how the
// provider ended it.
func (m *mallory) start(lease []byte, spec *marketpb.JobSpec, blobs []*marketpb.Blob, rest func(*rpc.Stream) error) error {
	m.t.Helper()
	s, err := rpc.Open(m.within(20*time.Second), m, m.victim, rpc.Protocol{Name: market.ProtocolJob, MaxMessage: 1 << 20})
	if err != nil {
		return err
	}
	defer s.Close()
	spec.Epoch = 1
	order := &marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: &marketpb.JobStart{Lease: lease, Spec: spec, Blobs: blobs}}}
	if err := s.WriteMsg(order); err != nil {
		return err
	}
	var need marketpb.JobNeed
	if err := s.ReadMsg(&need); err != nil {
		return err
	}
	if err := rest(s); err != nil {
		return err
	}
	return s.ReadMsg(new(marketpb.JobStarted))
}

// end lets go of a lease, so that the next one finds room.
func (m *mallory) end(lease []byte) {
	m.t.Helper()
	st := new(marketpb.JobStatus)
	err := call(m, market.ProtocolJob, &marketpb.JobCall{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: lease}}}, st)
	if err != nil || !st.Ended {
		m.t.Errorf("the lease was not ended: %v, %v", st, err)
	}
}

// What anybody on the network can do to a provider, and an honest renter is
// served all the same.
func TestAbuse(t *testing.T) {
	t.Parallel()
	net := newNetwork(t)
	p := net.provider("fr-1", 2000)
	honest := net.renter("honest", 1)
	rich := net.renter("mallory", 1)
	st, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	victim, err := peer.Decode(st.Peer)
	if err != nil {
		t.Fatal(err)
	}
	offers, err := honest.Offers(t.Context(), "")
	if err != nil || len(offers) != 1 {
		t.Fatal(offers, err)
	}
	// An honest job runs all the while.
	running, err := honest.Submit(t.Context(), job("print", "here", ";", "sleep", "500s"))
	if err != nil {
		t.Fatal(err)
	}
	net.until("the honest job to run", func() bool {
		v, err := running.View(t.Context())
		return err == nil && v.State == market.AllocRunning
	})
	view, err := running.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := hex.DecodeString(view.Lease)
	if err != nil {
		t.Fatal(err)
	}
	m := newMallory(t, net, rich, victim, offers[0].Price)
	net.until("mallory to be connected", func() bool {
		s, err := m.NewStream(m.within(time.Second), victim, m.ProtocolID(market.ProtocolBook, 1))
		if err == nil {
			_ = s.Reset()
		}
		return err == nil
	})
	t.Run("frames", func(t *testing.T) { m.t = t; abuseFrames(m) })
	t.Run("others", func(t *testing.T) { m.t = t; abuseOthers(m, theirs) })
	t.Run("contents", func(t *testing.T) { m.t = t; abuseContents(m) })
	t.Run("topic", func(t *testing.T) { m.t = t; abuseTopic(m) })
	t.Run("streams", func(t *testing.T) { m.t = t; abuseStreams(m) })
	t.Run("strangers", func(t *testing.T) { abuseFromOutside(t, net, p, victim) })
	m.t = t
	t.Logf("mallory opened %d streams", m.tried.Load())

	if v, err := running.View(t.Context()); err != nil || v.State != market.AllocRunning || len(v.Leases) != 1 {
		t.Errorf("the honest job is %s after %d leases (%s), %v", v.State, len(v.Leases), v.Reason, err)
	}
	after, err := honest.Submit(t.Context(), job("print", "still here", ";", "exit", "9"))
	if err != nil {
		t.Fatal(err)
	}
	if code, err := after.Wait(t.Context()); err != nil || code != 9 {
		t.Errorf("an honest job afterwards: %d, %v", code, err)
	}
	if err := running.Stop(t.Context(), time.Second); err != nil {
		t.Error(err)
	}
	if v, err := running.View(t.Context()); err != nil || v.ExitBy != "job" || !v.Settled {
		t.Errorf("the honest job ended by %s: %s, %v", v.ExitBy, v.Reason, err)
	}
}

var talks = []string{market.ProtocolBook, market.ProtocolLease, market.ProtocolJob, market.ProtocolPay}

// abuseFrames sends on every protocol what is no message, or not a good one.
func abuseFrames(m *mallory) {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 4096)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	id := bytes.Repeat([]byte{7}, 32)
	ref := &marketpb.JobRef{Lease: id}
	bad := [][]byte{
		nil, noise,
		{1},
		{1, 0},
		{2, 1, 1},
		{3, 0},
		{4, 1, 0},
		{99, 1, 1},
		binary.AppendUvarint([]byte{1}, 1<<40), append(binary.AppendUvarint([]byte{1}, 100), 1, 2, 3),
		append([]byte{1}, bytes.Repeat([]byte{0xff}, 20)...), []byte("GET / HTTP/1.1\r\n\r\n"),
		append(binary.AppendUvarint([]byte{1}, 4096), noise...),
		append(binary.AppendUvarint([]byte{1}, 8<<20), make([]byte, 1<<20)...),
	}
	garbage := len(bad)
	for _, msg := range []proto.Message{
		&marketpb.BookQuery{Limit: 1 << 31}, &marketpb.BookQuery{Want: &marketpb.Resources{MilliCpu: -1}},
		&marketpb.LeaseCall{}, &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Propose{}},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Propose{Propose: &marketpb.Proposal{Network: id[:3]}}},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Commit{Commit: &marketpb.Commit{Hold: id, Terms: &marketpb.LeaseTerms{}}}},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Commit{Commit: &marketpb.Commit{Channel: &marketpb.ChannelTerms{Salt: id[:1]}, Open: &marketpb.OpenFor{}}}},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Release{Release: &marketpb.Release{Hold: id}}},
		&marketpb.JobCall{}, &marketpb.JobCall{Call: &marketpb.JobCall_Status{Status: &marketpb.JobRef{Lease: id[:31]}}},
		&marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: &marketpb.JobStart{Lease: id}}},
		&marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: id, GraceMs: -1}}},
		&marketpb.JobCall{Call: &marketpb.JobCall_Logs{Logs: &marketpb.JobLogs{Lease: id, Seq: -1}}},
		&marketpb.JobCall{Call: &marketpb.JobCall_Output{Output: &marketpb.JobOutput{Lease: id, Path: "../../etc/passwd"}}},
		&marketpb.TradeCall{}, &marketpb.TradeCall{Call: &marketpb.TradeCall_Pay{Pay: &marketpb.PayCall{Lease: id}}},
		&marketpb.TradeCall{Call: &marketpb.TradeCall_Pay{Pay: &marketpb.PayCall{Lease: id, Voucher: &marketpb.Voucher{Channel: id[:2], Sig: id}}}},
		&marketpb.TradeCall{Call: &marketpb.TradeCall_Settle{Settle: &marketpb.SettleCall{Lease: id, Receipt: &marketpb.Receipt{}}}},
		&marketpb.TradeCall{Call: &marketpb.TradeCall_Receipt{Receipt: ref}},
		&marketpb.TradeCall{Call: &marketpb.TradeCall_Close{Close: &marketpb.CloseCall{Channel: id[:5]}}},
	} {
		bad = append(bad, frame(msg))
	}
	var wg sync.WaitGroup
	for _, protocol := range talks {
		wg.Go(func() {
			for i, b := range bad {
				if protocol == market.ProtocolBook && i > garbage+2 {
					break // it takes two a second, and the others' messages are garbage there
				}
				m.spit(protocol, b, i%5 == 4)
			}
		})
	}
	wg.Wait()
}

// abuseOthers asks for what is somebody else's.
func abuseOthers(m *mallory, lease []byte) {
	ref := &marketpb.JobRef{Lease: lease}
	for _, c := range []*marketpb.JobCall{
		{Call: &marketpb.JobCall_Status{Status: ref}},
		{Call: &marketpb.JobCall_End{End: ref}},
		{Call: &marketpb.JobCall_Wait{Wait: ref}},
		{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: lease}}},
		{Call: &marketpb.JobCall_Logs{Logs: &marketpb.JobLogs{Lease: lease}}},
		{Call: &marketpb.JobCall_Output{Output: &marketpb.JobOutput{Lease: lease, Path: "/p"}}},
	} {
		err := rpc.Call(m.within(5*time.Second), m, m.victim, rpc.Protocol{Name: market.ProtocolJob, MaxMessage: 1 << 20, Codes: rpc.Codes{101: market.ErrUnknown}}, c, new(marketpb.JobStatus))
		if !errors.Is(err, market.ErrUnknown) {
			m.t.Errorf("%T of somebody's lease: %v", c.Call, err)
		}
	}
	// A proposal that is sent twice is answered twice and holds once.
	now := time.Now()
	bind, err := m.n.Bind(now, now.Add(time.Hour))
	if err != nil {
		m.t.Fatal(err)
	}
	prop := market.Proposal{
		Network: m.n.Network(), Bind: bind, Resources: market.Resources{MilliCPU: 1000, Memory: 64 << 20, Disk: 1 << 20},
		Price: m.price, Term: time.Minute, Tier: market.TierSandbox, Issued: now.UTC().Truncate(time.Millisecond),
	}
	if err := m.n.SignProposal(&prop); err != nil {
		m.t.Fatal(err)
	}
	again := &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Propose{Propose: prop.Proto()}}
	var first, second marketpb.ProposalAnswer
	if err := errors.Join(call(m, market.ProtocolLease, again, &first), call(m, market.ProtocolLease, again, &second)); err != nil {
		m.t.Fatal(err)
	}
	if first.GetAccept() == nil || second.GetReject() == nil {
		m.t.Errorf("a replayed proposal: %v, then %v", first.GetReject(), second.GetReject())
	}
	release := &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Release{Release: &marketpb.Release{Hold: first.GetAccept().GetHold()}}}
	if err := call(m, market.ProtocolLease, release, new(marketpb.Released)); err != nil {
		m.t.Error(err)
	}
}

// archiveOf is a tar stream of one entry.
func archiveOf(h tar.Header, size int64) io.Reader {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	h.Size, h.Mode = size, 0o644
	if err := w.WriteHeader(&h); err != nil {
		panic(err)
	}
	return io.MultiReader(&b, io.LimitReader(zeros{}, size+1024))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// abuseContents leases properly and then sends what no job is made of.
func abuseContents(m *mallory) {
	content := []byte("a layer")
	sum := sha256.Sum256(content)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	blob := func(size int64) []*marketpb.Blob { return []*marketpb.Blob{{Digest: digest, Size: size}} }
	input := &marketpb.JobSpec{Image: digest, Inputs: []string{"/in"}}
	send := func(r io.Reader, n int64) func(*rpc.Stream) error {
		return func(s *rpc.Stream) error { return s.SendBytes(r, n) }
	}
	for what, c := range map[string]struct {
		spec  *marketpb.JobSpec
		blobs []*marketpb.Blob
		rest  func(*rpc.Stream) error
	}{
		"a longer blob":     {&marketpb.JobSpec{Image: digest}, blob(3), send(bytes.NewReader(content), -1)},
		"a shorter blob":    {&marketpb.JobSpec{Image: digest}, blob(1 << 20), send(bytes.NewReader(content), -1)},
		"an endless blob":   {&marketpb.JobSpec{Image: digest}, blob(7), send(zeros{}, 64<<20)},
		"another content":   {&marketpb.JobSpec{Image: digest}, blob(7), send(strings.NewReader("a liar."), -1)},
		"half a blob":       {&marketpb.JobSpec{Image: digest}, blob(7), func(s *rpc.Stream) error { s.Reset(); return io.ErrClosedPipe }},
		"a huge image":      {&marketpb.JobSpec{Image: digest}, blob(1 << 39), func(*rpc.Stream) error { return nil }},
		"no image":          {&marketpb.JobSpec{Image: digest}, nil, func(*rpc.Stream) error { return nil }},
		"garbage as input":  {input, nil, send(strings.NewReader(strings.Repeat("x", 2000)), -1)},
		"a name with ..":    {input, nil, send(archiveOf(tar.Header{Typeflag: tar.TypeReg, Name: "../../x"}, 5), -1)},
		"an absolute name":  {input, nil, send(archiveOf(tar.Header{Typeflag: tar.TypeReg, Name: "/etc/x"}, 5), -1)},
		"a link":            {input, nil, send(archiveOf(tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "/"}, 0), -1)},
		"a device":          {input, nil, send(archiveOf(tar.Header{Typeflag: tar.TypeChar, Name: "d"}, 0), -1)},
		"a bomb":            {input, nil, send(archiveOf(tar.Header{Typeflag: tar.TypeReg, Name: "b"}, 90<<20), -1)},
		"a message instead": {input, nil, func(s *rpc.Stream) error { return s.WriteMsg(&marketpb.JobNeed{}) }},
	} {
		lease := m.lease(1 << 20)
		if err := m.start(lease, c.spec, c.blobs, c.rest); err == nil {
			m.t.Errorf("%s: the job started", what)
		}
		m.end(lease)
	}
}

// abuseTopic publishes on the topic of offers.
func abuseTopic(m *mallory) {
	topic, err := m.PubSub().Join(m.Topic(market.TopicOffers))
	if err != nil {
		m.t.Fatal(err)
	}
	defer topic.Close()
	var book marketpb.BookAnswer
	if err := call(m, market.ProtocolBook, &marketpb.BookQuery{Limit: 10}, &book); err != nil || len(book.Offers) == 0 {
		m.t.Fatalf("no offers: %v", err)
	}
	forged := bytes.Clone(book.Offers[0])
	forged[len(forged)-1]++
	for i, b := range [][]byte{
		nil, {1}, []byte("garbage"), bytes.Repeat([]byte{0xff}, 1000), make([]byte, 2000), make([]byte, 1<<19), book.Offers[0], forged, forged[:len(forged)/2],
	} {
		if err := topic.Publish(m.within(5*time.Second), b); err != nil {
			m.t.Logf("object %d: %v", i, err) // our own side may refuse it already
		}
	}
	for i := range 500 {
		_ = topic.Publish(m.within(5*time.Second), fmt.Appendf(nil, "noise %d", i))
	}
}

// abuseStreams opens a thousand streams at once and says nothing.
func abuseStreams(m *mallory) {
	var mu sync.Mutex
	var open []network.Stream
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			s, err := m.NewStream(m.within(5*time.Second), m.victim, m.ProtocolID(talks[i%len(talks)], 1))
			if err != nil {
				return // told to go away: that is an answer
			}
			_, _ = s.Write([]byte{1}) // half a header
			mu.Lock()
			defer mu.Unlock()
			open = append(open, s)
		})
	}
	wg.Wait()
	m.t.Logf("%d of 1000 streams were opened", len(open))
	for _, s := range open {
		_ = s.Reset()
	}
}

// abuseFromOutside is a peer of another network that speaks this one's protocols.
func abuseFromOutside(t *testing.T, net *testNet, p *member, victim peer.ID) {
	other := sha256.Sum256([]byte("another network"))
	st, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := p2ptest.Start(t, p2p.Config{NetworkID: other, Local: true, Bootstrap: st.Addresses})
	in := p2ptest.Start(t, p2p.Config{NetworkID: net.profile.ID(), Prefix: net.profile.DHTPrefix, Local: true}) // knows the names
	for _, protocol := range talks {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		s, err := out.Host().NewStream(ctx, victim, in.ProtocolID(protocol, 1))
		if err == nil {
			_, _ = s.Write(bytes.Repeat([]byte{0xff}, 100))
			_ = s.SetDeadline(time.Now().Add(time.Second))
			_, _ = io.CopyN(io.Discard, s, 1<<10)
			_ = s.Reset()
		}
		cancel()
	}
	net.until("the stranger to be shown out", func() bool { return len(out.Host().Network().ConnsToPeer(victim)) == 0 })
	peers, err := p.Peers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range peers {
		if v.Peer == out.ID().String() {
			t.Error("a peer of another network is among the neighbours")
		}
	}
}
