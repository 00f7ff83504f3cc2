package voucher

import "errors"

var (
	// ErrAmount says that an amount is missing, negative, or not below 2⁹⁶.
	ErrAmount = errors.New("amount out of range")
	// ErrParts says that a voucher's parts are too many, out of order, repeated, or do not sum to the voucher.
	ErrParts = errors.New("parts do not fit the voucher")
	// ErrShrinks says that a voucher takes back what an earlier one of the channel gave, in total or for one lease.
	ErrShrinks = errors.New("voucher takes back what was given")
	// ErrChannel says that two vouchers are of different channels.
	ErrChannel = errors.New("vouchers of different channels")
	// ErrTerms says that a channel with these terms cannot be opened.
	ErrTerms = errors.New("unusable channel terms")
	// ErrDomain says that a domain lacks its chain or its contract.
	ErrDomain = errors.New("unusable domain")
	// ErrBind says that a bind lacks a party or its peer id has no possible length.
	ErrBind = errors.New("unusable bind")
	// ErrLease says that a lease lacks a party, a channel or a term.
	ErrLease = errors.New("unusable lease")
	// ErrSignature says that a signature is malformed, not in its one canonical form, or of another key.
	ErrSignature = errors.New("bad signature")
	// ErrKey says that no private key was given, or one of another curve.
	ErrKey = errors.New("unusable key")
)
