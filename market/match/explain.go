package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"
)

// maxMisses bounds the near misses kept per constraint.
const maxMisses = 3

// Explain says why a ranking has what it has. Its fields are for JSON, its
// String for people.
type Explain struct {
	Total   int       `json:"total"`   // candidates looked at
	Fit     int       `json:"fit"`     // that pass every constraint
	Removed []Removed `json:"removed"` // by constraint, in the order of trying
}

// Removed is what one constraint took away.
type Removed struct {
	Constraint string `json:"constraint"` // such as "cpus 4"
	Count      int    `json:"count"`
	Nearest    []Miss `json:"nearest"` // at most three, nearest first
}

// Miss is a candidate that a constraint took away.
type Miss struct {
	Name string  `json:"name"`
	Peer peer.ID `json:"peer"`
	Has  string  `json:"has"` // instead of what was wanted

	off float64
}

// add keeps the nearest misses, in an order that does not depend on arrival.
func (r *Removed) add(m Miss) {
	r.Nearest = append(r.Nearest, m)
	slices.SortFunc(r.Nearest, func(x, y Miss) int {
		return cmp.Or(cmp.Compare(x.off, y.off), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Peer, y.Peer))
	})
	r.Nearest = r.Nearest[:min(len(r.Nearest), maxMisses)]
}

// String tells it in a line per constraint:
//
//	12 offers, 7 fit
//	  3 fail "cpus 4": nearest 2 at fr-1, 1 at de-3
//	  2 fail "max 0.5/h": nearest 0.62/h at fr-2
func (e Explain) String() string {
	var b strings.Builder
	switch e.Total {
	case 0:
		b.WriteString("no offers known")
	case 1:
		b.WriteString("1 offer")
	default:
		fmt.Fprintf(&b, "%d offers", e.Total)
	}
	switch {
	case e.Total == 0:
	case e.Fit == 0:
		b.WriteString(", none fits")
	case e.Fit == 1:
		b.WriteString(", 1 fits")
	default:
		fmt.Fprintf(&b, ", %d fit", e.Fit)
	}
	for _, r := range e.Removed {
		verb := "fail"
		if r.Count == 1 {
			verb = "fails"
		}
		fmt.Fprintf(&b, "\n  %d %s %q: nearest ", r.Count, verb, r.Constraint)
		for i, m := range r.Nearest {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s at %s", m.Has, m.Name)
		}
	}
	return b.String()
}
