package renter_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/etal-cloud/etal/runtime"
	"github.com/ethereum/go-ethereum/crypto"
	libcrypto "github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	contract = market.Account{1}
	token    = market.Account{2}
	network  = market.NewNetworkID(7, contract, token, "test")
)

// price is a core's, 3,600,000 units an hour: one a millisecond.
var price = market.Price{Core: market.Atto(3_600_000 * 1_000_000_000_000)}

// store keeps what is saved, and what was saved for each key before.
type store struct {
	mu   sync.Mutex // guards the following fields
	keys map[string][]byte
	log  []map[string][]byte
}

func (s *store) Save(changes map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := map[string][]byte{}
	for k, v := range changes {
		if v == nil {
			delete(s.keys, k)
		} else {
			s.keys[k] = append([]byte(nil), v...)
		}
		kept[k] = append([]byte(nil), v...)
	}
	s.log = append(s.log, kept)
	return nil
}

func (s *store) Load(prefix string, fn func(string, []byte) error) error {
	s.mu.Lock()
	keys := map[string][]byte{}
	for k, v := range s.keys {
		if strings.HasPrefix(k, prefix) {
			keys[k] = v
		}
	}
	s.mu.Unlock()
	for k, v := range keys {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

func newNotary(t *testing.T, limits notary.Limits) *notary.Notary {
	t.Helper()
	wallet, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := libcrypto.GenerateEd25519Key(nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := notary.New(notary.Config{
		Network: network, ChainID: 7, Contract: contract, Token: token, Decimals: 6,
		Wallet: wallet, Signer: signer, Peer: key, Store: &store{keys: map[string][]byte{}}, Limits: limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// seller is a provider as a renter meets it: honest, until a test changes what it
// answers.
type seller struct {
	*notary.Notary
	name string

	// What a test changes, with mu held. Only commit and start are called without it.
	accept  func(*marketpb.Accept)
	commit  func(*marketpb.Committed) error // after the lease was taken
	status  func(*marketpb.JobStatus)
	receipt func(*market.Receipt)
	start   func(ctx context.Context) error
	voucher func(*marketpb.Voucher)

	mu       sync.Mutex // guards the following fields
	silent   chan struct{}
	refuse   []market.RejectCode // the next proposals
	dead     bool
	holds    map[string]market.Lease
	leases   map[market.LeaseID]*sold
	capacity int
	sequence uint64
	offered  market.Price
	best     map[market.ChannelID]*marketpb.Voucher
	calls    map[string]int
}

// sold is a lease at a seller.
type sold struct {
	l       market.Lease
	state   market.AllocState
	started time.Time
	ran     time.Duration
	code    int
	ended   bool
	receipt *marketpb.Receipt
	changed chan struct{}
}

func (s *seller) delivered(l *sold) int64 {
	if l.ended || l.started.IsZero() {
		return l.ran.Milliseconds()
	}
	return time.Since(l.started).Milliseconds()
}

// end ends a lease's job. The caller holds mu.
func (l *sold) end(state market.AllocState, code int) {
	if l.ended {
		return
	}
	if !l.started.IsZero() {
		l.ran = time.Since(l.started)
	}
	l.state, l.code, l.ended = state, code, true
	close(l.changed)
}

// change changes how a seller behaves.
func (s *seller) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
}

// exit ends all jobs at a seller.
func (s *seller) exit(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.leases {
		l.end(market.AllocExited, code)
	}
}

// hush makes a seller silent: it neither answers nor hangs up.
func (s *seller) hush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = make(chan struct{})
}

func (s *seller) speak() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent != nil {
		close(s.silent)
		s.silent = nil
	}
}

// reach waits while the seller is silent.
func (s *seller) reach(ctx context.Context) error {
	s.mu.Lock()
	silent, dead := s.silent, s.dead
	s.mu.Unlock()
	if dead {
		return errors.New("connection refused")
	}
	if silent == nil {
		return ctx.Err()
	}
	select {
	case <-silent:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *seller) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[what]
}

// paid returns the units of the best voucher for a lease.
func (s *seller) paid(id market.LeaseID) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.best {
		for _, p := range v.Parts {
			if market.LeaseID(p.Lease) == id {
				return new(big.Int).SetBytes(p.Units).Int64()
			}
		}
	}
	return 0
}

func (s *seller) propose(from peer.ID, m *marketpb.Proposal) (*marketpb.ProposalAnswer, error) {
	p, err := market.ProposalFromProto(m)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	live := len(s.holds)
	for _, l := range s.leases {
		if !l.ended {
			live++
		}
	}
	reject := func(code market.RejectCode) *marketpb.ProposalAnswer {
		return &marketpb.ProposalAnswer{Answer: &marketpb.ProposalAnswer_Reject{Reject: &marketpb.Reject{Code: uint32(code), Text: "no"}}}
	}
	defer s.mu.Unlock()
	if len(s.refuse) > 0 {
		code := s.refuse[0]
		s.refuse = s.refuse[1:]
		return reject(code), nil
	}
	for _, h := range s.holds {
		if h.Renter == p.Bind.Account {
			s.calls["busy"]++
			return reject(market.RejectBusy), nil
		}
	}
	switch {
	case p.Price != s.offered:
		return reject(market.RejectPrice), nil
	case live >= s.capacity:
		return reject(market.RejectCapacity), nil
	}
	s.sequence++
	l := market.Lease{
		Network: network, Renter: p.Bind.Account, Provider: s.Account(), RenterPeer: from, ProviderPeer: s.Peer(),
		RenterSigner: p.Bind.Signer, ProviderSigner: s.Signer(), ResourceID: 1, Sequence: s.sequence,
		Resources: p.Resources, Price: p.Price, Tier: p.Tier, Accepted: time.Now().UTC().Truncate(time.Second), Term: p.Term, Channel: p.Channel,
		Credit: time.Minute, UnpaidPause: 20 * time.Second, UnpaidStop: 10 * time.Minute,
	}
	id := string(p.Nonce[:])
	s.holds[id] = l
	bind, err := s.Bind(time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		return nil, err
	}
	acc := &marketpb.Accept{Hold: []byte(id), Terms: l.Proto(), HoldUntilMs: time.Now().Add(5 * time.Second).UnixMilli(), Bind: bind.Proto(), CloseWindowS: 86400}
	if s.accept != nil {
		s.accept(acc)
	}
	return &marketpb.ProposalAnswer{Answer: &marketpb.ProposalAnswer_Accept{Accept: acc}}, nil
}

func (s *seller) committed(m *marketpb.Commit) (*marketpb.Committed, error) {
	l, err := market.LeaseFromProto(m.Terms)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if _, ok := s.holds[string(m.Hold)]; !ok {
		s.mu.Unlock()
		return nil, market.ErrHold
	}
	delete(s.holds, string(m.Hold))
	if err := s.CheckLease(l, m.RenterSig, l.RenterSigner); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.leases[s.LeaseID(l)] = &sold{l: l, state: market.AllocPending, changed: make(chan struct{})}
	hook := s.commit
	s.mu.Unlock()
	sig, err := s.SignLease(l)
	if err != nil {
		return nil, err
	}
	ans := &marketpb.Committed{ProviderSig: sig}
	if hook != nil {
		if err := hook(ans); err != nil {
			return nil, err
		}
	}
	return ans, nil
}

func (s *seller) find(id []byte) (*sold, error) {
	if l := s.leases[market.LeaseID(id)]; l != nil {
		return l, nil
	}
	return nil, market.ErrUnknown
}

func (s *seller) statusOf(l *sold) *marketpb.JobStatus {
	st := &marketpb.JobStatus{State: string(l.state), DeliveredMs: s.delivered(l), Code: int32(l.code), Ended: l.ended, NowMs: time.Now().UnixMilli()}
	if !l.started.IsZero() {
		st.StartedMs = l.started.UnixMilli()
	}
	if s.status != nil {
		s.status(st)
	}
	return st
}

func (s *seller) job(ctx context.Context, m *marketpb.JobCall) (*marketpb.JobStatus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch c := m.Call.(type) {
	case *marketpb.JobCall_Status:
		s.calls["status"]++
		l, err := s.find(c.Status.Lease)
		if err != nil {
			return nil, err
		}
		return s.statusOf(l), nil
	case *marketpb.JobCall_Wait:
		l, err := s.find(c.Wait.Lease)
		if err != nil {
			return nil, err
		}
		changed := l.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		err = s.reach(ctx)
		s.mu.Lock()
		if err != nil {
			return nil, err
		}
		return s.statusOf(l), nil
	case *marketpb.JobCall_Stop:
		s.calls["stop"]++
		l, err := s.find(c.Stop.Lease)
		if err != nil {
			return nil, err
		}
		l.end(market.AllocStopped, 143)
		return s.statusOf(l), nil
	case *marketpb.JobCall_End:
		s.calls["end"]++
		l, err := s.find(c.End.Lease)
		if err != nil {
			return nil, err
		}
		if l.started.IsZero() {
			l.end(market.AllocStopped, 0)
		}
		return s.statusOf(l), nil
	}
	return nil, market.ErrInvalid
}

func (s *seller) trade(m *marketpb.TradeCall) (proto.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	take := func(v *marketpb.Voucher) error {
		if v == nil {
			return nil
		}
		if s.voucher != nil {
			s.voucher(v)
		}
		ch := market.ChannelID(v.Channel)
		if err := s.Follows(s.best[ch], v); err != nil {
			s.calls["lower"]++
			return err
		}
		s.best[ch] = v
		return nil
	}
	switch c := m.Call.(type) {
	case *marketpb.TradeCall_Pay:
		l, err := s.find(c.Pay.Lease)
		if err != nil {
			return nil, err
		}
		if err := take(c.Pay.Voucher); err != nil {
			return nil, err
		}
		return &marketpb.PayAnswer{Status: s.statusOf(l)}, nil
	case *marketpb.TradeCall_Receipt:
		s.calls["receipt"]++
		l, err := s.find(c.Receipt.Lease)
		if err != nil {
			return nil, err
		}
		if !l.ended {
			return nil, market.ErrState
		}
		r := market.Receipt{
			Network: network, Lease: s.LeaseID(l.l), Usage: market.Usage{DeliveredMS: s.delivered(l)}, EndState: l.state,
			Ended: time.Now().UTC().Truncate(time.Millisecond),
		}
		if r.CostUnits, err = l.l.CostUnits(r.Usage, 6); err != nil {
			return nil, err
		}
		if s.receipt != nil {
			s.receipt(&r)
		}
		if r.ProviderSig, err = s.SignReceipt(r); err != nil {
			return nil, err
		}
		out, err := r.Proto()
		if err != nil {
			return nil, err
		}
		return &marketpb.SettleAnswer{Receipt: out}, nil
	case *marketpb.TradeCall_Settle:
		s.calls["settle"]++
		l, err := s.find(c.Settle.Lease)
		if err != nil {
			return nil, err
		}
		if err := take(c.Settle.Voucher); err != nil {
			return nil, err
		}
		l.receipt = c.Settle.Receipt
		return &marketpb.SettleAnswer{Receipt: c.Settle.Receipt}, nil
	case *marketpb.TradeCall_Close:
		s.calls["close"]++
		return &marketpb.CloseAnswer{}, nil
	}
	return nil, market.ErrInvalid
}

// market of sellers: what the renter's Peers and Book are.
type town struct {
	mu       sync.Mutex // guards the following fields
	sellers  map[peer.ID]*seller
	receipts int
}

func (n *town) at(p peer.ID) *seller {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sellers[p]
}

func (n *town) Call(ctx context.Context, to peer.ID, protocol string, req, resp proto.Message) error {
	s := n.at(to)
	if err := s.reach(ctx); err != nil {
		return err
	}
	var ans proto.Message
	var err error
	switch m := req.(type) {
	case *marketpb.LeaseCall:
		switch c := m.Call.(type) {
		case *marketpb.LeaseCall_Propose:
			ans, err = s.propose(peer.ID(c.Propose.Bind.Peer), c.Propose)
		case *marketpb.LeaseCall_Commit:
			ans, err = s.committed(c.Commit)
		case *marketpb.LeaseCall_Release:
			s.mu.Lock()
			delete(s.holds, string(c.Release.Hold))
			s.mu.Unlock()
			ans = &marketpb.Released{}
		}
	case *marketpb.JobCall:
		ans, err = s.job(ctx, m)
	case *marketpb.TradeCall:
		ans, err = s.trade(m)
	}
	if err != nil {
		return err
	}
	if err := s.reach(ctx); err != nil {
		return err // the answer is lost
	}
	proto.Merge(resp, ans)
	return nil
}

func (n *town) Open(ctx context.Context, to peer.ID, _ string) (renter.Stream, error) {
	s := n.at(to)
	if err := s.reach(ctx); err != nil {
		return nil, err
	}
	return &line{s: s, ctx: ctx}, nil
}

func (n *town) Offers() (list []market.Offer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for _, s := range n.sellers {
		bind, err := s.Bind(now, now.Add(time.Hour))
		if err != nil {
			panic(err)
		}
		s.mu.Lock()
		list = append(list, market.Offer{
			Network: network, Bind: bind, Boot: 1, Seq: 1, Issued: now, Expires: now.Add(time.Minute), Name: s.name, Arch: "amd64",
			Free: market.Resources{MilliCPU: 4000, Memory: 4 << 30, Disk: 40 << 30}, Price: s.offered, Tiers: []market.Tier{market.TierSandbox},
			Limits: "cgroup2", Reach: "direct", MaxTerm: 24 * time.Hour, Credit: time.Minute,
		})
		s.mu.Unlock()
	}
	return list
}

func (n *town) Learn([]byte)          {}
func (n *town) Trust(peer.ID) float64 { return 0.5 }
func (n *town) Receipt(market.Lease, *marketpb.Receipt) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.receipts++
}

// line is the renter's end of a stream with a seller.
type line struct {
	s     *seller
	ctx   context.Context
	start *sold
	need  bool
	logs  *sold
	sent  bool
}

func (l *line) Close() error { return nil }

func (l *line) WriteMsg(m proto.Message) error {
	if err := l.s.reach(l.ctx); err != nil {
		return err
	}
	call := m.(*marketpb.JobCall)
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	var err error
	switch c := call.Call.(type) {
	case *marketpb.JobCall_Start:
		l.start, err = l.s.find(c.Start.Lease)
	case *marketpb.JobCall_Logs:
		l.logs, err = l.s.find(c.Logs.Lease)
	}
	return err
}

func (l *line) ReadMsg(m proto.Message) error {
	if err := l.s.reach(l.ctx); err != nil {
		return err
	}
	switch {
	case l.logs != nil && !l.sent:
		l.sent = true
		proto.Merge(m, &marketpb.LogRecord{Stream: 1, Data: []byte("begun\n"), TimeNs: 1})
		return nil
	case l.logs != nil:
		select {
		case <-l.logs.changed:
		case <-l.ctx.Done():
			return l.ctx.Err()
		}
		if err := l.s.reach(l.ctx); err != nil {
			return err
		}
		proto.Merge(m, &marketpb.LogRecord{Seq: 6, End: true})
		return nil
	case !l.need:
		l.need = true
		return nil // a JobNeed without blobs
	}
	l.s.mu.Lock()
	hook := l.s.start
	l.s.mu.Unlock()
	if hook != nil {
		if err := hook(l.ctx); err != nil {
			return err
		}
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.start.ended {
		return market.ErrState
	}
	l.start.state, l.start.started = market.AllocRunning, time.Now()
	proto.Merge(m, &marketpb.JobStarted{StartedMs: l.start.started.UnixMilli()})
	return nil
}

func (l *line) SendBytes(r io.Reader, _ int64) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (l *line) RecvBytes(int64) io.Reader {
	if err := l.s.reach(l.ctx); err != nil {
		return errReader{err}
	}
	return strings.NewReader("output")
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// purse is a chain that shows a deposit and opens every channel at once.
type purse struct {
	mu       sync.Mutex // guards the following fields
	deposit  int64
	channels map[market.ChannelID]renter.ChannelState
	started  int
}

func (c *purse) Deposited(market.Account) *big.Int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return big.NewInt(c.deposit)
}

func (c *purse) Channel(id market.ChannelID) (renter.ChannelState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st, ok := c.channels[id]
	return st, ok
}

func (c *purse) StartClose(*marketpb.ChannelTerms) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started++
	return nil
}
func (c *purse) Finalize(*marketpb.ChannelTerms) error { return nil }

// image is an image without content.
type image struct{}

func (image) Digest() string {
	sum := sha256.Sum256(nil)
	return "sha256:" + hex.EncodeToString(sum[:])
}
func (image) Blobs() []runtime.Blob { return nil }
func (image) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(&bytes.Buffer{}), nil
}
func (image) Close() error { return nil }

// world is a renter with everything that it touches under the test's control.
type world struct {
	t     *testing.T
	town  *town
	purse *purse
	cfg   renter.Config
	r     *renter.Renter
	store *store

	mu    sync.Mutex // guards the following field
	ahead time.Duration

	stop func()
}

// newWorld makes a renter among sellers with those names.
func newWorld(t *testing.T, limits notary.Limits, names ...string) *world {
	t.Helper()
	w := &world{
		t: t, town: &town{sellers: map[peer.ID]*seller{}}, store: &store{keys: map[string][]byte{}},
		purse: &purse{deposit: 1_000_000_000, channels: map[market.ChannelID]renter.ChannelState{}},
	}
	for _, name := range names {
		s := &seller{
			Notary: newNotary(t, notary.Limits{}), name: name, capacity: 100, offered: price,
			holds: map[string]market.Lease{}, leases: map[market.LeaseID]*sold{},
			best: map[market.ChannelID]*marketpb.Voucher{}, calls: map[string]int{},
		}
		w.town.sellers[s.Peer()] = s
		t.Cleanup(s.speak)
	}
	w.cfg = renter.Config{
		Peers: w.town, Book: w.town, Chain: w.purse, Store: w.store, Notary: newNotary(t, limits),
		OpenImage: func(_ context.Context, ref, _ string) (renter.Image, error) {
			if ref != "image" {
				return nil, runtime.ErrImage
			}
			return image{}, nil
		},
		Archive:   func(context.Context, string, io.Writer) error { return nil },
		Extract:   func(_ context.Context, r io.Reader, _ string) error { _, err := io.Copy(io.Discard, r); return err },
		Settle:    2 * time.Second,
		LostAfter: 1500 * time.Millisecond,
		Seed:      1,
		Now:       w.now,
	}
	w.run()
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// run runs the renter, or runs it again, until the test or stop ends it.
func (w *world) run() {
	w.t.Helper()
	r, err := renter.New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	w.r = r
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(w.stop)
}

func (w *world) seller(name string) *seller {
	w.t.Helper()
	for _, s := range w.town.sellers {
		if s.name == name {
			return s
		}
	}
	w.t.Fatalf("no seller %s", name)
	return nil
}

func job(name string) market.Job {
	return market.Job{Name: name, Image: "image", Request: market.Request{Term: 10 * time.Minute}}
}

// submit submits, once Run takes jobs.
func (w *world) submit(j market.Job, o renter.Options) renter.View {
	w.t.Helper()
	v, err := w.trySubmit(j, o)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) trySubmit(j market.Job, o renter.Options) (v renter.View, err error) {
	for range 1000 {
		if v, err = w.r.Submit(w.t.Context(), j, o); !errors.Is(err, context.Canceled) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return v, err
}

func (w *world) wait(name string) renter.View {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	v, err := w.r.Wait(ctx, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// running waits until a job runs and returns where.
func (w *world) running(name string) (renter.View, *seller) {
	w.t.Helper()
	var v renter.View
	w.until("the job to run", func() bool {
		var err error
		if v, err = w.r.Job(name); err != nil {
			w.t.Fatal(err)
		}
		if v.Done() {
			w.t.Fatalf("it is over: %d %s", v.Code, v.Reason)
		}
		n := len(v.Attempts)
		return n > 0 && v.Attempts[n-1].Alloc == market.AllocRunning && v.Phase == renter.PhaseRun
	})
	return v, w.seller(v.Attempts[len(v.Attempts)-1].Provider)
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("timed out waiting for %s", what)
		}
	}
}

func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}
