package market

import (
	"fmt"
	"math/big"
	"time"
)

// CostUnits returns what a usage costs under the lease in the token's base
// units, rounded down once over the whole lease: what a voucher's part must reach.
func (l Lease) CostUnits(u Usage, decimals int) (*big.Int, error) {
	if decimals < 0 || decimals > AmountDecimals {
		return nil, fmt.Errorf("%w: a token of %d decimals", ErrInvalid, decimals)
	}
	a, err := u.Cost(l.Price, l.Resources)
	if err != nil {
		return nil, err
	}
	return a.BaseUnits(decimals), nil
}

// PaidThrough returns how much delivered time an amount pays for at a price: the
// most milliseconds whose Cost is not above paid. Time that costs nothing is
// paid for up to MaxDuration.
func PaidThrough(p Price, r Resources, paid Amount) time.Duration {
	return paidThrough(p, r, 0, paid.Big())
}

// PaidThrough returns how much delivered time a part of units base units pays
// for: the most milliseconds whose CostUnits, with the egress, is not above it.
// Because cost is rounded down, the fraction of a unit that follows is free.
// Nothing is paid where the egress alone costs more.
func (l Lease) PaidThrough(units *big.Int, decimals int, egressBytes int64) time.Duration {
	if units == nil || units.Sign() < 0 || decimals < 0 || decimals > AmountDecimals || egressBytes < 0 {
		return 0
	}
	// The largest amount that still rounds down to units.
	paid := new(big.Int).Add(units, big.NewInt(1))
	paid.Mul(paid, pow10(AmountDecimals-decimals).ToBig()).Sub(paid, big.NewInt(1))
	return paidThrough(l.Price, l.Resources, egressBytes, paid)
}

// paidThrough solves cost(ms) ≤ paid for ms. With cost = ⌊(rate × ms + egress) ÷
// den⌋ that is rate × ms + egress < (paid + 1) × den.
func paidThrough(p Price, r Resources, egressBytes int64, paid *big.Int) time.Duration {
	rate, den := p.rate(r), costDenominator()
	room := new(big.Int).Add(paid, big.NewInt(1))
	room.Mul(room, den).Sub(room, p.egress(egressBytes)).Sub(room, big.NewInt(1))
	if room.Sign() < 0 || rate.Sign() < 0 {
		return 0
	}
	if rate.Sign() == 0 {
		return MaxDuration
	}
	room.Div(room, rate)
	if !room.IsInt64() || room.Int64() > MaxDeliveredMS {
		return MaxDuration
	}
	return time.Duration(room.Int64()) * time.Millisecond
}

// Standing is what decides whether an allocation may run on.
type Standing struct {
	State       AllocState
	Delivered   time.Duration
	PaidThrough time.Duration
	Confirmed   bool          // the channel is: k blocks deep
	Paused      time.Duration // how long it has been paused for want of payment
	Now         time.Time
}

// Action is what a Standing asks for.
type Action string

const (
	// ActionNone leaves the allocation as it is.
	ActionNone Action = "none"
	// ActionPause freezes it: what it delivered is not paid for in time.
	ActionPause Action = "pause"
	// ActionResume lets a paused allocation run: it is paid for again.
	ActionResume Action = "resume"
	// ActionStop ends it: its term is over, or it stayed unpaid for too long.
	ActionStop Action = "stop"
)

// MayRun reports whether the allocation may be started, or run on, as it
// stands: its term is not over, less than UnpaidPause of delivered time is
// unpaid, and, before its channel is confirmed, less than Credit is delivered at
// all: until then a voucher may turn out to be worth nothing.
func (l Lease) MayRun(s Standing) bool { return !l.over(s) && !l.behind(s) }

// Due says what to do with an allocation of the lease. The term ends it, by the
// clock or by delivered time. While it may not run for want of payment it is
// paused, and stopped after UnpaidStop of that; once it may again, it resumes.
func (l Lease) Due(s Standing) Action {
	switch {
	case s.State.Ended() || s.State == AllocUnknown || s.State == "":
		return ActionNone
	case l.over(s):
		return ActionStop
	case s.State == AllocRunning && l.behind(s):
		return ActionPause
	case s.State == AllocPaused && !l.behind(s):
		return ActionResume
	case s.State == AllocPaused && s.Paused >= l.UnpaidStop:
		return ActionStop
	}
	return ActionNone
}

func (l Lease) over(s Standing) bool {
	return !s.Now.Before(l.Expires()) || s.Delivered >= l.Term
}

func (l Lease) behind(s Standing) bool {
	to := s.PaidThrough + l.UnpaidPause
	if !s.Confirmed {
		to = min(to, l.Credit)
	}
	return s.Delivered >= to
}
