package book

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market"
)

// ErrLimited is matched by the error that comes with VerdictLimited.
var ErrLimited = errors.New("limited")

// ErrUnknown is matched where a delta's offer is not in the book.
var ErrUnknown = errors.New("no offer of this provider")

// Config shapes a Book. Only Network must be set.
type Config struct {
	Network    market.NetworkID
	Cap        int     // entries in all; 0 means 8192
	PerAccount int     // entries of one account; 0 means 256
	Rate       float64 // objects per second of one provider; 0 means 4
	Burst      int     // objects at once of one provider; 0 means 16
	Seed       uint64  // keys eviction; should be random and kept secret
	// CheckBind checks the account's half of a bind, which needs the chain's
	// cryptography. Its error makes an offer VerdictInvalid. Nil checks nothing.
	CheckBind func(market.NetworkID, market.Bind) error
}

// Book holds the newest offer of each provider.
type Book struct {
	cfg Config

	mu       sync.Mutex // guards the following fields
	entries  map[peer.ID]*entry
	accounts map[market.Account]int // entries of each
}

// entry is what is known of one provider.
type entry struct {
	offer    market.Offer // with the delta applied
	rawOffer []byte
	rawDelta []byte // nil where there is none
	seen     time.Time
	rank     uint64 // the keyed hash that decides on eviction
	bucket   bucket
}

// Entry is one provider's offer as Query returns it. Its bytes are shared: do
// not change them.
type Entry struct {
	Offer    market.Offer // with its delta applied
	RawOffer []byte       // sealed
	RawDelta []byte       // sealed; nil where the offer stands unchanged
	Seen     time.Time    // when the newest of the two arrived
}

// New returns an empty book.
func New(cfg Config) *Book {
	if cfg.Cap <= 0 {
		cfg.Cap = 8192
	}
	if cfg.PerAccount <= 0 {
		cfg.PerAccount = 256
	}
	if cfg.Rate <= 0 {
		cfg.Rate = 4
	}
	if cfg.Burst <= 0 {
		cfg.Burst = 16
	}
	return &Book{cfg: cfg, entries: make(map[peer.ID]*entry), accounts: make(map[market.Account]int)}
}

// Len returns the number of entries, expired ones included until they are swept.
func (b *Book) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.entries)
}

// Remove forgets a provider. Its next offer is new again.
func (b *Book) Remove(id peer.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remove(id)
}

func (b *Book) remove(id peer.ID) {
	e, ok := b.entries[id]
	if !ok {
		return
	}
	delete(b.entries, id)
	account := e.offer.Bind.Account
	if b.accounts[account]--; b.accounts[account] <= 0 {
		delete(b.accounts, account)
	}
}

// Expire sweeps out what has expired at now and returns how many entries that
// were. Readers need not wait for it: they never see an expired entry.
func (b *Book) Expire(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.expire(now)
}

func (b *Book) expire(now time.Time) int {
	n := len(b.entries)
	for id, e := range b.entries {
		if !e.live(now) {
			b.remove(id)
		}
	}
	return n - len(b.entries)
}

func (e *entry) live(now time.Time) bool {
	return e.offer.Expires.After(now) && e.offer.Bind.ValidUntil.After(now)
}

// Get returns the entry of one provider, unless it has expired at now.
func (b *Book) Get(id peer.ID, now time.Time) (Entry, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.entries[id]; ok && e.live(now) {
		return e.public(), true
	}
	return Entry{}, false
}

// Query returns the entries that are not expired at now and that keep wants;
// a nil keep wants all. They come in the order of their peer ids.
func (b *Book) Query(keep func(market.Offer) bool, now time.Time) []Entry {
	b.mu.Lock()
	all := make([]Entry, 0, len(b.entries))
	for _, e := range b.entries {
		if e.live(now) {
			all = append(all, e.public())
		}
	}
	b.mu.Unlock()
	if keep != nil { // a stranger to this package: never called under the lock
		all = slices.DeleteFunc(all, func(e Entry) bool { return !keep(e.Offer) })
	}
	slices.SortFunc(all, func(x, y Entry) int { return strings.Compare(string(x.Offer.Bind.Peer), string(y.Offer.Bind.Peer)) })
	return all
}

func (e *entry) public() Entry {
	return Entry{Offer: e.offer, RawOffer: e.rawOffer, RawDelta: e.rawDelta, Seen: e.seen}
}

// Best answers a query of /etal/book/1: the cheapest offers that want fits into,
// sealed, each followed by its delta, at most limit objects in all. A zero want
// fits everywhere, and the price of one core and one GiB then decides.
func (b *Book) Best(want market.Resources, limit int, now time.Time) [][]byte {
	type priced struct {
		Entry
		price market.Amount
	}
	measure := want
	if want == (market.Resources{}) {
		measure = market.Resources{MilliCPU: 1000, Memory: 1 << 30}
	}
	var fits []priced
	for _, e := range b.Query(func(o market.Offer) bool { return want.Fits(o.Free) }, now) {
		if p, err := e.Offer.Price.PerHour(measure); err == nil {
			fits = append(fits, priced{e, p})
		}
	}
	slices.SortStableFunc(fits, func(x, y priced) int { return x.price.Cmp(y.price) })
	var out [][]byte
	for _, e := range fits {
		objects := [][]byte{e.RawOffer}
		if e.RawDelta != nil {
			objects = append(objects, e.RawDelta)
		}
		if len(out)+len(objects) > limit {
			break
		}
		out = append(out, objects...)
	}
	return out
}

// rank is a keyed hash of a provider: who is evicted cannot be foreseen, and
// does not depend on when or how often it offers.
func (b *Book) rank(id peer.ID) uint64 {
	h := sha256.New()
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], b.cfg.Seed)
	h.Write(key[:])
	h.Write([]byte(id))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

func sameBytes(s market.Sealed, e *entry) bool {
	return bytes.Equal(s.Raw, e.rawOffer) || bytes.Equal(s.Raw, e.rawDelta)
}

func limited(format string, args ...any) (Verdict, error) {
	return VerdictLimited, fmt.Errorf("%w: %s", ErrLimited, fmt.Sprintf(format, args...))
}
