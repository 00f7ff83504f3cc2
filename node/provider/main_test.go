package provider_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/node/provider"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/runtimetest"
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
	began    = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
)

// hourly is the price of a core: 3,600 units an hour, one a second.
var hourly = market.Price{Core: market.Atto(3_600 * 1_000_000_000_000)}

// The images that the fake engine has programs for.
var (
	imageSleeps  = digest(1) // until SIGTERM
	imageExits   = digest(2) // at once, with 7
	imageIgnores = digest(3) // SIGTERM
)

func digest(n byte) string { return "sha256:" + strings.Repeat(fmt.Sprintf("%02x", n), 32) }

// store keeps what is saved.
type store struct {
	mu   sync.Mutex // guards the following fields
	keys map[string][]byte
	fail error
}

func (s *store) Save(changes map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	for k, v := range changes {
		if v == nil {
			delete(s.keys, k)
		} else {
			s.keys[k] = append([]byte(nil), v...)
		}
	}
	return nil
}

func (s *store) Load(prefix string, fn func(string, []byte) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range s.keys {
		if strings.HasPrefix(k, prefix) {
			if err := fn(k, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *store) failing(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// redeemed is an order that a provider gave to the chain.
type redeemed struct {
	amount  *big.Int
	closing bool
}

// ledgers is a chain that does as it is told.
type ledgers struct {
	mu       sync.Mutex // guards the following fields
	deposits map[market.Account]*big.Int
	channels map[market.ChannelID]provider.ChannelState
	opened   int
	redeems  map[market.ChannelID]redeemed
	n        *notary.Notary // names channels
}

func (c *ledgers) Deposited(a market.Account) *big.Int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.deposits[a]; d != nil {
		return new(big.Int).Set(d)
	}
	return new(big.Int)
}

func (c *ledgers) Channel(id market.ChannelID) (provider.ChannelState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st, ok := c.channels[id]
	return st, ok
}

func (c *ledgers) OpenFor(*marketpb.ChannelTerms, *marketpb.OpenFor) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opened++
	return nil
}

func (c *ledgers) Redeem(t *marketpb.ChannelTerms, v *marketpb.Voucher, amount *big.Int, closing bool) error {
	id, err := c.n.ChannelID(t)
	if err != nil {
		return err
	}
	if amount.Sign() > 0 && (v == nil || new(big.Int).SetBytes(v.CumulativeUnits).Cmp(amount) < 0) {
		return errors.New("the voucher does not cover it")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.redeems[id] = redeemed{new(big.Int).Set(amount), closing}
	return nil
}

// set changes what the chain shows of a channel.
func (c *ledgers) set(id market.ChannelID, change func(*provider.ChannelState)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st, ok := c.channels[id]
	if !ok {
		st = provider.ChannelState{Amount: big.NewInt(1_000_000), Redeemed: new(big.Int), Confirmed: true}
	}
	change(&st)
	c.channels[id] = st
}

func (c *ledgers) redeemed(id market.ChannelID) (redeemed, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.redeems[id]
	return r, ok
}

// world is a provider with everything that it touches under the test's control.
type world struct {
	t      *testing.T
	clock  *runtimetest.ManualClock
	engine *runtimetest.Fake
	store  *store
	chain  *ledgers
	cfg    provider.Config
	p      *provider.Provider

	mu   sync.Mutex // guards the following field
	sent []market.Sealed
}

func newNotary(t *testing.T) *notary.Notary {
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
		Wallet: wallet, Signer: signer, Peer: key, Store: &store{keys: map[string][]byte{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sleeps(_ context.Context, p *runtimetest.Process) int {
	p.Sleep(1000*time.Hour, true)
	return 143
}

// newWorld makes a provider that sells four cores.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: runtimetest.NewClock(began), store: &store{keys: map[string][]byte{}}}
	w.engine = runtimetest.NewFake(runtimetest.Config{
		Clock: w.clock,
		Programs: map[string]runtimetest.Program{
			imageSleeps: sleeps,
			imageExits:  func(context.Context, *runtimetest.Process) int { return 7 },
			imageIgnores: func(ctx context.Context, _ *runtimetest.Process) int {
				<-ctx.Done()
				return 0
			},
		},
	})
	t.Cleanup(w.engine.Shutdown)
	n := newNotary(t)
	w.chain = &ledgers{
		deposits: map[market.Account]*big.Int{}, channels: map[market.ChannelID]provider.ChannelState{},
		redeems: map[market.ChannelID]redeemed{}, n: n,
	}
	w.cfg = provider.Config{
		Sell: provider.Sell{
			Name: "fr-1", Region: "fr", Price: hourly,
			Resources: market.Resources{MilliCPU: 4000, Memory: 4 << 30, Disk: 40 << 30},
		},
		Engine: w.engine, Chain: w.chain, Store: w.store, Notary: n, Data: t.TempDir(), Now: w.clock.Now,
		Publish: func(_ context.Context, b []byte) error {
			s, err := market.ParseSealed(b)
			if err != nil {
				t.Errorf("published garbage: %v", err)
				return nil
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.sent = append(w.sent, s)
			return nil
		},
	}
	w.open()
	return w
}

// open starts the provider, or starts it again.
func (w *world) open() {
	w.t.Helper()
	p, err := provider.New(w.t.Context(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	p.Open()
	w.p = p
}

// step lets d pass, in steps of the meter.
func (w *world) step(d time.Duration) {
	for ; d > 0; d -= time.Second {
		w.clock.Advance(min(d, time.Second))
		w.p.Step(w.t.Context())
	}
}

// buyer is a renter that speaks for itself.
type buyer struct {
	*notary.Notary
	w *world
}

// buyer makes a renter with a deposit.
func (w *world) buyer(deposit int64) *buyer {
	b := &buyer{newNotary(w.t), w}
	w.chain.mu.Lock()
	w.chain.deposits[b.Account()] = big.NewInt(deposit)
	w.chain.mu.Unlock()
	return b
}

// proposal asks for cores at the going price.
func (b *buyer) proposal(cores int64, change func(*market.Proposal)) *marketpb.Proposal {
	b.w.t.Helper()
	now := b.w.clock.Now()
	bind, err := b.Bind(now, now.Add(24*time.Hour))
	if err != nil {
		b.w.t.Fatal(err)
	}
	p := market.Proposal{
		Network: network, Bind: bind, Resources: market.Resources{MilliCPU: cores * 1000, Memory: 256 << 20, Disk: 1 << 30},
		Price: hourly, Term: time.Hour, Tier: market.TierSandbox, Issued: now,
	}
	if change != nil {
		change(&p)
	}
	if err := b.SignProposal(&p); err != nil {
		b.w.t.Fatal(err)
	}
	return p.Proto()
}

// hold proposes and expects an accept.
func (b *buyer) hold(cores int64, change func(*market.Proposal)) *marketpb.Accept {
	b.w.t.Helper()
	ans := b.w.p.Propose(b.w.t.Context(), b.Peer(), b.proposal(cores, change))
	if rej := ans.GetReject(); rej != nil {
		b.w.t.Fatalf("rejected: %s %s", market.RejectCode(rej.Code), rej.Text)
	}
	if err := ans.Validate(); err != nil {
		b.w.t.Fatal(err)
	}
	return ans.GetAccept()
}

// rejected proposes and returns why not.
func (b *buyer) rejected(cores int64, change func(*market.Proposal)) *marketpb.Reject {
	b.w.t.Helper()
	ans := b.w.p.Propose(b.w.t.Context(), b.Peer(), b.proposal(cores, change))
	if err := ans.Validate(); err != nil {
		b.w.t.Fatal(err)
	}
	if ans.GetReject() == nil {
		b.w.t.Fatal("accepted")
	}
	return ans.GetReject()
}

// commit signs what was accepted, with a new channel of so many units.
func (b *buyer) commit(acc *marketpb.Accept, units int64) *marketpb.Commit {
	b.w.t.Helper()
	l, err := market.LeaseFromProto(acc.Terms)
	if err != nil {
		b.w.t.Fatal(err)
	}
	terms, err := b.NewChannel(l.Provider, 24*time.Hour, "compute")
	if err != nil {
		b.w.t.Fatal(err)
	}
	open, err := b.SignOpen(terms, big.NewInt(units), nil, b.w.clock.Now().Add(time.Hour))
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.sign(acc, terms, open)
}

// sign makes a commit on a channel.
func (b *buyer) sign(acc *marketpb.Accept, terms *marketpb.ChannelTerms, open *marketpb.OpenFor) *marketpb.Commit {
	b.w.t.Helper()
	l, err := market.LeaseFromProto(acc.Terms)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if l.Channel, err = b.ChannelID(terms); err != nil {
		b.w.t.Fatal(err)
	}
	sig, err := b.SignLease(l)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return &marketpb.Commit{Hold: acc.Hold, Terms: l.Proto(), RenterSig: sig, Channel: terms, Open: open}
}

// leased is a lease with the channel that pays it.
type leased struct {
	b     *buyer
	id    market.LeaseID
	l     market.Lease
	terms *marketpb.ChannelTerms
	last  *marketpb.Voucher
}

// lease buys cores with a new channel of so many units.
func (b *buyer) lease(cores, units int64, change func(*market.Proposal)) *leased {
	b.w.t.Helper()
	return b.committed(b.commit(b.hold(cores, change), units))
}

func (b *buyer) committed(c *marketpb.Commit) *leased {
	b.w.t.Helper()
	ans, err := b.w.p.Commit(b.w.t.Context(), b.Peer(), c)
	if err != nil {
		b.w.t.Fatal(err)
	}
	l, err := market.LeaseFromProto(c.Terms)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if err := b.CheckLease(l, ans.ProviderSig, l.ProviderSigner); err != nil {
		b.w.t.Fatal(err)
	}
	return &leased{b: b, id: b.LeaseID(l), l: l, terms: c.Channel}
}

// pay raises the lease's part to so many units.
func (l *leased) pay(units int64) error {
	l.b.w.t.Helper()
	v, err := l.b.SignVoucher(l.last, l.l.Channel, l.id, big.NewInt(units), l.b.w.clock.Now())
	if err != nil {
		l.b.w.t.Fatal(err)
	}
	if err := l.send(v); err != nil {
		return err
	}
	l.last = v
	return nil
}

func (l *leased) send(v *marketpb.Voucher) error {
	_, err := l.b.w.p.Trade(l.b.w.t.Context(), l.b.Peer(), &marketpb.TradeCall{
		Call: &marketpb.TradeCall_Pay{Pay: &marketpb.PayCall{Lease: l.id[:], Voucher: v}},
	})
	return err
}

// receipt asks for the receipt.
func (l *leased) receipt() (*marketpb.Receipt, error) {
	ans, err := l.b.w.p.Trade(l.b.w.t.Context(), l.b.Peer(), &marketpb.TradeCall{
		Call: &marketpb.TradeCall_Receipt{Receipt: &marketpb.JobRef{Lease: l.id[:]}},
	})
	if err != nil {
		return nil, err
	}
	return ans.(*marketpb.SettleAnswer).Receipt, nil
}

// stream is a conversation whose other end is the test.
type stream struct {
	from  peer.ID
	bytes []io.Reader // what RecvBytes gives, in order

	mu    sync.Mutex // guards the following fields
	sent  []proto.Message
	out   strings.Builder
	reset chan struct{}
	once  sync.Once
}

func newStream(from peer.ID, bytes ...io.Reader) *stream {
	return &stream{from: from, bytes: bytes, reset: make(chan struct{})}
}

func (s *stream) Peer() peer.ID               { return s.from }
func (s *stream) ReadMsg(proto.Message) error { return io.EOF }
func (s *stream) Reset()                      { s.once.Do(func() { close(s.reset) }) }

func (s *stream) WriteMsg(m proto.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, proto.Clone(m))
	return nil
}

func (s *stream) SendBytes(r io.Reader, _ int64) error {
	b, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Write(b)
	return err
}

func (s *stream) RecvBytes(int64) io.Reader {
	if len(s.bytes) == 0 {
		return silent{s}
	}
	r := s.bytes[0]
	s.bytes = s.bytes[1:]
	return r
}

// silent gives nothing until its stream is cut off.
type silent struct{ s *stream }

func (r silent) Read([]byte) (int, error) {
	<-r.s.reset
	return 0, io.ErrUnexpectedEOF
}

// last returns the last message of a kind that was sent.
func last[M proto.Message](s *stream) (m M, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sent {
		if y, is := x.(M); is {
			m, ok = y, true
		}
	}
	return m, ok
}

// start sends a job that the engine has a program for.
func (l *leased) start(image string, bytes ...io.Reader) error {
	return l.startSpec(&marketpb.JobSpec{Image: image}, bytes...)
}

func (l *leased) startSpec(spec *marketpb.JobSpec, bytes ...io.Reader) error {
	spec.Epoch = 1
	return l.job(newStream(l.b.Peer(), bytes...), &marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: &marketpb.JobStart{Lease: l.id[:], Spec: spec}}})
}

func (l *leased) job(s *stream, call *marketpb.JobCall) error {
	return l.b.w.p.Job(l.b.w.t.Context(), s, call)
}

// status asks how the lease stands.
func (l *leased) status() *marketpb.JobStatus {
	l.b.w.t.Helper()
	s := newStream(l.b.Peer())
	if err := l.job(s, &marketpb.JobCall{Call: &marketpb.JobCall_Status{Status: &marketpb.JobRef{Lease: l.id[:]}}}); err != nil {
		l.b.w.t.Fatal(err)
	}
	st, _ := last[*marketpb.JobStatus](s)
	if err := st.Validate(); err != nil {
		l.b.w.t.Fatalf("an invalid status: %v", err)
	}
	return st
}

// stands fails the test unless the job is in a state.
func (l *leased) stands(what string, want market.AllocState) *marketpb.JobStatus {
	l.b.w.t.Helper()
	st := l.status()
	if st.State != string(want) {
		l.b.w.t.Fatalf("%s: the job is %s (%s), want %s", what, st.State, st.Reason, want)
	}
	return st
}

// confirm shows the lease's channel on the chain.
func (l *leased) confirm(units int64) {
	l.b.w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Amount = big.NewInt(units) })
}

func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// engineStatus asks the engine itself.
func (l *leased) engineStatus() (runtime.Status, error) {
	id, _ := l.b.w.p.AllocID(l.id)
	return l.b.w.engine.Status(l.b.w.t.Context(), id)
}
