package provider_test

import (
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/book"
	"github.com/etal-cloud/etal/node/provider"
)

// A storm of changes and greetings is told in few words: a reader's book, with
// its limits, takes every one of them and ends up knowing the truth.
func TestStormsAreToldTogether(t *testing.T) {
	w := newWorld(t)
	b := w.buyer(1_000_000)
	reader := book.New(book.Config{Network: network, Seed: 1, CheckBind: func(_ market.NetworkID, x market.Bind) error {
		return b.CheckBind(x, w.clock.Now())
	}})
	read := 0
	for tick := range 600 { // a minute, ten ticks a second
		w.p.Announce()
		price := hourly
		if tick < 599 {
			price.Memory = market.Atto(uint64(tick) * 1_000_000_000_000)
		}
		if err := w.p.SetPrice(price); err != nil {
			t.Fatal(err)
		}
		if tick == 599 {
			b.lease(1, 10_000, nil)
		}
		w.clock.Advance(100 * time.Millisecond)
		w.p.PublishAt(t.Context(), w.clock.Now())
		for ; read < len(w.sent); read++ {
			if v, err := reader.Insert(w.sent[read], w.clock.Now()); !v.Accept() {
				t.Fatalf("object %d after %d ticks: %s: %v", read, tick, v, err)
			}
		}
	}
	if read < 60 || read > 4*60+16 {
		t.Errorf("%d objects were published in a minute", read)
	}
	w.clock.Advance(time.Second)
	w.p.PublishAt(t.Context(), w.clock.Now())
	for ; read < len(w.sent); read++ {
		if v, err := reader.Insert(w.sent[read], w.clock.Now()); !v.Accept() {
			t.Fatalf("the last object: %s: %v", v, err)
		}
	}
	if e, ok := reader.Get(w.cfg.Notary.Peer(), w.clock.Now()); !ok || e.Offer.Free.MilliCPU != 3000 {
		t.Errorf("the book says %+v", e.Offer.Free)
	}
	n := len(w.sent)
	for range 10 {
		w.clock.Advance(100 * time.Millisecond)
		w.p.PublishAt(t.Context(), w.clock.Now())
	}
	if len(w.sent) != n {
		t.Errorf("%d objects without news", len(w.sent)-n)
	}
}

func TestTheLastWordIsThatNothingIsFree(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	until(t, "an offer", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return len(w.sent) > 0 })
	stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	lastOne := w.sent[len(w.sent)-1]
	if lastOne.Delta == nil || lastOne.Delta.Free.MilliCPU != 0 {
		t.Errorf("the last word is %+v", lastOne)
	}
}

func TestBootsRise(t *testing.T) {
	w := newWorld(t)
	first, err := w.p.Offer()
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(-time.Hour) // also when the clock was set back
	w.open()
	second, err := w.p.Offer()
	if err != nil || !market.Newer(second.Boot, second.Seq, first.Boot, first.Seq) {
		t.Errorf("boot %d after %d, %v", second.Boot, first.Boot, err)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	w := newWorld(t)
	for what, change := range map[string]func(*provider.Config){
		"no engine":  func(c *provider.Config) { c.Engine = nil },
		"no data":    func(c *provider.Config) { c.Data = "" },
		"no cores":   func(c *provider.Config) { c.Sell.Resources.MilliCPU = -1 },
		"a bad sell": func(c *provider.Config) { c.Sell.Price.Core = market.Units(2_000_000) },
	} {
		cfg := w.cfg
		change(&cfg)
		if _, err := provider.New(t.Context(), cfg); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
