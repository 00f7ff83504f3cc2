package provider

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// Trade answers one call of /etal/pay/1.
func (p *Provider) Trade(_ context.Context, from peer.ID, m *marketpb.TradeCall) (proto.Message, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c := m.Call.(type) {
	case *marketpb.TradeCall_Pay:
		r, err := p.find(from, c.Pay.Lease)
		if err != nil {
			return nil, err
		}
		if err := p.accept(r, c.Pay.Voucher); err != nil {
			return nil, err
		}
		return &marketpb.PayAnswer{Status: p.statusOf(r)}, nil
	case *marketpb.TradeCall_Receipt:
		r, err := p.find(from, c.Receipt.Lease)
		if err != nil {
			return nil, err
		}
		rec, err := p.receipt(r)
		if err != nil {
			return nil, err
		}
		return &marketpb.SettleAnswer{Receipt: rec}, nil
	case *marketpb.TradeCall_Settle:
		r, err := p.find(from, c.Settle.Lease)
		if err != nil {
			return nil, err
		}
		return p.settle(r, c.Settle)
	case *marketpb.TradeCall_Close:
		return p.closeFor(from, c.Close)
	}
	return nil, fmt.Errorf("%w: no such call", market.ErrInvalid)
}

// accept takes a voucher that pays r: signed by the channel's signer, no part
// smaller than before, not above the channel. It is saved before it counts. One
// that says what is known already is fine. The caller holds p.mu.
func (p *Provider) accept(r *record, v *marketpb.Voucher) error {
	if market.ChannelID(v.Channel) != r.lease.Channel {
		return fmt.Errorf("%w: the voucher is of another channel", market.ErrInvalid)
	}
	c := p.channels[r.lease.Channel]
	if c == nil {
		return fmt.Errorf("channel: %w", market.ErrUnknown)
	}
	old := c.voucher()
	if old != nil && proto.Equal(old, v) {
		return nil
	}
	amount := c.Amount
	st, there := p.cfg.Chain.Channel(c.ID)
	switch {
	case c.Done || there && st.Closed:
		return fmt.Errorf("%w: the channel is closed", market.ErrFunds)
	case c.Closing:
		// What is to be redeemed is fixed: more could not be collected.
		return fmt.Errorf("the channel is being closed: %w", market.ErrState)
	case there && st.Amount.Cmp(amount) > 0:
		amount = st.Amount
	}
	if new(big.Int).SetBytes(v.CumulativeUnits).Cmp(amount) > 0 {
		return fmt.Errorf("%w: the voucher passes the channel's %s units", market.ErrFunds, amount)
	}
	for _, part := range v.Parts {
		if c.leases[market.LeaseID(part.Lease)] == nil {
			return fmt.Errorf("%w: the voucher pays for a lease that is not on its channel", market.ErrInvalid)
		}
	}
	if err := p.cfg.Notary.CheckVoucher(v, market.Account(c.terms().Signer)); err != nil {
		return err
	}
	if err := p.cfg.Notary.Follows(old, v); err != nil {
		return err
	}
	raw, err := proto.Marshal(v)
	if err != nil {
		return err
	}
	next := *c
	next.Voucher, next.Used = raw, p.cfg.Now()
	items := []any{&next}
	fresh := !p.sold[r.lease.Renter] && len(p.sold) < maxSold && len(v.CumulativeUnits) > 0
	if fresh {
		items = append(items, customer(r.lease.Renter))
	}
	// Save what each lease is paid together with the voucher.
	was := map[*record]*big.Int{}
	for _, part := range v.Parts {
		l := c.leases[market.LeaseID(part.Lease)]
		if u := new(big.Int).SetBytes(part.Units); u.Cmp(l.Paid) != 0 {
			was[l], l.Paid = l.Paid, u
			items = append(items, l)
		}
	}
	if err := p.save(items...); err != nil {
		for l, u := range was {
			l.Paid = u
		}
		return err
	}
	*c = next
	if fresh {
		p.sold[r.lease.Renter] = true
	}
	p.wake() // a paused job may go on
	return nil
}

// receipt returns what an ended lease delivered, signed by us. Asked again, it
// says the same. The caller holds p.mu.
func (p *Provider) receipt(r *record) (*marketpb.Receipt, error) {
	if r.live() {
		return nil, fmt.Errorf("the lease has not ended: %w", market.ErrState)
	}
	if r.Receipt != nil {
		var rec marketpb.Receipt
		if err := proto.Unmarshal(r.Receipt, &rec); err != nil {
			return nil, err
		}
		return &rec, nil
	}
	cost, err := r.lease.CostUnits(r.usage(), p.cfg.Notary.Decimals())
	if err != nil {
		return nil, err
	}
	rec := market.Receipt{
		Network: p.cfg.Notary.Network(), Lease: r.ID, Usage: r.usage(), EndState: r.Alloc, Reason: r.Reason,
		CostUnits: cost, Ended: r.EndedAt.UTC().Truncate(time.Millisecond),
	}
	if rec.ProviderSig, err = p.cfg.Notary.SignReceipt(rec); err != nil {
		return nil, err
	}
	m, err := rec.Proto()
	if err != nil {
		return nil, err
	}
	if r.Receipt, err = proto.Marshal(m); err != nil {
		return nil, err
	}
	return m, p.save(r)
}

// settle takes the renter's signature under our receipt, and the last voucher.
func (p *Provider) settle(r *record, m *marketpb.SettleCall) (proto.Message, error) {
	rec, err := p.receipt(r)
	if err != nil {
		return nil, err
	}
	if m.Voucher != nil {
		if err := p.accept(r, m.Voucher); err != nil {
			return nil, err
		}
	}
	if len(m.Receipt.RenterSig) > 0 && len(rec.RenterSig) == 0 {
		rec.RenterSig = m.Receipt.RenterSig
		both, err := market.ReceiptFromProto(rec)
		if err != nil {
			return nil, err
		}
		if err := p.cfg.Notary.CheckReceipt(both, r.lease); err != nil {
			return nil, err
		}
		if r.Receipt, err = proto.Marshal(rec); err != nil {
			return nil, err
		}
		if err := p.save(r); err != nil {
			return nil, err
		}
	}
	return &marketpb.SettleAnswer{Receipt: rec}, nil
}
