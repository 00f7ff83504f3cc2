package provider

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/runtime"
	"google.golang.org/protobuf/proto"
)

// record is a lease with all that belongs to it. Exported fields are saved as
// JSON; Terms, Spec and Receipt hold protobuf.
type record struct {
	ID          market.LeaseID
	State       market.LeaseState
	Terms       []byte // marketpb.LeaseTerms
	RenterSig   []byte
	ProviderSig []byte

	Spec    []byte `json:",omitempty"` // marketpb.JobSpec, once a job was sent
	Epoch   uint64
	Alloc   market.AllocState
	Started time.Time
	Exited  time.Time
	RanMS   int64 // delivered so far, never above the term
	Code    int
	OOM     bool
	Reason  string
	// StopAs is the reason for which etal itself is ending the allocation.
	StopAs  string    `json:",omitempty"`
	Paused  time.Time // zero unless paused for want of payment
	EndedAt time.Time // of the lease

	Paid    *big.Int // base units, this lease's part of the channel's voucher
	Receipt []byte   `json:",omitempty"` // marketpb.Receipt

	lease   market.Lease
	changed chan struct{} // closed and replaced at every change
	busy    bool          // a job is being received
	quit    func()        // ends the receiving; set while busy
	ending  string        // why the lease must end once it is not busy
	acting  bool          // something is being done about it
	retry   time.Time     // when to try again to remove what it left
}

func (r *record) allocID() string {
	return fmt.Sprintf("%s-%d", hex.EncodeToString(r.ID[:8]), r.Epoch)
}

// live reports whether the lease still reserves its resources.
func (r *record) live() bool {
	return r.State == market.LeaseOpening || r.State == market.LeaseActive
}

func (r *record) usage() market.Usage {
	return market.Usage{DeliveredMS: min(r.RanMS, r.lease.Term.Milliseconds())}
}

// channel is what a provider knows of one renter's channel to it.
type channel struct {
	ID      market.ChannelID
	Terms   []byte   // marketpb.ChannelTerms
	Open    []byte   `json:",omitempty"` // marketpb.OpenFor, where we submit it
	Amount  *big.Int // base units that the opening locks
	Voucher []byte   `json:",omitempty"` // the best marketpb.Voucher
	Used    time.Time
	Due     bool `json:",omitempty"` // its renter asked for its closing before it was open
	Closing bool // we asked the chain to close it
	Done    bool `json:",omitempty"` // closed for good, or never opened: no money moves on it
	Renter  market.Account
	Peer    string // the renter's, that used it last

	leases map[market.LeaseID]*record
}

// deadline returns until when our order can still open c; zero where we have none.
func (c *channel) deadline() time.Time {
	if c.Open == nil {
		return time.Time{}
	}
	var o marketpb.OpenFor
	_ = proto.Unmarshal(c.Open, &o) // our own bytes
	return time.Unix(o.DeadlineS, 0)
}

func (c *channel) terms() *marketpb.ChannelTerms {
	var t marketpb.ChannelTerms
	_ = proto.Unmarshal(c.Terms, &t) // our own bytes
	return &t
}

func (c *channel) voucher() *marketpb.Voucher {
	if c.Voucher == nil {
		return nil
	}
	var v marketpb.Voucher
	_ = proto.Unmarshal(c.Voucher, &v) // our own bytes
	return &v
}

// cumulative returns what the best voucher is worth, in base units.
func (c *channel) cumulative() *big.Int {
	if v := c.voucher(); v != nil {
		return new(big.Int).SetBytes(v.CumulativeUnits)
	}
	return new(big.Int)
}

const (
	leasePrefix   = "lease/"
	channelPrefix = "channel/"
	soldPrefix    = "sold/"
	metaKey       = "meta"
)

// meta are the counters that must never go back.
type meta struct {
	Boot     uint64
	Sequence uint64
}

// customer is an account that a lease was served to and paid; saved for itself.
type customer market.Account

func (p *Provider) load() error {
	if err := p.cfg.Store.Load(metaKey, func(_ string, v []byte) error {
		return json.Unmarshal(v, &p.meta)
	}); err != nil {
		return fmt.Errorf("provider: counters: %w", err)
	}
	if err := p.cfg.Store.Load(soldPrefix, func(k string, _ []byte) error {
		var a market.Account
		if err := a.UnmarshalText([]byte(k[len(soldPrefix):])); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		p.sold[a] = true
		return nil
	}); err != nil {
		return fmt.Errorf("provider: customers: %w", err)
	}
	if err := p.cfg.Store.Load(channelPrefix, func(k string, v []byte) error {
		c := new(channel)
		if err := json.Unmarshal(v, c); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		c.leases = map[market.LeaseID]*record{}
		p.channels[c.ID] = c
		return nil
	}); err != nil {
		return fmt.Errorf("provider: channels: %w", err)
	}
	err := p.cfg.Store.Load(leasePrefix, func(k string, v []byte) error {
		r := &record{changed: make(chan struct{})}
		if err := json.Unmarshal(v, r); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		l, err := market.DecodeLease(r.Terms)
		if err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		r.lease = l
		p.add(r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("provider: leases: %w", err)
	}
	return nil
}

// add takes a record in: it counts for its channel, while it is live for what is
// free, and once it ended without ever running for how often its renter may try.
// The caller holds p.mu.
func (p *Provider) add(r *record) {
	p.leases[r.ID] = r
	if c := p.channels[r.lease.Channel]; c != nil {
		c.leases[r.ID] = r
	}
	if r.live() {
		p.active[r.ID] = r
	} else if r.idle() {
		p.idle[r.lease.Renter]++
	}
}

// drop forgets an ended record for good. The caller holds p.mu.
func (p *Provider) drop(r *record) error {
	if err := p.cfg.Store.Save(map[string][]byte{leasePrefix + r.ID.String(): nil}); err != nil {
		return err
	}
	delete(p.leases, r.ID)
	if c := p.channels[r.lease.Channel]; c != nil {
		delete(c.leases, r.ID)
	}
	if r.idle() {
		if p.idle[r.lease.Renter]--; p.idle[r.lease.Renter] <= 0 {
			delete(p.idle, r.lease.Renter)
		}
	}
	return nil
}

// idle reports whether an ended lease ran nothing and was paid nothing.
func (r *record) idle() bool {
	return !r.live() && r.Started.IsZero() && r.RanMS == 0 && r.Paid.Sign() == 0
}

// save writes records, channels and the counters in one transaction. The caller
// holds p.mu.
func (p *Provider) save(items ...any) error {
	changes := map[string][]byte{}
	for _, it := range items {
		var key string
		switch v := it.(type) {
		case *record:
			key = leasePrefix + v.ID.String()
		case *channel:
			key = channelPrefix + v.ID.String()
		case *meta:
			key = metaKey
		case customer:
			changes[soldPrefix+market.Account(v).String()] = []byte{1}
			continue
		}
		b, err := json.Marshal(it)
		if err != nil {
			return fmt.Errorf("provider: save %s: %w", key, err)
		}
		changes[key] = b
	}
	return p.cfg.Store.Save(changes)
}

// plain cuts a text to what a message may carry, one line without control
// characters: what an engine or a stranger said must not spoil our answers.
func plain(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool { return !unicode.IsPrint(r) }), " ")
	for len(text) > maxReason {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}

// maxReason is below what a receipt and a status may carry.
const maxReason = 400

// touch tells those who wait for a change of r. The caller holds p.mu.
func (r *record) touch() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// observe takes over what the engine saw of r's allocation. It reports whether
// anything changed. The caller holds p.mu.
func (r *record) observe(st runtime.Status) bool {
	was, ranMS := r.Alloc, r.RanMS
	switch st.State {
	case runtime.StateUnknown, runtime.StateCreated:
		return false
	case runtime.StateRunning:
		r.Alloc = market.AllocRunning
	case runtime.StatePaused:
		r.Alloc = market.AllocPaused
	case runtime.StateExited:
		r.Alloc, r.Code, r.OOM, r.Exited, r.Reason = market.AllocExited, st.Code, st.OOM, st.Exited, st.Reason
		if r.StopAs != "" {
			r.Alloc, r.Reason = market.AllocStopped, r.StopAs
		}
	case runtime.StateLost:
		r.Alloc, r.Exited, r.Reason = market.AllocLost, st.Exited, "the sandbox vanished and its exit code with it"
	}
	if !st.Started.IsZero() {
		r.Started = st.Started
	}
	// Delivered time only grows, whatever a restarted engine remembers.
	r.RanMS = max(r.RanMS, min(st.Ran.Milliseconds(), r.lease.Term.Milliseconds()))
	return r.Alloc != was || r.RanMS != ranMS
}
