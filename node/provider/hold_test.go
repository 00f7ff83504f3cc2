package provider_test

import (
	"bytes"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/provider"
	"google.golang.org/protobuf/proto"
)

func TestProposalsAreJudged(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	for what, c := range map[string]struct {
		cores  int64
		change func(*market.Proposal)
		want   market.RejectCode
	}{
		"another network":  {1, func(p *market.Proposal) { p.Network[0]++ }, market.RejectInvalid},
		"too long":         {1, func(p *market.Proposal) { p.Term = 25 * time.Hour }, market.RejectTerm},
		"native":           {1, func(p *market.Proposal) { p.Tier = market.TierNative }, market.RejectTier},
		"another price":    {1, func(p *market.Proposal) { p.Price.Core = market.Units(1) }, market.RejectPrice},
		"too much":         {5, nil, market.RejectCapacity},
		"a GPU":            {1, func(p *market.Proposal) { p.Resources.GPUs, p.Resources.GPU = 1, "h200" }, market.RejectCapacity},
		"an old proposal":  {1, func(p *market.Proposal) { p.Issued = p.Issued.Add(-time.Minute) }, market.RejectInvalid},
		"somebody's bind":  {1, func(p *market.Proposal) { p.Bind.Account[0]++ }, market.RejectInvalid},
		"an unknown chain": {1, func(p *market.Proposal) { p.Channel[0]++ }, 0},
	} {
		if c.want == 0 { // a channel that nobody knows counts nothing; the deposit covers it
			b.w.p.Release(t.Context(), b.Peer(), &marketpb.Release{Hold: b.hold(c.cores, c.change).Hold})
			continue
		}
		rej := b.rejected(c.cores, c.change)
		if market.RejectCode(rej.Code) != c.want {
			t.Errorf("%s: rejected as %s (%s), want %s", what, market.RejectCode(rej.Code), rej.Text, c.want)
		}
		if hasDelta := len(rej.Delta) > 0; hasDelta == (c.want == market.RejectInvalid) {
			t.Errorf("%s: delta of %d bytes", what, len(rej.Delta))
		}
	}
	// One that another peer sends is nobody's.
	ans := w.p.Propose(t.Context(), w.buyer(1).Peer(), b.proposal(1, nil))
	if rej := ans.GetReject(); rej == nil || rej.Code != uint32(market.RejectInvalid) {
		t.Errorf("a proposal of another peer: %v", ans)
	}
	// Garbage is an answer, too.
	for _, m := range []*marketpb.Proposal{nil, {}, {Network: make([]byte, 32)}} {
		if ans := w.p.Propose(t.Context(), b.Peer(), m); ans.Validate() != nil || ans.GetReject() == nil {
			t.Errorf("garbage: %v", ans)
		}
	}
}

func TestAHoldIsShort(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	acc := b.hold(4, nil)
	if free := w.p.Free(); free.MilliCPU != 0 {
		t.Errorf("%d free beside the hold", free.MilliCPU)
	}
	other := w.buyer(1_000_000)
	if rej := other.rejected(1, nil); rej.Code != uint32(market.RejectBusy) {
		t.Errorf("beside a hold of all: %s", rej.Text)
	}
	if o, err := w.p.Offer(); err != nil || o.Free.MilliCPU != 4000 {
		t.Errorf("the offer says %d beside a hold, %v", o.Free.MilliCPU, err)
	}
	w.clock.Advance(5 * time.Second)
	if free := w.p.Free(); free.MilliCPU != 4000 {
		t.Errorf("%d free after the hold", free.MilliCPU)
	}
	_, err := w.p.Commit(t.Context(), b.Peer(), b.commit(acc, 10_000))
	is(t, "commit after the hold", err, market.ErrHold)
	w.p.PublishAt(t.Context(), time.Now())
	if _, _, holds := w.p.Counts(); holds != 0 {
		t.Errorf("%d holds are kept", holds)
	}
	b.lease(4, 10_000, nil)
	if rej := other.rejected(1, nil); rej.Code != uint32(market.RejectCapacity) {
		t.Errorf("beside a lease of all: %s", rej.Text)
	}
	if o, err := w.p.Offer(); err != nil || o.Free.MilliCPU != 0 {
		t.Errorf("the offer says %d beside a lease, %v", o.Free.MilliCPU, err)
	}
}

func TestOneHoldPerAccount(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	acc := b.hold(1, nil)
	if rej := b.rejected(1, nil); rej.Code != uint32(market.RejectBusy) {
		t.Errorf("a second hold: %s", rej.Text)
	}
	w.p.Release(t.Context(), w.buyer(1).Peer(), &marketpb.Release{Hold: acc.Hold})
	if _, _, holds := w.p.Counts(); holds != 1 {
		t.Error("somebody else released the hold")
	}
	w.p.Release(t.Context(), b.Peer(), &marketpb.Release{Hold: acc.Hold})
	b.committed(b.commit(b.hold(1, nil), 10_000))
	b.hold(1, nil) // the lease took the hold's place
}

func TestNewcomersHoldAQuarter(t *testing.T) {
	w := newWorld(t) // four cores: a quarter is one
	first := w.buyer(1_000_000)
	first.hold(2, nil) // one may always
	second := w.buyer(1_000_000)
	if rej := second.rejected(1, nil); rej.Code != uint32(market.RejectBusy) {
		t.Errorf("a second newcomer: %s", rej.Text)
	}
	// Whoever paid once is no newcomer, also after a restart.
	w.clock.Advance(5 * time.Second)
	l := second.lease(1, 10_000, nil)
	if err := l.pay(1); err != nil {
		t.Fatal(err)
	}
	first.hold(2, nil)
	second.hold(1, nil)
	w.open()
	first.hold(2, nil)
	second.hold(1, nil)
}

func TestMoneyMustCoverAMinute(t *testing.T) {
	w := newWorld(t)
	poor := w.buyer(59)
	if rej := poor.rejected(1, nil); rej.Code != uint32(market.RejectFunds) {
		t.Errorf("59 units for 60: %s", rej.Text)
	}
	w.buyer(60).hold(1, nil)
}

func TestPriceChange(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	price := hourly
	price.Core = market.Units(1)
	if err := w.p.SetPrice(price); err != nil {
		t.Fatal(err)
	}
	rej := b.rejected(1, nil)
	if rej.Code != uint32(market.RejectPrice) {
		t.Errorf("the old price: %s", rej.Text)
	}
	s, err := market.ParseSealed(rej.Delta)
	if err != nil || s.Delta == nil || s.Delta.Price != price {
		t.Fatalf("the delta %+v, %v", s.Delta, err)
	}
	if err := s.CheckSignature(); err != nil {
		t.Error(err)
	}
	b.hold(1, func(p *market.Proposal) { p.Price = price })
	is(t, "a price beyond all measure", w.p.SetPrice(market.Price{Core: market.Units(2_000_000)}), market.ErrInvalid)
}

func TestCommitIsWhatWasAccepted(t *testing.T) {
	w := newWorld(t)
	b, other := w.buyer(1_000_000), w.buyer(1_000_000)
	acc := b.hold(1, nil)
	good := b.commit(acc, 10_000)
	resign := func(m *marketpb.Commit) {
		l, err := market.LeaseFromProto(m.Terms)
		if err != nil {
			t.Fatal(err)
		}
		if m.RenterSig, err = b.SignLease(l); err != nil {
			t.Fatal(err)
		}
	}
	for what, c := range map[string]struct {
		change func(*marketpb.Commit)
		want   error
	}{
		"changed price":         {func(m *marketpb.Commit) { m.Terms.Price.Core = nil; resign(m) }, market.ErrInvalid},
		"changed term":          {func(m *marketpb.Commit) { m.Terms.TermS++; resign(m) }, market.ErrInvalid},
		"changed cores":         {func(m *marketpb.Commit) { m.Terms.Resources.MilliCpu *= 2; resign(m) }, market.ErrInvalid},
		"changed credit":        {func(m *marketpb.Commit) { m.Terms.CreditMs *= 2; resign(m) }, market.ErrInvalid},
		"a sequence of its own": {func(m *marketpb.Commit) { m.Terms.Sequence++; resign(m) }, market.ErrInvalid},
		"no such hold":          {func(m *marketpb.Commit) { m.Hold = []byte("somebody's") }, market.ErrHold},
		"a bad signature":       {func(m *marketpb.Commit) { m.RenterSig[3]++ }, market.ErrSignature},
		"another channel":       {func(m *marketpb.Commit) { m.Channel.Salt[4]++ }, market.ErrInvalid},
		"no opening":            {func(m *marketpb.Commit) { m.Open = nil }, market.ErrFunds},
		"a forged opening":      {func(m *marketpb.Commit) { m.Open.AmountUnits = big.NewInt(20_000).Bytes() }, market.ErrSignature},
		"an old opening":        {func(m *marketpb.Commit) { m.Open.DeadlineS = w.clock.Now().Add(time.Minute).Unix() }, market.ErrExpired},
		"no channel":            {func(m *marketpb.Commit) { m.Channel, m.Open = nil, nil }, market.ErrUnknown},
	} {
		m := proto.CloneOf(good)
		c.change(m)
		_, err := w.p.Commit(t.Context(), b.Peer(), m)
		is(t, what, err, c.want)
	}
	_, err := w.p.Commit(t.Context(), other.Peer(), good)
	is(t, "somebody else's hold", err, market.ErrHold)
	if leases, channels, _ := w.p.Counts(); leases != 0 || channels != 0 {
		t.Fatalf("refused commits left %d leases and %d channels", leases, channels)
	}
	first, err := w.p.Commit(t.Context(), b.Peer(), good)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.p.Commit(t.Context(), b.Peer(), good)
	if err != nil || !bytes.Equal(first.ProviderSig, again.ProviderSig) {
		t.Errorf("the same commit again: %v", err)
	}
	_, err = w.p.Commit(t.Context(), other.Peer(), good)
	is(t, "somebody else's lease", err, market.ErrHold)
	if leases, channels, _ := w.p.Counts(); leases != 1 || channels != 1 {
		t.Errorf("%d leases and %d channels", leases, channels)
	}
}

func TestChannelsMustPayUs(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(20_000)
	try := func(what string, want error, terms func(*marketpb.ChannelTerms), units int64) {
		t.Helper()
		acc := b.hold(1, nil)
		defer w.p.Release(t.Context(), b.Peer(), &marketpb.Release{Hold: acc.Hold})
		ct, err := b.NewChannel(w.cfg.Notary.Account(), 24*time.Hour, "compute")
		if err != nil {
			t.Fatal(err)
		}
		if terms != nil {
			terms(ct)
		}
		open, err := b.SignOpen(ct, big.NewInt(units), nil, w.clock.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.p.Commit(t.Context(), b.Peer(), b.sign(acc, ct, open))
		is(t, what, err, want)
	}
	stranger := w.buyer(1)
	sa, ss := stranger.Account(), stranger.Signer()
	try("another payee", market.ErrInvalid, func(c *marketpb.ChannelTerms) { c.Payee = sa[:] }, 10_000)
	try("another renter", market.ErrInvalid, func(c *marketpb.ChannelTerms) { c.Renter = sa[:] }, 10_000)
	try("another signer", market.ErrInvalid, func(c *marketpb.ChannelTerms) { c.Signer = ss[:] }, 10_000)
	try("another token", market.ErrInvalid, func(c *marketpb.ChannelTerms) { c.Token = sa[:] }, 10_000)
	try("a short window", market.ErrInvalid, func(c *marketpb.ChannelTerms) { c.WindowS = 3600 }, 10_000)
	try("less than a minute", market.ErrFunds, nil, 59)
	try("more than the deposit", market.ErrFunds, nil, 20_001)
	try("most of the deposit", nil, nil, 15_000)
	try("what the first left", market.ErrFunds, nil, 5_001)
	try("exactly what the first left", nil, nil, 5_000)
}

func TestChannelsSeenOnTheChain(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	for what, c := range map[string]struct {
		change func(*provider.ChannelState)
		want   error
	}{
		"open":          {func(*provider.ChannelState) {}, nil},
		"closed":        {func(st *provider.ChannelState) { st.Closed = true }, market.ErrFunds},
		"closing":       {func(st *provider.ChannelState) { st.ClosesAt = began.Add(48 * time.Hour) }, market.ErrFunds},
		"redeemed from": {func(st *provider.ChannelState) { st.Redeemed = big.NewInt(5) }, market.ErrFunds},
		"nearly empty":  {func(st *provider.ChannelState) { st.Amount = big.NewInt(59) }, market.ErrFunds},
	} {
		acc := b.hold(1, nil)
		m := b.commit(acc, 10_000)
		m.Open = nil
		w.chain.set(market.ChannelID(m.Terms.Channel), c.change)
		_, err := w.p.Commit(t.Context(), b.Peer(), m)
		is(t, what, err, c.want)
		w.p.Release(t.Context(), b.Peer(), &marketpb.Release{Hold: acc.Hold})
	}
}

func TestCapacityIsNeverOversold(t *testing.T) {
	w := newWorld(t)
	const buyers = 24
	all := make([]*buyer, buyers)
	for i := range all {
		all[i] = w.buyer(1_000_000)
		// Old customers: newcomers would be kept apart.
		l := all[i].lease(1, 10_000, nil)
		if err := l.pay(1); err != nil {
			t.Fatal(err)
		}
		if err := l.job(newStream(all[i].Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: l.id[:]}}}); err != nil {
			t.Fatal(err)
		}
	}
	var sold atomic.Int64
	var wg sync.WaitGroup
	for _, b := range all {
		wg.Go(func() {
			for range 5 {
				ans := w.p.Propose(t.Context(), b.Peer(), b.proposal(1, nil))
				if free := w.p.Free(); free.MilliCPU < 0 {
					t.Errorf("%d are free", free.MilliCPU)
				}
				if acc := ans.GetAccept(); acc != nil {
					if _, err := w.p.Commit(t.Context(), b.Peer(), b.commit(acc, 1000)); err == nil {
						sold.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	if sold.Load() != 4 {
		t.Errorf("%d leases of a core were sold of 4 cores", sold.Load())
	}
	seen := map[uint64]bool{}
	for _, l := range w.p.View().Leases {
		if seen[l.Lease.Sequence] {
			t.Errorf("sequence %d was sold twice", l.Lease.Sequence)
		}
		seen[l.Lease.Sequence] = true
	}
}

func TestNothingIsSignedThatIsNotSaved(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	m := b.commit(b.hold(1, nil), 10_000)
	w.store.failing(market.ErrState)
	if ans, err := w.p.Commit(t.Context(), b.Peer(), m); err == nil {
		t.Fatalf("signed without a store: %v", ans)
	}
	w.store.failing(nil)
	if _, err := w.p.Commit(t.Context(), b.Peer(), m); err != nil {
		t.Errorf("once it can be saved: %v", err)
	}
}

func TestLeasesThatRunNothingAreBounded(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(100_000_000)
	idle := func() *leased {
		l := b.lease(1, 1000, nil)
		if err := l.job(newStream(b.Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: l.id[:]}}}); err != nil {
			t.Fatal(err)
		}
		w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Closed = true })
		w.p.Step(t.Context())
		return l
	}
	n := 0
	for ; n < 1000; n++ {
		ans := w.p.Propose(t.Context(), b.Peer(), b.proposal(1, nil))
		if rej := ans.GetReject(); rej != nil {
			if rej.Code != uint32(market.RejectBusy) || !strings.Contains(rej.Text, "ran nothing") {
				t.Fatalf("refused: %s", rej.Text)
			}
			break
		}
		w.p.Release(t.Context(), b.Peer(), &marketpb.Release{Hold: ans.GetAccept().Hold})
		idle()
	}
	if n == 0 || n > 100 {
		t.Fatalf("%d leases that ran nothing", n)
	}
	w.buyer(1_000_000).hold(1, nil) // others are not touched
	w.clock.Advance(time.Hour + time.Second)
	w.p.Step(t.Context())
	w.p.Step(t.Context())
	if leases, channels, _ := w.p.Counts(); leases != 0 || channels != 0 {
		t.Errorf("after an hour %d leases and %d channels are kept", leases, channels)
	}
	idle()
}
