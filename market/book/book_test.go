package book_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/book"
)

var (
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	network = market.NetworkID{1, 2, 3}
)

// seller makes the signed objects of one provider.
type seller struct {
	t     testing.TB
	key   crypto.PrivKey
	offer market.Offer
}

type source struct{ r *rand.Rand }

func (s source) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.r.Uint32())
	}
	return len(p), nil
}

func newSeller(t testing.TB, seed uint64, account byte) *seller {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(source{rand.New(rand.NewPCG(seed, 0))})
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &seller{t: t, key: key, offer: market.Offer{
		Network: network, Boot: 1, Seq: 1, Issued: noon, Expires: noon.Add(time.Minute), Name: fmt.Sprintf("p-%d", seed), Arch: "amd64",
		Free: market.Resources{MilliCPU: 4000, Memory: 8 << 30, Disk: 10 << 30}, Price: market.Price{Core: market.Units(1 + seed)},
		Tiers: []market.Tier{market.TierSandbox}, Limits: "none", Reach: "direct", MaxTerm: time.Hour,
	}}
	s.sell(id, account)
	return s
}

// sell binds the provider to an account.
func (s *seller) sell(id peer.ID, account byte) {
	s.t.Helper()
	b := market.Bind{
		Account: market.Account{account}, Signer: market.Account{account, 1}, Peer: id, ValidUntil: noon.Add(time.Hour), AccountSig: make([]byte, 65),
	}
	var err error
	if b.PeerSig, err = s.key.Sign(market.BindPeerBytes(network, b)); err != nil {
		s.t.Fatal(err)
	}
	s.offer.Bind = b
}

func (s *seller) id() peer.ID { return s.offer.Bind.Peer }

func (s *seller) sealOffer(seq uint64, change func(*market.Offer)) market.Sealed {
	s.t.Helper()
	o := s.offer
	o.Seq = seq
	if change != nil {
		change(&o)
	}
	raw, err := o.Seal(s.key.Sign)
	return s.parse(raw, err)
}

func (s *seller) sealDelta(boot, seq uint64, milli int64) market.Sealed {
	s.t.Helper()
	d := market.Delta{
		Network: network, Peer: s.id(), Boot: boot, Seq: seq, Issued: noon, Price: s.offer.Price,
		Free: market.Resources{MilliCPU: milli, Memory: 1 << 30},
	}
	raw, err := d.Seal(s.key.Sign)
	return s.parse(raw, err)
}

func (s *seller) parse(raw []byte, err error) market.Sealed {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	sealed, err := market.ParseSealed(raw)
	if err != nil {
		s.t.Fatal(err)
	}
	return sealed
}

func want(t testing.TB, b *book.Book, s market.Sealed, at time.Duration, want book.Verdict) error {
	t.Helper()
	v, err := b.Insert(s, noon.Add(at))
	if v != want {
		t.Fatalf("verdict %s (%v), want %s", v, err, want)
	}
	if quiet := v.Accept() || v == book.VerdictDuplicate; quiet != (err == nil) {
		t.Fatalf("verdict %s with error %v", v, err)
	}
	return err
}

func TestOrder(t *testing.T) {
	b, s := book.New(book.Config{Network: network}), newSeller(t, 1, 1)
	if err := want(t, b, s.sealDelta(1, 2, 500), 0, book.VerdictStale); !errors.Is(err, book.ErrUnknown) {
		t.Error(err)
	}
	want(t, b, s.sealOffer(2, nil), 0, book.VerdictNew)
	want(t, b, s.sealOffer(2, nil), 0, book.VerdictDuplicate)
	want(t, b, s.sealOffer(1, nil), 0, book.VerdictStale)
	want(t, b, s.sealOffer(2, func(o *market.Offer) { o.Name = "other" }), 0, book.VerdictStale) // the first of two equals stays
	want(t, b, s.sealDelta(1, 2, 500), 0, book.VerdictStale)
	want(t, b, s.sealDelta(1, 4, 500), 0, book.VerdictNewer)
	want(t, b, s.sealDelta(1, 4, 500), 0, book.VerdictDuplicate)
	want(t, b, s.sealDelta(1, 3, 900), 0, book.VerdictStale)
	want(t, b, s.sealOffer(3, nil), 0, book.VerdictStale)
	want(t, b, s.sealDelta(2, 1, 500), 0, book.VerdictStale) // of a start whose offer is not here
	e, ok := b.Get(s.id(), noon)
	if !ok || e.Offer.Free.MilliCPU != 500 || e.Offer.Seq != 4 || e.RawDelta == nil || e.Offer.Name != "p-1" {
		t.Fatalf("%+v", e)
	}
	want(t, b, s.sealOffer(5, nil), time.Second, book.VerdictNewer)
	if e, _ = b.Get(s.id(), noon); e.Offer.Free.MilliCPU != 4000 || e.RawDelta != nil || !e.Seen.Equal(noon.Add(time.Second)) {
		t.Fatalf("a new offer takes its delta away: %+v", e)
	}
	want(t, b, s.sealOffer(1, func(o *market.Offer) { o.Boot = 2 }), 0, book.VerdictNewer)
	want(t, b, s.sealDelta(1, 9, 1), 0, book.VerdictStale)
	if b.Len() != 1 {
		t.Errorf("%d entries", b.Len())
	}
	b.Remove(s.id())
	b.Remove(s.id())
	want(t, b, s.sealOffer(1, nil), 0, book.VerdictNew)
}

func TestWindow(t *testing.T) {
	b, s := book.New(book.Config{Network: network}), newSeller(t, 1, 1)
	if err := want(t, b, s.sealOffer(1, nil), -time.Minute, book.VerdictStale); !errors.Is(err, market.ErrExpired) {
		t.Error(err)
	}
	want(t, b, s.sealOffer(1, nil), time.Minute, book.VerdictStale)
	want(t, b, s.sealOffer(1, nil), 59*time.Second, book.VerdictNew)
	// Nobody has swept, yet nobody sees it.
	later := noon.Add(time.Minute)
	if _, ok := b.Get(s.id(), later); ok || len(b.Query(nil, later)) != 0 || len(b.Best(market.Resources{}, 10, later)) != 0 {
		t.Error("an expired entry was returned")
	}
	if b.Len() != 1 || b.Expire(later) != 1 || b.Len() != 0 {
		t.Error("it was not swept")
	}
}

func TestProvablyBad(t *testing.T) {
	s, other := newSeller(t, 1, 1), newSeller(t, 2, 2)
	refused := errors.New("not by the account")
	b := book.New(book.Config{Network: network, CheckBind: func(id market.NetworkID, bind market.Bind) error {
		if id != network {
			t.Errorf("network %s", id)
		}
		if bind.Account == (market.Account{2}) {
			return refused
		}
		return nil
	}})
	forged := &seller{t: t, key: other.key, offer: s.offer}
	if err := want(t, b, forged.sealOffer(1, nil), 0, book.VerdictInvalid); !errors.Is(err, market.ErrSignature) {
		t.Error(err)
	}
	if err := want(t, b, other.sealOffer(1, nil), 0, book.VerdictInvalid); !errors.Is(err, refused) {
		t.Error(err)
	}
	elsewhere := s.sealOffer(1, func(o *market.Offer) { o.Network = market.NetworkID{9} })
	if err := want(t, b, elsewhere, 0, book.VerdictInvalid); !errors.Is(err, market.ErrNetwork) {
		t.Error(err)
	}
	if b.Len() != 0 {
		t.Errorf("%d entries", b.Len())
	}
}

// The account's signature is checked once per bind, not once per offer.
func TestBindIsCheckedOnce(t *testing.T) {
	n := 0
	b := book.New(book.Config{Network: network, CheckBind: func(market.NetworkID, market.Bind) error { n++; return nil }})
	s := newSeller(t, 1, 1)
	want(t, b, s.sealOffer(1, nil), 0, book.VerdictNew)
	want(t, b, s.sealOffer(2, nil), 0, book.VerdictNewer)
	want(t, b, s.sealDelta(1, 3, 1), 0, book.VerdictNewer)
	if n != 1 {
		t.Errorf("checked %d times", n)
	}
	s.sell(s.id(), 2)
	want(t, b, s.sealOffer(4, nil), 0, book.VerdictNewer)
	if n != 2 {
		t.Errorf("checked %d times after the account changed", n)
	}
}

func TestRate(t *testing.T) {
	b, s := book.New(book.Config{Network: network, Rate: 2, Burst: 3}), newSeller(t, 1, 1)
	forger := &seller{t: t, key: newSeller(t, 9, 9).key, offer: s.offer}
	for seq := uint64(1); seq <= 3; seq++ {
		// A forger cannot use up what the provider may send.
		want(t, b, forger.sealOffer(seq+100, nil), 0, book.VerdictInvalid)
		if v, err := b.Insert(s.sealOffer(seq, nil), noon); !v.Accept() {
			t.Fatal(v, err)
		}
	}
	if err := want(t, b, s.sealOffer(4, nil), 0, book.VerdictLimited); !errors.Is(err, book.ErrLimited) {
		t.Error(err)
	}
	want(t, b, s.sealOffer(4, nil), 500*time.Millisecond, book.VerdictNewer)
	want(t, b, s.sealOffer(5, nil), 500*time.Millisecond, book.VerdictLimited)
	want(t, b, s.sealOffer(5, nil), 0, book.VerdictLimited) // a clock that goes back gives nothing
}

func TestPerAccount(t *testing.T) {
	b := book.New(book.Config{Network: network, PerAccount: 2})
	want(t, b, newSeller(t, 1, 7).sealOffer(1, nil), 0, book.VerdictNew)
	second := newSeller(t, 2, 7)
	want(t, b, second.sealOffer(1, nil), 0, book.VerdictNew)
	want(t, b, newSeller(t, 3, 7).sealOffer(1, nil), 0, book.VerdictLimited)
	mover := newSeller(t, 4, 8)
	want(t, b, mover.sealOffer(1, nil), 0, book.VerdictNew)
	mover.sell(mover.id(), 7) // not a way around it
	want(t, b, mover.sealOffer(2, nil), 0, book.VerdictLimited)
	second.sell(second.id(), 8)
	want(t, b, second.sealOffer(2, nil), 0, book.VerdictNewer)
	want(t, b, mover.sealOffer(3, nil), 0, book.VerdictNewer)
	if b.Len() != 3 {
		t.Errorf("%d entries", b.Len())
	}
}

// A flood by one account takes no place from the others, however early and
// often it comes, and the book never passes its cap.
func TestFloodOfOneAccount(t *testing.T) {
	const room = 20
	b := book.New(book.Config{Network: network, Cap: room, Seed: 42})
	flood := func(from uint64) {
		for i := range uint64(40) {
			if _, err := b.Insert(newSeller(t, from+i, 66).sealOffer(1, nil), noon); err != nil && !errors.Is(err, book.ErrLimited) {
				t.Fatal(err)
			}
			if b.Len() > room {
				t.Fatalf("%d entries", b.Len())
			}
		}
	}
	flood(1000)
	var honest []*seller
	for i := range 10 {
		s := newSeller(t, uint64(i), byte(i+1))
		honest = append(honest, s)
		want(t, b, s.sealOffer(1, nil), 0, book.VerdictNew)
	}
	flood(2000)
	for _, s := range honest {
		if _, ok := b.Get(s.id(), noon); !ok {
			t.Errorf("%s was flooded out", s.offer.Name)
		}
	}
}

// With one offer per account, who stays depends on the seed alone, not on the
// order of arrival.
func TestEvictionIgnoresOrder(t *testing.T) {
	stays := func(seed uint64, order []int) string {
		b := book.New(book.Config{Network: network, Cap: 8, Seed: seed})
		for range 2 {
			for _, i := range order {
				if _, err := b.Insert(newSeller(t, uint64(i), byte(i+1)).sealOffer(1, nil), noon); err != nil && !errors.Is(err, book.ErrLimited) {
					t.Fatal(err)
				}
			}
		}
		names := ""
		for _, e := range b.Query(nil, noon) {
			names += e.Offer.Name + " "
		}
		return names
	}
	r := rand.New(rand.NewPCG(1, 1))
	first := stays(1, r.Perm(30))
	for range 3 {
		if again := stays(1, r.Perm(30)); again != first {
			t.Errorf("%s\nand in another order\n%s", first, again)
		}
	}
	if stays(2, r.Perm(30)) == first {
		t.Error("the seed does not matter")
	}
}

// Room that expired entries hold is free.
func TestExpiredMakeRoom(t *testing.T) {
	b := book.New(book.Config{Network: network, Cap: 2})
	for i := range uint64(2) {
		want(t, b, newSeller(t, i, byte(i+1)).sealOffer(1, nil), 0, book.VerdictNew)
	}
	for i := range uint64(2) {
		s := newSeller(t, 10+i, byte(10+i))
		s.offer.Issued, s.offer.Expires = noon.Add(time.Minute), noon.Add(2*time.Minute)
		want(t, b, s.sealOffer(1, nil), time.Minute, book.VerdictNew)
	}
}

func TestQueryAndBest(t *testing.T) {
	b := book.New(book.Config{Network: network})
	var all []*seller
	for i := range uint64(6) {
		s := newSeller(t, 10-i, byte(i+1)) // a later one is cheaper
		all = append(all, s)
		want(t, b, s.sealOffer(1, nil), 0, book.VerdictNew)
	}
	want(t, b, all[5].sealDelta(1, 2, 100), 0, book.VerdictNewer)
	if n := len(b.Query(nil, noon)); n != 6 {
		t.Errorf("%d of 6", n)
	}
	roomy := b.Query(func(o market.Offer) bool { return o.Free.MilliCPU >= 1000 }, noon)
	if len(roomy) != 5 {
		t.Errorf("%d of 5", len(roomy))
	}
	best := b.Best(market.Resources{MilliCPU: 50}, 4, noon)
	if len(best) != 4 {
		t.Fatalf("%d objects", len(best))
	}
	// Whoever gets them can fill a book of its own from them alone.
	copied := book.New(book.Config{Network: network})
	for _, raw := range best {
		s, err := market.ParseSealed(raw)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := copied.Insert(s, noon); !v.Accept() {
			t.Fatal(v, err)
		}
	}
	if e, ok := copied.Get(all[5].id(), noon); !ok || e.Offer.Free.MilliCPU != 100 {
		t.Errorf("the cheapest with its delta: %+v", e)
	}
	if _, ok := copied.Get(all[0].id(), noon); ok || copied.Len() != 3 {
		t.Error("the dearest came along")
	}
	if n := len(b.Best(market.Resources{}, 100, noon)); n != 7 {
		t.Errorf("%d objects in all", n)
	}
	if n := len(b.Best(market.Resources{MilliCPU: 1 << 20}, 100, noon)); n != 0 {
		t.Errorf("%d fit what is too large", n)
	}
}

// Many at once: the race detector watches, and every provider's newest wins.
func TestConcurrently(t *testing.T) {
	b := book.New(book.Config{Network: network, Burst: 1000})
	var wg sync.WaitGroup
	for i := range uint64(4) {
		s := newSeller(t, i, byte(i+1))
		var objects []market.Sealed
		for seq := range uint64(20) {
			objects = append(objects, s.sealOffer(seq+1, nil))
		}
		for w := range 3 {
			wg.Go(func() {
				for j := range objects {
					if v, err := b.Insert(objects[(j+w*7)%len(objects)], noon); v.Reject() {
						t.Error(v, err)
					}
					b.Query(nil, noon)
					b.Best(market.Resources{}, 8, noon)
				}
			})
		}
	}
	wg.Wait()
	for _, e := range b.Query(nil, noon) {
		if e.Offer.Seq != 20 {
			t.Errorf("%s ended at %d", e.Offer.Name, e.Offer.Seq)
		}
	}
	if b.Len() != 4 {
		t.Errorf("%d entries", b.Len())
	}
}

func Example() {
	b := book.New(book.Config{Network: network})
	fmt.Println(b.Len(), "offers;", len(b.Query(nil, noon)), "valid now")
	// Output: 0 offers; 0 valid now
}
