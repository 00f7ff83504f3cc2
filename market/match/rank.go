package match

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"slices"
	"time"

	"github.com/etal-cloud/etal/market"
)

// Candidate is an offer and what is known of its provider.
type Candidate struct {
	Offer market.Offer
	Trust float64       // 0 to 1; of somebody nobody knows 0.5
	RTT   time.Duration // 0 where it is not known
	// Prefix names the part of the network where the provider is, such as its
	// address's /24. It is a failure domain; empty where it is not known.
	Prefix string
}

// Options shape a ranking.
type Options struct {
	Now     time.Time
	Seed    uint64           // of the jitter; the same seed gives the same ranking
	Network market.NetworkID // offers of another are removed; zero means any
}

// Scored is a candidate that passes, with what it would cost.
type Scored struct {
	Candidate
	PerHour market.Amount // for the resources wanted, without egress
	Cost    market.Amount // for the whole term
	Score   float64       // 0 to 1, as the package says
}

// Result is a ranking.
type Result struct {
	Ranked  []Scored // best first
	Explain Explain
}

// Rank filters and scores candidates for a request, whose empty fields take
// their defaults. The order of the candidates does not matter.
func Rank(req market.Request, candidates []Candidate, opts Options) Result {
	req = req.WithDefaults()
	passing, explain := filter(req, candidates, opts)
	ranked := score(req, passing, opts)
	explain.Fit = len(ranked)
	return Result{Ranked: ranked, Explain: explain}
}

// score orders what passed the filters.
func score(req market.Request, passing []Scored, opts Options) []Scored {
	if len(passing) == 0 {
		return nil
	}
	cheapest := passing[0].PerHour
	for _, s := range passing {
		if s.PerHour.Less(cheapest) {
			cheapest = s.PerHour
		}
	}
	for i := range passing {
		s := &passing[i]
		s.Score = 0.60*ratio(cheapest, s.PerHour) + 0.25*unit(s.Trust) + 0.07*headroom(req.Resources, s.Offer.Free) +
			0.03*nearness(s.RTT) + 0.05*jitter(opts.Seed, s.Offer)
	}
	slices.SortFunc(passing, func(x, y Scored) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Offer.Bind.Peer, y.Offer.Bind.Peer))
	})
	return passing
}

// ratio returns a ÷ b, which is at least a; 1 where b is nothing.
func ratio(a, b market.Amount) float64 {
	if b.IsZero() {
		return 1
	}
	f, _ := new(big.Rat).SetFrac(a.Big(), b.Big()).Float64()
	return f
}

// unit forces a share into its range; what is no number counts as nothing.
func unit(f float64) float64 {
	if !(f > 0) {
		return 0
	}
	return min(f, 1)
}

// headroom is how much of what is free would stay free, of what gets scarcest.
func headroom(want, free market.Resources) float64 {
	most := 0.0
	for _, q := range [][2]int64{
		{want.MilliCPU, free.MilliCPU}, {want.Memory, free.Memory}, {want.Disk, free.Disk}, {want.GPUs, free.GPUs},
	} {
		if q[0] > 0 && q[1] > 0 {
			most = max(most, float64(q[0])/float64(q[1]))
		}
	}
	return unit(1 - most)
}

func nearness(rtt time.Duration) float64 {
	if rtt <= 0 {
		return 0.5
	}
	return 1 / (1 + float64(rtt)/float64(100*time.Millisecond))
}

// jitter draws from the seed and the provider, so that it does not depend on
// which other candidates there are.
func jitter(seed uint64, o market.Offer) float64 {
	msg := binary.BigEndian.AppendUint64(nil, seed)
	h := sha256.Sum256(append(msg, o.Bind.Peer...))
	return float64(binary.BigEndian.Uint64(h[:])>>11) / (1 << 53)
}

// Pick takes n of a ranking, each of another provider, over as many failure
// domains as there are: it takes one of an account, an address prefix or a
// region already used only where there is none of a new one left, and among
// equals the better ranked. It returns fewer where there are fewer.
func Pick(ranked []Scored, n int) []Scored {
	var picked []Scored
	taken := make(map[int]bool)
	accounts, prefixes, regions := map[market.Account]int{}, map[string]int{}, map[string]int{}
	for len(picked) < min(n, len(ranked)) {
		best, least := -1, [3]int{}
		for i, s := range ranked {
			if taken[i] {
				continue
			}
			// Sharing an account is worse than sharing a prefix, which is worse
			// than sharing a region.
			shared := [3]int{accounts[s.Offer.Bind.Account], 0, 0}
			if s.Prefix != "" {
				shared[1] = prefixes[s.Prefix]
			}
			if s.Offer.Region != "" {
				shared[2] = regions[s.Offer.Region]
			}
			if best < 0 || slices.Compare(shared[:], least[:]) < 0 {
				best, least = i, shared
			}
		}
		s := ranked[best]
		taken[best] = true
		accounts[s.Offer.Bind.Account]++
		prefixes[s.Prefix]++
		regions[s.Offer.Region]++
		picked = append(picked, s)
	}
	return picked
}
