package provider_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/provider"
	"google.golang.org/protobuf/proto"
)

func TestBadVouchersLoseNothing(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	l := b.lease(1, 1000, nil)
	if err := l.pay(100); err != nil {
		t.Fatal(err)
	}
	forged := func(change func(*marketpb.Voucher)) *marketpb.Voucher {
		v := proto.CloneOf(l.last)
		change(v)
		return v
	}
	sign := func(ch market.ChannelID, lease market.LeaseID, units int64) *marketpb.Voucher {
		v, err := b.SignVoucher(nil, ch, lease, big.NewInt(units), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	second := w.buyer(1_000_000).lease(1, 1000, nil)
	for what, c := range map[string]struct {
		v    *marketpb.Voucher
		want error
	}{
		"lower":                   {sign(l.l.Channel, l.id, 99), market.ErrInvalid},
		"without the lease":       {sign(l.l.Channel, market.LeaseID{1}, 200), market.ErrInvalid},
		"another channel":         {sign(second.l.Channel, l.id, 200), market.ErrInvalid},
		"somebody's lease":        {sign(l.l.Channel, second.id, 200), market.ErrInvalid},
		"above the channel":       {sign(l.l.Channel, l.id, 1001), market.ErrFunds},
		"a bad signature":         {forged(func(v *marketpb.Voucher) { v.Sig[5]++ }), market.ErrSignature},
		"a raised part":           {forged(func(v *marketpb.Voucher) { v.Parts[0].Units, v.CumulativeUnits = []byte{200}, []byte{200} }), market.ErrSignature},
		"a sum without its parts": {forged(func(v *marketpb.Voucher) { v.CumulativeUnits = []byte{200} }), market.ErrInvalid},
		"no parts":                {forged(func(v *marketpb.Voucher) { v.Parts = nil }), market.ErrInvalid},
	} {
		is(t, what, l.send(c.v), c.want)
	}
	if st := l.status(); new(big.Int).SetBytes(st.PaidUnits).Cmp(big.NewInt(100)) != 0 {
		t.Errorf("%x units are paid, want 100", st.PaidUnits)
	}
	// A store that fails leaves all as it was.
	w.store.failing(market.ErrState)
	is(t, "not saved", l.pay(150), market.ErrState)
	w.store.failing(nil)
	if st := l.status(); new(big.Int).SetBytes(st.PaidUnits).Cmp(big.NewInt(100)) != 0 {
		t.Errorf("%x units are paid after a failed save, want 100", st.PaidUnits)
	}
	if err := l.send(l.last); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := l.pay(1000); err != nil {
		t.Errorf("all of the channel: %v", err)
	}
	w.open()
	if st := l.status(); new(big.Int).SetBytes(st.PaidUnits).Cmp(big.NewInt(1000)) != 0 {
		t.Errorf("%x units are paid after a restart, want 1000", st.PaidUnits)
	}
}

func TestOthersLeasesLookUnknown(t *testing.T) {
	w := newWorld(t)
	l, other := w.buyer(1_000_000).lease(1, 1000, nil), w.buyer(1_000_000)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	for _, id := range [][]byte{l.id[:], make([]byte, 32), {1}, nil} {
		ref := &marketpb.JobRef{Lease: id}
		for _, call := range []*marketpb.JobCall{
			{Call: &marketpb.JobCall_Start{Start: &marketpb.JobStart{Lease: id, Spec: &marketpb.JobSpec{Image: imageExits, Epoch: 1}}}},
			{Call: &marketpb.JobCall_Status{Status: ref}},
			{Call: &marketpb.JobCall_Wait{Wait: ref}},
			{Call: &marketpb.JobCall_End{End: ref}},
			{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: id}}},
			{Call: &marketpb.JobCall_Logs{Logs: &marketpb.JobLogs{Lease: id}}},
			{Call: &marketpb.JobCall_Output{Output: &marketpb.JobOutput{Lease: id, Path: "/p"}}},
		} {
			err := w.p.Job(t.Context(), newStream(other.Peer()), call)
			is(t, "a job call", err, market.ErrUnknown)
			if err != nil && err.Error() != "lease: unknown here" {
				t.Errorf("says more than that: %v", err)
			}
		}
		for _, call := range []*marketpb.TradeCall{
			{Call: &marketpb.TradeCall_Pay{Pay: &marketpb.PayCall{Lease: id, Voucher: &marketpb.Voucher{}}}},
			{Call: &marketpb.TradeCall_Receipt{Receipt: ref}},
			{Call: &marketpb.TradeCall_Settle{Settle: &marketpb.SettleCall{Lease: id}}},
		} {
			_, err := w.p.Trade(t.Context(), other.Peer(), call)
			is(t, "a trade call", err, market.ErrUnknown)
		}
	}
	_, err := w.p.Trade(t.Context(), other.Peer(), &marketpb.TradeCall{Call: &marketpb.TradeCall_Close{Close: &marketpb.CloseCall{Channel: l.l.Channel[:]}}})
	is(t, "closing somebody's channel", err, market.ErrUnknown)
	is(t, "no call", w.p.Job(t.Context(), newStream(other.Peer()), &marketpb.JobCall{}), market.ErrInvalid)
	_, err = w.p.Trade(t.Context(), other.Peer(), &marketpb.TradeCall{})
	is(t, "no call", err, market.ErrInvalid)
	l.stands("after all that", market.AllocRunning)
}

func TestUnpaidIsPausedAndStopped(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	l.confirm(3600)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(19 * time.Second)
	l.stands("19 s unpaid", market.AllocRunning)
	w.step(3 * time.Second)
	st := l.stands("22 s unpaid", market.AllocPaused)
	if st.DeliveredMs < 20_000 || st.DeliveredMs > 21_500 {
		t.Errorf("%d ms were delivered before the pause", st.DeliveredMs)
	}
	was := st.DeliveredMs
	w.step(5 * time.Minute)
	if st := l.stands("paused for 5 min", market.AllocPaused); st.DeliveredMs != was {
		t.Errorf("%d ms are billed for a pause", st.DeliveredMs-was)
	}
	if err := l.pay(40); err != nil { // 40 s
		t.Fatal(err)
	}
	w.step(2 * time.Second)
	l.stands("paid again", market.AllocRunning)
	w.step(41 * time.Second)
	l.stands("paid for 40 s and behind by 20", market.AllocPaused)
	w.step(10*time.Minute + 2*time.Second)
	st = l.stands("paused for 10 min", market.AllocStopped)
	if !st.Ended || st.Reason != "it was not paid" {
		t.Errorf("ended %v: %s", st.Ended, st.Reason)
	}
	if st, err := l.engineStatus(); err != nil || !st.Ended() {
		t.Errorf("the engine says %s, %v", st.State, err)
	}
	if free := w.p.Free(); free.MilliCPU != 4000 {
		t.Errorf("%d are free after the end", free.MilliCPU)
	}
}

func TestCreditBeforeConfirmation(t *testing.T) {
	w := newWorld(t)
	l := w.buyer(1_000_000).lease(1, 3600, nil)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	for s := 10; s <= 60; s += 10 { // paid in time, but with what is not there yet
		w.step(10 * time.Second)
		if err := l.pay(int64(s) + 10); err != nil {
			t.Fatal(err)
		}
	}
	w.step(2 * time.Second)
	l.stands("a minute on an unconfirmed channel", market.AllocPaused)
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Confirmed = false })
	w.step(2 * time.Second)
	l.stands("included, not confirmed", market.AllocPaused)
	l.confirm(3600)
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Confirmed = true })
	w.step(3 * time.Second)
	l.stands("confirmed", market.AllocRunning)
}

func TestReceiptsDoNotChange(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	l := b.lease(1, 3600, nil)
	l.confirm(3600)
	_, err := l.receipt()
	is(t, "of a running lease", err, market.ErrState)
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(12 * time.Second)
	stop := &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: l.id[:], GraceMs: 1000}}}
	if err := l.job(newStream(b.Peer()), stop); err != nil {
		t.Fatal(err)
	}
	l.stands("after the stop", market.AllocStopped)
	first, err := l.receipt()
	if err != nil {
		t.Fatal(err)
	}
	w.step(time.Minute)
	w.open()
	second, err := l.receipt()
	if err != nil || !proto.Equal(first, second) {
		t.Errorf("asked again: %v, %v, %v", first, second, err)
	}
	rec, err := market.ReceiptFromProto(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.CheckReceipt(rec, l.l); err != nil {
		t.Error(err)
	}
	if rec.Usage.DeliveredMS != 12_000 || rec.CostUnits.Cmp(big.NewInt(12)) != 0 {
		t.Errorf("%d ms cost %s", rec.Usage.DeliveredMS, rec.CostUnits)
	}
	// Somebody's signature is not the renter's; the renter's is kept.
	settle := func(sig []byte) (*marketpb.Receipt, error) {
		m := proto.CloneOf(first)
		m.RenterSig = sig
		ans, err := w.p.Trade(t.Context(), b.Peer(), &marketpb.TradeCall{Call: &marketpb.TradeCall_Settle{Settle: &marketpb.SettleCall{Lease: l.id[:], Receipt: m}}})
		if err != nil {
			return nil, err
		}
		return ans.(*marketpb.SettleAnswer).Receipt, nil
	}
	_, err = settle(rec.ProviderSig)
	is(t, "somebody's signature", err, market.ErrSignature)
	sig, err := b.SignReceipt(rec)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := settle(sig)
		if err != nil || len(got.RenterSig) == 0 {
			t.Errorf("settle: %v, %v", got, err)
		}
	}
	if got, err := l.receipt(); err != nil || len(got.RenterSig) == 0 {
		t.Errorf("the cosigned receipt was not kept: %v, %v", got, err)
	}
}

func TestOnlyWhatWasDeliveredIsTaken(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	l := b.lease(1, 3600, nil)
	l.confirm(3600)
	if err := l.pay(1800); err != nil { // half an hour ahead
		t.Fatal(err)
	}
	if err := l.start(imageSleeps); err != nil {
		t.Fatal(err)
	}
	w.step(30 * time.Second)
	closing := &marketpb.TradeCall{Call: &marketpb.TradeCall_Close{Close: &marketpb.CloseCall{Channel: l.l.Channel[:]}}}
	_, err := w.p.Trade(t.Context(), b.Peer(), closing)
	is(t, "closing under a running lease", err, market.ErrState)
	stop := &marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: &marketpb.JobStop{Lease: l.id[:]}}}
	if err := l.job(newStream(b.Peer()), stop); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := w.p.Trade(t.Context(), b.Peer(), closing); err != nil {
			t.Fatal(err)
		}
	}
	got, ok := w.chain.redeemed(l.l.Channel)
	if !ok || !got.closing || got.amount.Cmp(big.NewInt(30)) != 0 {
		t.Errorf("redeemed %+v, want 30 and the rest back", got)
	}
	// What comes now could not be collected, and is refused.
	is(t, "a voucher for a channel that is being closed", l.pay(1900), market.ErrState)
	again := b.hold(1, nil)
	m := b.sign(again, l.terms, nil)
	_, err = w.p.Commit(t.Context(), b.Peer(), m)
	is(t, "a lease on it", err, market.ErrFunds)
	w.chain.set(l.l.Channel, func(st *provider.ChannelState) { st.Closed, st.Redeemed = true, big.NewInt(30) })
	w.step(time.Second)
	v := w.p.View()
	if len(v.Leases) != 1 || v.Leases[0].State != market.LeaseSettled || v.Earned.Cmp(big.NewInt(30)) != 0 || v.Uncollected.Sign() != 0 {
		t.Errorf("%+v", v)
	}
}
