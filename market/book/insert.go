package book

import (
	"fmt"
	"math"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market"
)

// Insert judges an object that market.ParseSealed returned, cheapest check
// first: network, window, order, rate, and last the signatures. It keeps what it
// accepts. The error says why a verdict is not VerdictNew, VerdictNewer or
// VerdictDuplicate.
func (b *Book) Insert(s market.Sealed, now time.Time) (Verdict, error) {
	if s.Network() != b.cfg.Network {
		return VerdictInvalid, fmt.Errorf("offer of %s: %w", s.Peer(), market.ErrNetwork)
	}
	if err := s.CheckWindow(now); err != nil {
		return VerdictStale, err
	}
	bound, verdict, err := b.judge(s, now)
	if verdict != VerdictNewer && verdict != VerdictNew {
		return verdict, err
	}
	// Signatures are checked without the lock: they take most of the time.
	if err := s.CheckSignature(); err != nil {
		return VerdictInvalid, err
	}
	if s.Offer != nil && !bound && b.cfg.CheckBind != nil {
		if err := b.cfg.CheckBind(b.cfg.Network, s.Offer.Bind); err != nil {
			return VerdictInvalid, fmt.Errorf("offer of %s: %w", s.Peer(), err)
		}
	}
	return b.keep(s, now)
}

// judge says what an object with good signatures would be. bound reports that
// the same bind was checked before.
func (b *Book) judge(s market.Sealed, now time.Time) (bound bool, v Verdict, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, known := b.entries[s.Peer()]
	if known && !e.live(now) {
		b.remove(s.Peer())
		known = false
	}
	v, err = b.place(s, e, known)
	if v != VerdictNew && v != VerdictNewer {
		return false, v, err
	}
	if !known {
		return false, v, nil
	}
	// The token is taken only once the signatures are known to be good: else a
	// forger could use up a provider's rate.
	if !e.bucket.has(b.cfg, now) {
		v, err = limited("%s sends more than %g objects per second", s.Peer(), b.cfg.Rate)
		return false, v, err
	}
	return s.Offer != nil && sameBind(s.Offer.Bind, e.offer.Bind), v, nil
}

// place compares an object with what is known of its provider.
func (b *Book) place(s market.Sealed, e *entry, known bool) (Verdict, error) {
	if !known {
		if s.Delta != nil {
			return VerdictStale, fmt.Errorf("delta of %s: %w", s.Peer(), ErrUnknown)
		}
		return VerdictNew, nil
	}
	if sameBytes(s, e) {
		return VerdictDuplicate, nil
	}
	boot, seq := s.Order()
	if !market.Newer(boot, seq, e.offer.Boot, e.offer.Seq) {
		return VerdictStale, fmt.Errorf("offer %d.%d of %s: %d.%d is known", boot, seq, s.Peer(), e.offer.Boot, e.offer.Seq)
	}
	if s.Delta != nil && !s.Delta.Applies(e.offer) {
		return VerdictStale, fmt.Errorf("delta %d.%d of %s: %w of that start", boot, seq, s.Peer(), ErrUnknown)
	}
	return VerdictNewer, nil
}

// keep stores an object whose signatures are good. Meanwhile another may have
// come, so it is placed again.
func (b *Book) keep(s market.Sealed, now time.Time) (Verdict, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := s.Peer()
	e, known := b.entries[id]
	v, err := b.place(s, e, known)
	if v != VerdictNew && v != VerdictNewer {
		return v, err
	}
	if !known {
		if v, err := b.admit(id, s.Offer.Bind.Account, now); v != VerdictNew {
			return v, err
		}
		e = &entry{rank: b.rank(id), bucket: newBucket(b.cfg, now)}
		b.entries[id] = e
		b.accounts[s.Offer.Bind.Account]++
	} else if s.Offer != nil && s.Offer.Bind.Account != e.offer.Bind.Account {
		// A provider that now sells for another account counts there.
		if v, err := b.roomFor(s.Offer.Bind.Account); v != VerdictNew {
			return v, err
		}
		bucket, rank := e.bucket, e.rank
		b.remove(id)
		e = &entry{rank: rank, bucket: bucket}
		b.entries[id] = e
		b.accounts[s.Offer.Bind.Account]++
	}
	e.bucket.take(b.cfg, now)
	e.seen = now
	if s.Offer != nil {
		e.offer, e.rawOffer, e.rawDelta = *s.Offer, s.Raw, nil
	} else {
		e.offer, e.rawDelta = s.Delta.Apply(e.offer), s.Raw
	}
	return v, nil
}

func (b *Book) roomFor(account market.Account) (Verdict, error) {
	if b.accounts[account] >= b.cfg.PerAccount {
		return limited("account %s has %d offers", account, b.accounts[account])
	}
	return VerdictNew, nil
}

// admit makes room for one more entry of an account, or says that there is none.
func (b *Book) admit(id peer.ID, account market.Account, now time.Time) (Verdict, error) {
	if v, err := b.roomFor(account); v != VerdictNew {
		return v, err
	}
	if len(b.entries) < b.cfg.Cap || b.expire(now) > 0 {
		return VerdictNew, nil
	}
	// The newcomer competes as if it were in: the largest account loses an entry,
	// the newcomer's own where that is the largest.
	b.accounts[account]++
	most := 0
	for _, n := range b.accounts {
		most = max(most, n)
	}
	var victim peer.ID
	lowest := uint64(math.MaxUint64)
	if b.accounts[account] == most {
		victim, lowest = id, b.rank(id)
	}
	for other, e := range b.entries {
		if b.accounts[e.offer.Bind.Account] == most && (victim == "" || e.rank < lowest) {
			victim, lowest = other, e.rank
		}
	}
	if b.accounts[account]--; b.accounts[account] == 0 {
		delete(b.accounts, account)
	}
	if victim == id {
		return limited("the book is full with %d offers", len(b.entries))
	}
	b.remove(victim)
	return VerdictNew, nil
}

// sameBind reports whether two binds are the same, signatures included.
func sameBind(x, y market.Bind) bool {
	return x.Account == y.Account && x.Signer == y.Signer && x.Peer == y.Peer && x.ValidUntil.Equal(y.ValidUntil) &&
		string(x.AccountSig) == string(y.AccountSig)
}

// bucket limits how often one provider's objects are taken.
type bucket struct {
	tokens float64
	at     time.Time
}

func newBucket(cfg Config, now time.Time) bucket { return bucket{tokens: float64(cfg.Burst), at: now} }

// level returns the tokens at now. A clock that goes back adds none.
func (k bucket) level(cfg Config, now time.Time) float64 {
	gain := max(now.Sub(k.at).Seconds(), 0) * cfg.Rate
	return min(k.tokens+gain, float64(cfg.Burst))
}

func (k bucket) has(cfg Config, now time.Time) bool { return k.level(cfg, now) >= 1 }

func (k *bucket) take(cfg Config, now time.Time) {
	k.tokens = max(k.level(cfg, now)-1, 0)
	if now.After(k.at) {
		k.at = now
	}
}
