package notary

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/chain/voucher"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

const spentPrefix = "spent/"

// NewChannel makes the terms of a new channel from us to payee, for a purpose
// such as "compute".
func (n *Notary) NewChannel(payee market.Account, window time.Duration, purpose string) (*marketpb.ChannelTerms, error) {
	var unique [24]byte
	if _, err := rand.Read(unique[:]); err != nil {
		return nil, fmt.Errorf("notary: %w", err)
	}
	salt, err := voucher.NewSalt(purpose, unique)
	if err != nil {
		return nil, fmt.Errorf("notary: %w", err)
	}
	account, signer := n.Account(), n.Signer()
	t := &marketpb.ChannelTerms{
		Renter: account[:], Payee: payee[:], Signer: signer[:], Token: n.cfg.Token[:],
		WindowS: int64(window / time.Second), Salt: salt[:],
	}
	return t, t.Validate()
}

// ChannelID returns the id of the channel with these terms.
func (n *Notary) ChannelID(t *marketpb.ChannelTerms) (market.ChannelID, error) {
	if err := t.Validate(); err != nil {
		return market.ChannelID{}, err
	}
	return market.ChannelID(Terms(t).ID(n.domain)), nil
}

// Open converts a signed opening for the chain.
func Open(t *marketpb.ChannelTerms, o *marketpb.OpenFor) voucher.Open {
	return voucher.Open{
		Terms: Terms(t), Amount: new(big.Int).SetBytes(o.AmountUnits),
		FeeCap: new(big.Int).SetBytes(o.FeeCapUnits), Deadline: uint64(max(o.DeadlineS, 0)),
	}
}

// SignOpen lets anybody open a channel out of our deposit. No limit applies: a
// channel only locks money, vouchers give it away.
func (n *Notary) SignOpen(t *marketpb.ChannelTerms, amount, feeCap *big.Int, deadline time.Time) (*marketpb.OpenFor, error) {
	units, err := marketpb.UnitsBytes(amount)
	if err != nil {
		return nil, err
	}
	fee, err := marketpb.UnitsBytes(feeCap)
	if err != nil {
		return nil, err
	}
	o := &marketpb.OpenFor{AmountUnits: units, FeeCapUnits: fee, DeadlineS: deadline.Unix()}
	if o.Sig, err = Open(t, o).Sign(n.domain, n.cfg.Wallet); err != nil {
		return nil, fmt.Errorf("notary: open: %w", err)
	}
	return o, nil
}

// CheckOpen checks that the renter of t signed the opening.
func (n *Notary) CheckOpen(t *marketpb.ChannelTerms, o *marketpb.OpenFor) error {
	return bad(Open(t, o).Verify(n.domain, o.Sig))
}

// Voucher converts a voucher for the chain. A nil one is the zero value, which
// every voucher follows.
func Voucher(v *marketpb.Voucher) voucher.Voucher {
	if v == nil || len(v.Parts) == 0 && len(v.Sig) == 0 {
		return voucher.Voucher{}
	}
	out := voucher.Voucher{Channel: [32]byte(v.Channel), Cumulative: new(big.Int).SetBytes(v.CumulativeUnits)}
	for _, p := range v.Parts {
		out.Parts = append(out.Parts, voucher.Part{Lease: [32]byte(p.Lease), Cumulative: new(big.Int).SetBytes(p.Units)})
	}
	return out
}

// CheckVoucher checks a voucher's parts and that signer signed it.
func (n *Notary) CheckVoucher(v *marketpb.Voucher, signer market.Account) error {
	if err := v.Validate(); err != nil {
		return err
	}
	c := Voucher(v)
	if err := c.Validate(); err != nil {
		return fmt.Errorf("%w: %w", market.ErrInvalid, err)
	}
	return signedBy(c.Digest(n.domain), v.Sig, signer)
}

// Follows reports whether next may take prev's place: no part smaller, none
// missing. prev may be nil.
func (n *Notary) Follows(prev, next *marketpb.Voucher) error {
	if err := voucher.Follows(Voucher(prev), Voucher(next)); err != nil {
		return fmt.Errorf("%w: %w", market.ErrInvalid, err)
	}
	return nil
}

// SignVoucher raises the part of a lease in prev (nil for the first voucher of a
// channel) to units and signs the result. It refuses a prev of another channel, to
// lower a part, and to pass a limit: the lease's by its part, the day's by the sum
// of what was added today. The day's sum is saved before the signature exists. The
// caller must save the voucher before it sends it.
func (n *Notary) SignVoucher(prev *marketpb.Voucher, channel market.ChannelID, lease market.LeaseID, units *big.Int, now time.Time) (*marketpb.Voucher, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if prev != nil && !bytes.Equal(prev.Channel, channel[:]) {
		return nil, fmt.Errorf("%w: the voucher before is of another channel", market.ErrInvalid)
	}
	if limit := n.cfg.Limits.PerLease; !limit.IsZero() && units.Cmp(limit.BaseUnits(n.cfg.Decimals)) > 0 {
		return nil, fmt.Errorf("%w: %s a lease", ErrLimit, limit)
	}
	parts := Voucher(prev).Parts
	was := new(big.Int)
	found := false
	for i := range parts {
		if parts[i].Lease == lease {
			was, parts[i].Cumulative, found = parts[i].Cumulative, units, true
		}
	}
	if !found {
		parts = append(parts, voucher.Part{Lease: lease, Cumulative: units})
	}
	spend := new(big.Int).Sub(units, was)
	if spend.Sign() < 0 {
		return nil, fmt.Errorf("%w: a part never shrinks: %s to %s", market.ErrInvalid, was, units)
	}
	next, err := voucher.New(channel, parts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", market.ErrInvalid, err)
	}
	if err := n.spend(spend, now); err != nil {
		return nil, err
	}
	sig, err := next.Sign(n.domain, n.cfg.Signer)
	if err != nil {
		return nil, fmt.Errorf("notary: voucher: %w", err)
	}
	out := &marketpb.Voucher{Channel: channel[:], CumulativeUnits: next.Cumulative.Bytes(), Sig: sig}
	for _, p := range next.Parts {
		out.Parts = append(out.Parts, &marketpb.Part{Lease: p.Lease[:], Units: p.Cumulative.Bytes()})
	}
	return out, nil
}

// today returns the day that a signature made now counts to. A clock that was set
// back over midnight does not begin a day anew. The caller holds n.mu.
func (n *Notary) today(now time.Time) string {
	day := now.UTC().Format(time.DateOnly)
	if next := now.UTC().AddDate(0, 0, 1).Format(time.DateOnly); n.day == next {
		return next
	}
	return day
}

// spend adds to the day's sum, within the limit. The caller holds n.mu.
func (n *Notary) spend(units *big.Int, now time.Time) error {
	day := n.today(now)
	sum := new(big.Int).Set(units)
	if day == n.day {
		sum.Add(sum, n.spent)
	}
	if limit := n.cfg.Limits.PerDay; !limit.IsZero() && sum.Cmp(limit.BaseUnits(n.cfg.Decimals)) > 0 {
		return fmt.Errorf("%w: %s a day", ErrLimit, limit)
	}
	if units.Sign() == 0 && day == n.day {
		return nil
	}
	changes := map[string][]byte{spentPrefix + day: append([]byte{0}, sum.Bytes()...)}
	if n.day != "" && n.day != day {
		changes[spentPrefix+n.day] = nil
	}
	if err := n.cfg.Store.Save(changes); err != nil {
		return fmt.Errorf("notary: spent today: %w", err)
	}
	n.day, n.spent = day, sum
	return nil
}

// Spent returns what was given away on now's day, and the limits.
func (n *Notary) Spent(now time.Time) (market.Amount, Limits) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.day != n.today(now) {
		return market.Amount{}, n.cfg.Limits
	}
	a, err := market.AmountFromBaseUnits(n.spent, n.cfg.Decimals)
	if err != nil {
		return market.Amount{}, n.cfg.Limits
	}
	return a, n.cfg.Limits
}

// Affordable says why a lease that costs at most cost would pass a limit, or nil.
// pending is what other leases may still cost today.
func (n *Notary) Affordable(cost, pending market.Amount, now time.Time) error {
	spent, limits := n.Spent(now)
	if !limits.PerLease.IsZero() && limits.PerLease.Less(cost) {
		return fmt.Errorf("%w: it may cost %s, the limit per lease is %s", ErrLimit, cost, limits.PerLease)
	}
	if limits.PerDay.IsZero() {
		return nil
	}
	promised, err := spent.Add(pending)
	if err == nil {
		var sum market.Amount
		if sum, err = promised.Add(cost); err == nil && !limits.PerDay.Less(sum) {
			return nil
		}
	}
	return fmt.Errorf("%w: it may cost %s, %s were spent or promised today and the limit is %s a day", ErrLimit, cost, promised, limits.PerDay)
}
