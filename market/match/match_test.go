package match_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/match"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// stall makes a candidate that passes every constraint of the zero request.
func stall(name string, price string, change func(*match.Candidate)) match.Candidate {
	core, err := market.ParseAmount(price)
	if err != nil {
		panic(err)
	}
	c := match.Candidate{Trust: 0.5, Offer: market.Offer{
		Bind: market.Bind{Account: market.Account([]byte(fmt.Sprintf("%-20s", name))), Peer: peer.ID(name), ValidUntil: noon.Add(time.Hour)},
		Name: name, Region: strings.Split(name, "-")[0], Arch: "amd64", Expires: noon.Add(time.Minute),
		Free:  market.Resources{MilliCPU: 8000, Memory: 16 << 30, Disk: 100 << 30},
		Price: market.Price{Core: core}, Tiers: []market.Tier{market.TierSandbox}, MaxTerm: 24 * time.Hour, Credit: time.Minute,
	}}
	if change != nil {
		change(&c)
	}
	return c
}

func names(list []match.Scored) string {
	var out []string
	for _, s := range list {
		out = append(out, s.Offer.Name)
	}
	return strings.Join(out, " ")
}

// Every constraint takes away exactly the candidate that fails it, and says so.
func TestConstraints(t *testing.T) {
	cpu := market.Resources{MilliCPU: 4000}
	gpu := market.Resources{GPUs: 1, GPU: "L4"}
	amount := func(s string) market.Amount { a, _ := market.ParseAmount(s); return a }
	for _, c := range []struct {
		req    market.Request
		change func(*match.Candidate)
		want   string // "constraint: has"
	}{
		{market.Request{}, func(c *match.Candidate) { c.Offer.Expires = noon }, "valid now: offer expired"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.Bind.ValidUntil = noon }, "valid now: offer expired"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.Network = market.NetworkID{7} }, "this network: another network"},
		{market.Request{Tier: market.TierNative}, func(*match.Candidate) {}, "tier native: sandbox"},
		{market.Request{Arch: "arm64"}, func(*match.Candidate) {}, "arch arm64: amd64"},
		{market.Request{Regions: []string{"fr", "de"}}, func(*match.Candidate) {}, "region fr,de: xx"},
		{market.Request{Providers: []string{"good"}}, func(*match.Candidate) {}, "provider good: xx-1"},
		{market.Request{Exclude: []string{peer.ID("xx-1").String()}}, func(*match.Candidate) {}, "not excluded: excluded"},
		{market.Request{Resources: cpu}, func(c *match.Candidate) { c.Offer.Free.MilliCPU = 1500 }, "cpus 4: 1.5"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.Free.Memory = 256 << 20 }, "memory 512 MiB: 256 MiB"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.Free.Disk = 0 }, "disk 1 GiB: 0 B"},
		{market.Request{Resources: gpu}, func(*match.Candidate) {}, "gpus 1 L4: 0"},
		{market.Request{Resources: gpu}, func(c *match.Candidate) { c.Offer.Free.GPUs, c.Offer.Free.GPU = 1, "T4" }, "gpus 1 L4: T4"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.MaxTerm = 10 * time.Minute }, "for 1 h: 10 min"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.SellsUntil = noon.Add(20 * time.Minute) }, "for 1 h: 20 min"},
		{market.Request{}, func(c *match.Candidate) { c.Offer.SellsUntil = noon.Add(-time.Minute) }, "for 1 h: 0 s"},
		{market.Request{Credit: 90 * time.Second}, func(*match.Candidate) {}, "credit 1 min 30 s: 1 min"},
		{market.Request{MaxPerHour: amount("0.5")}, func(*match.Candidate) {}, "max 0.5/h: 0.62/h"},
		{market.Request{Budget: amount("0.6")}, func(*match.Candidate) {}, "budget 0.6: 0.62 for the whole time"},
		{market.Request{Budget: amount("5")}, func(c *match.Candidate) { c.Offer.MinChannel = market.Units(6) }, "budget 5: 6 as its smallest deposit"},
	} {
		good := stall("good", "0.1", func(g *match.Candidate) {
			g.Offer.Network, g.Offer.Region, g.Offer.Credit = market.NetworkID{1}, "fr", time.Hour
			g.Offer.Tiers = append(g.Offer.Tiers, market.TierNative)
			g.Offer.Free.GPUs, g.Offer.Free.GPU = 1, "L4"
			if c.req.Arch != "" {
				g.Offer.Arch = c.req.Arch
			}
		})
		bad := stall("xx-1", "0.62", func(b *match.Candidate) { b.Offer.Network = market.NetworkID{1} })
		c.change(&bad)
		res := match.Rank(c.req, []match.Candidate{bad, good}, match.Options{Now: noon, Network: market.NetworkID{1}})
		if names(res.Ranked) != "good" || len(res.Explain.Removed) != 1 {
			t.Errorf("%s: ranked %q, removed %+v", c.want, names(res.Ranked), res.Explain.Removed)
			continue
		}
		r := res.Explain.Removed[0]
		if got := r.Constraint + ": " + r.Nearest[0].Has; got != c.want || r.Count != 1 || r.Nearest[0].Name != "xx-1" {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A removed candidate counts once, for the first constraint that it fails, and
// the counts add up.
func TestCountsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		var all []match.Candidate
		for i := range r.IntN(30) {
			all = append(all, stall(fmt.Sprintf("p-%d", i), fmt.Sprintf("0.%d", r.IntN(10)), func(c *match.Candidate) {
				c.Offer.Free.MilliCPU, c.Offer.Free.Memory = r.Int64N(3000), r.Int64N(2<<30)
				c.Offer.Expires = noon.Add(time.Duration(r.IntN(60)-10) * time.Second)
			}))
		}
		max, _ := market.ParseAmount("0.4")
		res := match.Rank(market.Request{MaxPerHour: max}, all, match.Options{Now: noon})
		n := res.Explain.Fit
		for _, removed := range res.Explain.Removed {
			n += removed.Count
			if k := len(removed.Nearest); k == 0 || k > 3 || k > removed.Count {
				t.Fatalf("%+v", removed)
			}
		}
		if n != len(all) || res.Explain.Total != len(all) || res.Explain.Fit != len(res.Ranked) {
			t.Fatalf("%d of %d: %+v", n, len(all), res.Explain)
		}
	}
}

func TestExplainString(t *testing.T) {
	all := []match.Candidate{
		stall("fr-1", "0.1", func(c *match.Candidate) { c.Offer.Free.MilliCPU = 2000 }),
		stall("de-3", "0.1", func(c *match.Candidate) { c.Offer.Free.MilliCPU = 1000 }),
		stall("fr-2", "0.155", nil),
		stall("fr-3", "0.2", nil),
		stall("ok-1", "0.1", nil),
	}
	max, _ := market.ParseAmount("0.50")
	req := market.Request{Resources: market.Resources{MilliCPU: 4000}, MaxPerHour: max}
	got := match.Rank(req, all, match.Options{Now: noon}).Explain.String()
	want := `5 offers, 1 fits
  2 fail "cpus 4": nearest 2 at fr-1, 1 at de-3
  2 fail "max 0.5/h": nearest 0.62/h at fr-2, 0.8/h at fr-3`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := match.Rank(req, nil, match.Options{Now: noon}).Explain.String(); got != "no offers known" {
		t.Errorf("got %q", got)
	}
	if got := match.Rank(req, all[:1], match.Options{Now: noon}).Explain.String(); got != "1 offer, none fits\n  1 fails \"cpus 4\": nearest 2 at fr-1" {
		t.Errorf("got %q", got)
	}
}

func TestDeterministic(t *testing.T) {
	var all []match.Candidate
	for i := range 40 {
		all = append(all, stall(fmt.Sprintf("p-%d", i), "0.1", nil))
	}
	first := match.Rank(market.Request{}, all, match.Options{Now: noon, Seed: 1})
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if again := match.Rank(market.Request{}, all, match.Options{Now: noon, Seed: 1}); !reflect.DeepEqual(again, first) {
		t.Error("the order of arrival matters")
	}
	if other := match.Rank(market.Request{}, all, match.Options{Now: noon, Seed: 2}); names(other.Ranked) == names(first.Ranked) {
		t.Error("the seed does not matter among equals")
	}
}

// Each part of the score decides where the others are equal, whatever the seed
// when it is more than the jitter can make up for.
func TestScore(t *testing.T) {
	base := stall("p-1", "0.1", nil)
	for name, better := range map[string]match.Candidate{
		"cheaper":     stall("p-2", "0.08", nil),
		"trusted":     stall("p-2", "0.1", func(c *match.Candidate) { c.Trust = 0.8 }),
		"free enough": base,
	} {
		worse := base
		if name == "free enough" {
			worse = stall("p-2", "0.1", func(c *match.Candidate) { c.Offer.Free.MilliCPU = 1000 })
		}
		for seed := range uint64(50) {
			res := match.Rank(market.Request{}, []match.Candidate{worse, better}, match.Options{Now: noon, Seed: seed})
			if res.Ranked[0].Offer.Name != better.Offer.Name {
				t.Errorf("%s: seed %d ranks %s", name, seed, names(res.Ranked))
			}
		}
	}
	for _, trust := range []float64{math.NaN(), math.Inf(1), -5, 7} {
		odd := stall("p-2", "0", func(c *match.Candidate) { c.Trust, c.RTT = trust, time.Second })
		for _, s := range match.Rank(market.Request{}, []match.Candidate{base, odd}, match.Options{Now: noon}).Ranked {
			if !(s.Score >= 0 && s.Score <= 1) {
				t.Errorf("trust %g scores %g", trust, s.Score)
			}
		}
	}
}

func TestCost(t *testing.T) {
	res := match.Rank(market.Request{Resources: market.Resources{MilliCPU: 2000}, Term: 30 * time.Minute}, []match.Candidate{stall("p-1", "0.1", nil)}, match.Options{Now: noon})
	if s := res.Ranked[0]; s.PerHour.String() != "0.2" || s.Cost.String() != "0.1" {
		t.Errorf("%s per hour, %s in all", s.PerHour, s.Cost)
	}
}

func TestPickSpreads(t *testing.T) {
	same := func(account string) func(*match.Candidate) {
		return func(c *match.Candidate) { c.Offer.Bind.Account = market.Account([]byte(fmt.Sprintf("%-20s", account))) }
	}
	all := []match.Candidate{
		stall("fr-1", "0.10", same("big")), stall("fr-2", "0.11", same("big")), stall("de-1", "0.12", same("big")),
		stall("fr-3", "0.50", nil), stall("de-2", "0.60", func(c *match.Candidate) { c.Prefix = "10.0.0" }),
		stall("es-1", "0.70", func(c *match.Candidate) { c.Prefix = "10.0.0" }),
	}
	ranked := match.Rank(market.Request{}, all, match.Options{Now: noon}).Ranked
	if ranked[0].Offer.Name != "fr-1" {
		t.Fatal(names(ranked))
	}
	for n, want := range map[int]string{
		0: "", 1: "fr-1", 2: "fr-1 de-2",
		3: "fr-1 de-2 fr-3", // es-1 shares its prefix with de-2; fr-3 only its region
		4: "fr-1 de-2 fr-3 es-1",
		9: "fr-1 de-2 fr-3 es-1 de-1 fr-2",
	} {
		if got := names(match.Pick(ranked, n)); got != want {
			t.Errorf("%d of them: %q, want %q", n, got, want)
		}
	}
	if len(match.Pick(nil, 3)) != 0 {
		t.Error("picked of nothing")
	}
}

func ExampleRank() {
	offers := []match.Candidate{stall("fr-1", "0.30", nil), stall("de-1", "0.90", nil)}
	max, _ := market.ParseRate("0.50/h")
	res := match.Rank(market.Request{MaxPerHour: max}, offers, match.Options{Now: noon, Seed: 1})
	fmt.Println(res.Ranked[0].Offer.Name, "costs", res.Ranked[0].Cost)
	fmt.Println(res.Explain)
	// Output:
	// fr-1 costs 0.3
	// 2 offers, 1 fits
	//   1 fails "max 0.5/h": nearest 0.9/h at de-1
}
