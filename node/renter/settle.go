package renter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// settle closes an ended attempt's account: the provider's receipt, our signature
// under it, and a last voucher over exactly what was delivered. A provider that
// does not answer in time keeps the last voucher it has.
func (r *Renter) settle(ctx context.Context, j *record, a *attempt) {
	r.phase(j, PhaseSettle)
	r.mu.Lock()
	ran := a.Running
	if !ran {
		a.Final = true // nothing was delivered: there is nothing to settle
	}
	r.mu.Unlock()
	if !ran {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Settle)
	defer cancel()
	var err error
	for ctx.Err() == nil {
		err = r.cosign(ctx, j, a)
		if err == nil || errors.Is(err, market.ErrInvalid) || errors.Is(err, market.ErrSignature) {
			break // done, or it will not get better
		}
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
	if err != nil {
		r.cfg.Log.Warn("lease not settled yet", "job", j.Name, "provider", a.Provider, "err", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Final = true
	if err := r.save(j); err != nil {
		r.cfg.Log.Error("job not saved", "job", j.Name, "err", err)
	}
	j.touch()
}

// cosign fetches the receipt, checks it, pays the rest and signs.
func (r *Renter) cosign(ctx context.Context, j *record, a *attempt) error {
	var ans marketpb.SettleAnswer
	call := &marketpb.TradeCall{Call: &marketpb.TradeCall_Receipt{Receipt: &marketpb.JobRef{Lease: a.Lease[:]}}}
	if err := r.cfg.Peers.Call(ctx, a.lease.ProviderPeer, market.ProtocolPay, call, &ans); err != nil {
		return err
	}
	if ans.Receipt == nil {
		return fmt.Errorf("%w: no receipt", market.ErrInvalid)
	}
	rec, err := market.ReceiptFromProto(ans.Receipt)
	if err != nil {
		return err
	}
	rec.RenterSig = nil
	if len(rec.ProviderSig) == 0 {
		return fmt.Errorf("%w: the provider did not sign", market.ErrSignature)
	}
	if err := r.cfg.Notary.CheckReceipt(rec, a.lease); err != nil {
		return err
	}
	r.mu.Lock()
	most := r.plausible(a, a.Seen)
	r.mu.Unlock()
	if rec.Usage.DeliveredMS > most {
		return fmt.Errorf("%w: the receipt says %d ms, at most %d can have been", market.ErrInvalid, rec.Usage.DeliveredMS, most)
	}
	v, err := r.promise(j, a, rec.CostUnits)
	if err != nil {
		return err
	}
	if rec.RenterSig, err = r.cfg.Notary.SignReceipt(rec); err != nil {
		return err
	}
	m, err := rec.Proto()
	if err != nil {
		return err
	}
	raw, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	settle := &marketpb.TradeCall{Call: &marketpb.TradeCall_Settle{Settle: &marketpb.SettleCall{Lease: a.Lease[:], Receipt: m, Voucher: v}}}
	if err := r.cfg.Peers.Call(ctx, a.lease.ProviderPeer, market.ProtocolPay, settle, &ans); err != nil {
		return err // only ours so far: asked again later
	}
	r.mu.Lock()
	fresh := a.Receipt == nil
	a.Receipt, a.DeliveredMS = raw, rec.Usage.DeliveredMS
	if a.Exited.IsZero() {
		a.Exited = rec.Ended
	}
	err = r.save(j)
	j.touch()
	r.mu.Unlock()
	if fresh {
		r.cfg.Book.Receipt(a.lease, m)
	}
	return err
}

// resettle asks providers that came back for the receipts that are missing, for
// a day after the end; with now even those that did not answer lately.
func (r *Renter) resettle(ctx context.Context, now bool) {
	for _, o := range r.pick(func(a *attempt, at time.Time) bool {
		return a.Final && a.Running && a.Receipt == nil && at.Sub(a.Seen) < 24*time.Hour && (now || a.retry.due(at))
	}) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		err := r.cosign(ctx, o.j, o.a)
		if err != nil {
			r.cfg.Log.Debug("receipt still missing", "job", o.j.Name, "provider", o.a.Provider, "err", err)
		}
		cancel()
		r.mu.Lock()
		o.a.unheard = err != nil && !errors.Is(err, market.ErrInvalid) && !errors.Is(err, market.ErrSignature)
		r.mu.Unlock()
	}
}

// unheard reports whether a lease on c waits for the receipt of a provider that
// does not answer. Closing its channel before would settle it for too little. The
// caller holds r.mu.
func (r *Renter) unheard(c *channel) bool {
	for _, j := range r.all() {
		for _, a := range j.Attempts {
			if a.unheard && a.lease.Channel == c.ID && a.Receipt == nil {
				return true
			}
		}
	}
	return false
}

// all returns every record, also of removed jobs. The caller holds r.mu.
func (r *Renter) all() []*record {
	list := append([]*record(nil), r.gone...)
	for _, j := range r.jobs {
		list = append(list, j)
	}
	return list
}

// CloseIdle asks the providers of all channels that serve no lease to settle and
// close them now, and returns how many are still open. Ask again until it is 0.
func (r *Renter) CloseIdle(ctx context.Context) (open int, err error) {
	r.letGo(ctx, true)
	r.resettle(ctx, true)
	type target struct {
		c *channel
		p peer.ID
	}
	var list []target
	waiting := 0
	r.mu.Lock()
	for _, c := range r.channels {
		st, there := r.cfg.Chain.Channel(c.ID)
		if c.Closed || c.Dropped || there && st.Closed || r.inUse(c) {
			continue
		}
		if r.unheard(c) {
			waiting++
			continue
		}
		if id, err := peer.Decode(c.Peer); err == nil {
			c.Closing = true
			if err := r.save(c); err != nil {
				r.mu.Unlock()
				return 0, err
			}
			list = append(list, target{c, id})
		}
	}
	r.mu.Unlock()
	open = len(list) + waiting
	for _, t := range list {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		call := &marketpb.TradeCall{Call: &marketpb.TradeCall_Close{Close: &marketpb.CloseCall{Channel: t.c.ID[:]}}}
		if e := r.cfg.Peers.Call(ctx, t.p, market.ProtocolPay, call, &marketpb.CloseAnswer{}); e != nil {
			if _, there := r.cfg.Chain.Channel(t.c.ID); !there && errors.Is(e, market.ErrUnknown) {
				open-- // its provider never took it: nothing is locked
			} else {
				err = e
			}
			r.cfg.Log.Debug("channel not closed yet", "channel", t.c.ID.String(), "err", e)
		}
		cancel()
	}
	return open, err
}
