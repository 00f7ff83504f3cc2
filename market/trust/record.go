package trust

import (
	"bytes"
	"math"
	"slices"
	"time"

	"github.com/etal-cloud/etal/market"
)

// The numbers of the score. The package says what they do.
const (
	Prior       = 0.5
	PriorWeight = 2.0
	BadWeight   = 2.0
	HalfLife    = 14 * 24 * time.Hour
	Half        = 10 * time.Minute
)

// Record is the evidence on one provider, faded to a time. The zero Record is
// that of somebody nobody knows. It is a plain value and can be kept as JSON.
type Record struct {
	Good float64   `json:"good"`
	Bad  float64   `json:"bad"`
	At   time.Time `json:"at"`
}

// Of returns the record that a provider's receipts leave at now. A lease counts
// once, however often its receipt comes, and the order does not matter.
func Of(receipts []market.Receipt, now time.Time) Record {
	ordered := slices.Clone(receipts)
	slices.SortFunc(ordered, func(x, y market.Receipt) int {
		if c := bytes.Compare(x.Lease[:], y.Lease[:]); c != 0 {
			return c
		}
		return bytes.Compare(x.SigningBytes(), y.SigningBytes())
	})
	r := Record{At: now}
	var last market.LeaseID
	for _, receipt := range ordered {
		if receipt.Lease == last {
			continue
		}
		if r.Add(receipt, now) {
			last = receipt.Lease
		}
	}
	return r
}

// Add counts a receipt and reports whether it weighed anything: it does not
// where a signature is missing or its end says nothing about the provider. An
// old receipt weighs what is left of it at now. Add does not know which leases
// were counted before: the caller adds each once, or uses Of.
func (r *Record) Add(receipt market.Receipt, now time.Time) bool {
	good, bad := weigh(receipt)
	if good+bad == 0 {
		return false
	}
	*r = r.fade(now)
	left := decay(now.Sub(receipt.Ended))
	r.Good += good * left
	r.Bad += bad * left
	return true
}

// Score returns the trust at now, from 0 to 1; Prior where there is no evidence.
func (r Record) Score(now time.Time) float64 {
	r = r.fade(now)
	return (r.Good + Prior*PriorWeight) / (r.Good + r.Bad + PriorWeight)
}

// fade moves the record to a later time; an earlier one changes nothing.
func (r Record) fade(now time.Time) Record {
	if r.At.IsZero() {
		return Record{At: now}
	}
	if now.After(r.At) {
		left := decay(now.Sub(r.At))
		r.Good, r.Bad, r.At = r.Good*left, r.Bad*left, now
	}
	return r
}

func decay(age time.Duration) float64 {
	return math.Exp2(-float64(max(age, 0)) / float64(HalfLife))
}

// weigh returns what a receipt says for and against its provider.
func weigh(r market.Receipt) (good, bad float64) {
	if !r.Cosigned() || r.Validate() != nil {
		return 0, 0
	}
	switch r.EndState {
	case market.AllocExited, market.AllocStopped:
		d := float64(r.Usage.DeliveredMS)
		return d / (d + float64(Half.Milliseconds())), 0
	case market.AllocFailed, market.AllocLost:
		return 0, BadWeight
	}
	return 0, 0
}
