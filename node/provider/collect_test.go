package provider_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/provider"
)

// ended is a lease that ran for ten seconds and was paid for.
func ended(t *testing.T, w *world) *leased {
	t.Helper()
	b := w.buyer(1_000_000)
	l := b.lease(1, 3600, nil)
	l.confirm(3600)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(10 * time.Second)
	if err := l.job(newStream(b.Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: l.id[:]}}}); err != nil {
		t.Fatal(err)
	}
	if err := l.pay(10); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestIdleChannelsAreSettled(t *testing.T) {
	w := newWorld(t)
	l := ended(t, w)
	w.clock.Advance(59 * time.Minute)
	w.step(time.Second)
	if _, ok := w.chain.redeemed(l.l.Channel); ok {
		t.Error("settled before it was idle for an hour")
	}
	// After a restart the renter has time to bring what it owes.
	w.open()
	w.clock.Advance(2 * time.Minute)
	w.step(time.Second)
	if _, ok := w.chain.redeemed(l.l.Channel); ok {
		t.Error("settled right after a start")
	}
	w.clock.Advance(time.Hour)
	w.step(time.Second)
	if got, ok := w.chain.redeemed(l.l.Channel); !ok || got.amount.Cmp(big.NewInt(10)) != 0 || !got.closing {
		t.Errorf("redeemed %+v, want 10", got)
	}
	// The bill stays for a month after it is on the chain, then all of it goes.
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Closed, st.Redeemed = true, big.NewInt(10) })
	w.step(2 * time.Second)
	w.clock.Advance(29 * 24 * time.Hour)
	w.step(time.Second)
	w.open()
	if leases, _, _ := w.p.Counts(); leases != 1 {
		t.Errorf("%d leases are kept for the bill", leases)
	}
	w.clock.Advance(2 * 24 * time.Hour)
	w.step(2 * time.Second)
	if leases, channels, _ := w.p.Counts(); leases != 0 || channels != 0 {
		t.Errorf("%d leases and %d channels are kept for ever", leases, channels)
	}
	w.open()
	if leases, channels, _ := w.p.Counts(); leases != 0 || channels != 0 {
		t.Errorf("%d leases and %d channels came back", leases, channels)
	}
}

func TestUnconfirmedClosingIsNotSettled(t *testing.T) {
	w := newWorld(t)
	l := ended(t, w)
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Closed, st.Confirmed = true, false })
	w.step(time.Second)
	if v := w.p.View(); v.Leases[0].State != market.LeaseEnded {
		t.Errorf("the lease is %s before its payment is confirmed", v.Leases[0].State)
	}
}

func TestRenterClosesUnderARunningLease(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	l := b.lease(1, 3600*24, func(p *market.Proposal) { p.Term = 24 * time.Hour })
	l.confirm(3600 * 24)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	if err := l.pay(3600 * 20); err != nil {
		t.Fatal(err)
	}
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.ClosesAt = w.clock.Now().Add(3 * time.Hour) })
	w.step(2 * time.Minute)
	l.stands("three hours before the closing", market.AllocRunning)
	if _, ok := w.chain.redeemed(l.l.Channel); ok {
		t.Error("closed under a running lease")
	}
	b2 := b.hold(1, nil)
	_, err := w.p.Commit(t.Context(), b.Peer(), b.sign(b2, l.terms, nil))
	is(t, "a new lease on a closing channel", err, market.ErrFunds)
	w.clock.Advance(2 * time.Hour)
	w.step(2 * time.Second)
	l.stands("an hour before the closing", market.AllocStopped)
	w.step(time.Minute)
	got, ok := w.chain.redeemed(l.l.Channel)
	if st := l.status(); !ok || got.amount.Int64() != st.DeliveredMs/1000 {
		t.Errorf("redeemed %+v of %d ms", got, st.DeliveredMs)
	}
}

func TestChannelClosedBehindOurBack(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	l.confirm(3600)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(5 * time.Second)
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Closed = true })
	is(t, "a voucher", l.pay(5), market.ErrFunds)
	w.step(2 * time.Second)
	l.stands("its channel is gone", market.AllocStopped)
}

func TestOpeningThatNeverComes(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(10_000)
	l := b.lease(1, 10_000, nil)
	if w.chain.opened == 0 {
		t.Error("the opening was not submitted")
	}
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	if err := l.pay(3000); err != nil {
		t.Fatal(err)
	}
	w.step(2 * time.Minute)
	l.stands("on credit", market.AllocPaused)
	w.step(12 * time.Minute)
	l.stands("after ten minutes", market.AllocStopped)
	n := w.chain.opened
	w.clock.Advance(time.Hour)
	w.step(2 * time.Second)
	if w.chain.opened > n+1 {
		t.Errorf("still submitted after its deadline: %d times", w.chain.opened-n)
	}
	if v := w.p.View(); v.Leases[0].State != market.LeaseSettled {
		t.Errorf("the lease is %s though no money can come", v.Leases[0].State)
	}
	// What it would have locked is free to be used for another.
	b.lease(1, 10_000, nil)
}

func TestClosingFollowsTheOpening(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(10_000)
	l := b.lease(1, 10_000, nil)
	if err := l.job(newStream(b.Peer()), &marketpb.JobCall{Call: &marketpb.JobCall_End{End: &marketpb.JobRef{Lease: l.id[:]}}}); err != nil {
		t.Fatal(err)
	}
	closing := &marketpb.TradeCall{Call: &marketpb.TradeCall_Close{Close: &marketpb.CloseCall{Channel: l.l.Channel[:]}}}
	if _, err := w.p.Trade(t.Context(), b.Peer(), closing); err != nil {
		t.Fatal(err)
	}
	w.step(time.Second)
	if _, ok := w.chain.redeemed(l.l.Channel); ok {
		t.Error("closed before it was open")
	}
	w.open()
	l.confirm(10_000)
	w.step(time.Second)
	if got, ok := w.chain.redeemed(l.l.Channel); !ok || got.amount.Sign() != 0 || !got.closing {
		t.Errorf("once open: %+v, %v", got, ok)
	}
}
