package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/etal-cloud/etal/market"
)

// constraint is one rule. check returns "" where a candidate passes; else what
// the candidate has instead, and how far off it is in the constraint's own
// measure: smaller is nearer.
type constraint struct {
	name  string // as the command line says it
	check func(s *Scored) (has string, off float64)
}

// constraints lists the rules of a request in the order in which they are tried.
func constraints(req market.Request, opts Options) []constraint {
	want := req.Resources
	return []constraint{
		{"valid now", func(s *Scored) (string, float64) {
			o := s.Offer
			if o.Expires.After(opts.Now) && o.Bind.ValidUntil.After(opts.Now) {
				return "", 0
			}
			return "offer expired", opts.Now.Sub(o.Expires).Seconds()
		}},
		{"this network", func(s *Scored) (string, float64) {
			return unless(opts.Network == (market.NetworkID{}) || s.Offer.Network == opts.Network, "another network")
		}},
		{"tier " + string(req.Tier), func(s *Scored) (string, float64) {
			return unless(slices.Contains(s.Offer.Tiers, req.Tier), join(s.Offer.Tiers))
		}},
		{"arch " + req.Arch, func(s *Scored) (string, float64) {
			return unless(req.Arch == "" || req.Arch == s.Offer.Arch, s.Offer.Arch)
		}},
		{"region " + strings.Join(req.Regions, ","), func(s *Scored) (string, float64) {
			return unless(len(req.Regions) == 0 || slices.Contains(req.Regions, s.Offer.Region), cmp.Or(s.Offer.Region, "no region"))
		}},
		{"provider " + strings.Join(req.Providers, ","), func(s *Scored) (string, float64) {
			return unless(len(req.Providers) == 0 || named(req.Providers, s.Offer), s.Offer.Name)
		}},
		{"not excluded", func(s *Scored) (string, float64) {
			return unless(!slices.Contains(req.Exclude, s.Offer.Bind.Peer.String()), "excluded")
		}},
		{"cpus " + market.FormatCPUs(want.MilliCPU), func(s *Scored) (string, float64) {
			return atLeast(want.MilliCPU, s.Offer.Free.MilliCPU, market.FormatCPUs)
		}},
		{"memory " + market.FormatBytes(want.Memory), func(s *Scored) (string, float64) {
			return atLeast(want.Memory, s.Offer.Free.Memory, market.FormatBytes)
		}},
		{"disk " + market.FormatBytes(want.Disk), func(s *Scored) (string, float64) {
			return atLeast(want.Disk, s.Offer.Free.Disk, market.FormatBytes)
		}},
		{fmt.Sprintf("gpus %d %s", want.GPUs, want.GPU), func(s *Scored) (string, float64) {
			free := s.Offer.Free
			if want.GPUs > 0 && want.GPUs <= free.GPUs && want.GPU != "" && want.GPU != free.GPU {
				return free.GPU, float64(want.GPUs)
			}
			return atLeast(want.GPUs, free.GPUs, func(n int64) string { return fmt.Sprint(n) })
		}},
		{"for " + market.FormatDuration(req.Term), func(s *Scored) (string, float64) {
			most := s.Offer.MaxTerm
			if until := s.Offer.SellsUntil; !until.IsZero() {
				most = min(most, max(until.Sub(opts.Now), 0))
			}
			return atLeast(int64(req.Term), int64(most), func(n int64) string { return market.FormatDuration(time.Duration(n)) })
		}},
		{"credit " + market.FormatDuration(req.Credit), func(s *Scored) (string, float64) {
			return atLeast(int64(req.Credit), int64(s.Offer.Credit), func(n int64) string { return market.FormatDuration(time.Duration(n)) })
		}},
		{"a price", func(s *Scored) (string, float64) {
			perHour, err := s.Offer.Price.PerHour(want)
			if err != nil {
				return "price too large", 0
			}
			cost, err := market.Usage{DeliveredMS: req.Term.Milliseconds()}.Cost(s.Offer.Price, want)
			if err != nil {
				return "price too large", 0
			}
			s.PerHour, s.Cost = perHour, cost
			return "", 0
		}},
		{"max " + market.FormatAmount(req.MaxPerHour) + "/h", func(s *Scored) (string, float64) {
			return atMost(req.MaxPerHour, s.PerHour, "/h")
		}},
		{"budget " + market.FormatAmount(req.Budget), func(s *Scored) (string, float64) {
			if has, off := atMost(req.Budget, s.Cost, " for the whole time"); has != "" {
				return has, off
			}
			return atMost(req.Budget, s.Offer.MinChannel, " as its smallest deposit")
		}},
	}
}

// filter removes what fails a constraint and keeps account of it.
func filter(req market.Request, candidates []Candidate, opts Options) ([]Scored, Explain) {
	explain := Explain{Total: len(candidates)}
	rules := constraints(req, opts)
	removed := make([]Removed, len(rules))
	var passing []Scored
next:
	for _, c := range candidates {
		s := Scored{Candidate: c}
		for i, rule := range rules {
			if has, off := rule.check(&s); has != "" {
				removed[i].Constraint = strings.TrimSpace(rule.name)
				removed[i].Count++
				removed[i].add(Miss{Name: c.Offer.Name, Peer: c.Offer.Bind.Peer, Has: has, off: off})
				continue next
			}
		}
		passing = append(passing, s)
	}
	for _, r := range removed {
		if r.Count > 0 {
			explain.Removed = append(explain.Removed, r)
		}
	}
	return passing, explain
}

func unless(ok bool, has string) (string, float64) {
	if ok {
		return "", 0
	}
	return cmp.Or(has, "none"), 0
}

func atLeast(want, free int64, format func(int64) string) (string, float64) {
	if want <= free {
		return "", 0
	}
	return format(free), float64(want) - float64(free)
}

// atMost compares with a limit, where a limit of nothing is none.
func atMost(limit, price market.Amount, unit string) (string, float64) {
	if limit.IsZero() || !limit.Less(price) {
		return "", 0
	}
	return market.FormatAmount(price) + unit, 1 - ratio(limit, price)
}

func named(names []string, o market.Offer) bool {
	return slices.Contains(names, o.Name) || slices.Contains(names, o.Bind.Peer.String())
}

func join(tiers []market.Tier) string {
	words := make([]string, len(tiers))
	for i, t := range tiers {
		words[i] = string(t)
	}
	return strings.Join(words, ",")
}
