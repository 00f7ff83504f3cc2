package book

// Verdict says what became of an object given to Insert.
type Verdict uint8

const (
	// VerdictInvalid is provably bad, or of another network. Nothing was kept; whoever
	// sent it is to blame.
	VerdictInvalid Verdict = iota
	// VerdictNew is the first offer of its provider. It was kept; pass it on.
	VerdictNew
	// VerdictNewer replaces or changes what was known of its provider. Pass it on.
	VerdictNewer
	// VerdictDuplicate is known already.
	VerdictDuplicate
	// VerdictStale is expired, older than what is known, issued too far ahead, or a
	// delta to an offer that is not known here.
	VerdictStale
	// VerdictLimited is more than its provider, its account or the book may have now.
	VerdictLimited
)

// Accept reports whether the object was kept and should be passed on.
func (v Verdict) Accept() bool { return v == VerdictNew || v == VerdictNewer }

// Reject reports whether whoever sent it is to blame. What is neither accepted
// nor rejected is ignored.
func (v Verdict) Reject() bool { return v == VerdictInvalid }

// String returns the verdict in a word.
func (v Verdict) String() string {
	switch v {
	case VerdictNew:
		return "new"
	case VerdictNewer:
		return "newer"
	case VerdictDuplicate:
		return "duplicate"
	case VerdictStale:
		return "stale"
	case VerdictLimited:
		return "limited"
	}
	return "invalid"
}
