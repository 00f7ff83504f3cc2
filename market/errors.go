package market

import (
	"errors"

	"github.com/etal-cloud/etal/market/marketpb"
)

// The errors of the trade. Match them with errors.Is.
var (
	// ErrInvalid means a value breaks the rules of its type; the text says which.
	// A message that is malformed on the wire is invalid in the same sense.
	ErrInvalid = marketpb.ErrInvalid
	// ErrOverflow means an amount or a quantity passed its largest value.
	ErrOverflow = errors.New("too large")
	// ErrTransition means a state may not follow the present one.
	ErrTransition = errors.New("illegal transition")
	// ErrExpired means an object's time is over, or has not begun.
	ErrExpired = errors.New("expired")
	// ErrSignature means a signature is missing, malformed or not by the one named.
	ErrSignature = errors.New("bad signature")
	// ErrNetwork means an object belongs to another etal network.
	ErrNetwork = errors.New("another network")
	// ErrUnknown means the peer knows no lease, hold or channel by that id, or
	// the asker is not a party to it: the two look the same.
	ErrUnknown = errors.New("unknown here")
	// ErrHold means the hold is over: the capacity may be sold to somebody else.
	ErrHold = errors.New("hold is over")
	// ErrFunds means a channel or a deposit does not cover what is asked.
	ErrFunds = errors.New("not covered")
	// ErrState means the lease or its job is not in a state that allows it.
	ErrState = errors.New("not in this state")
)
