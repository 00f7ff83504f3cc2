package market

// RejectCode says why a provider declined a proposal. Codes are append-only.
type RejectCode uint32

const (
	// RejectInvalid: the proposal breaks a rule; proposing it again is useless.
	RejectInvalid RejectCode = 1
	// RejectPrice: the price proposed is not the present one. The delta has it.
	RejectPrice RejectCode = 2
	// RejectCapacity: what is free does not hold it. The delta has what does.
	RejectCapacity RejectCode = 3
	// RejectFunds: the account's confirmed balance does not cover a minute.
	RejectFunds RejectCode = 4
	// RejectBusy: the account has a hold already, newcomers hold too much now, or
	// what is free is held for somebody just now. Asking again soon may help.
	RejectBusy RejectCode = 5
	// RejectTerm: the term is longer than what is sold.
	RejectTerm RejectCode = 6
	// RejectTier: the tier or a kind of resource is not sold here.
	RejectTier RejectCode = 7
	// RejectClosed: the provider does not sell now.
	RejectClosed RejectCode = 8
)

// String returns the code in words.
func (c RejectCode) String() string {
	switch c {
	case RejectInvalid:
		return "invalid proposal"
	case RejectPrice:
		return "price changed"
	case RejectCapacity:
		return "capacity is gone"
	case RejectFunds:
		return "balance does not cover a minute"
	case RejectBusy:
		return "holds enough for this account already"
	case RejectTerm:
		return "term too long"
	case RejectTier:
		return "not sold here"
	case RejectClosed:
		return "not selling now"
	}
	return "declined"
}
