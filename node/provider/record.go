package provider

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

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
	Closing bool // we asked the chain to close it
	Renter  market.Account
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
	metaKey       = "meta"
)

// meta are the counters that must never go back.
type meta struct {
	Boot     uint64
	Sequence uint64
	Sold     map[string]bool // accounts that a lease was ever served to and paid
}

func (p *Provider) load() error {
	if err := p.cfg.Store.Load(metaKey, func(_ string, v []byte) error {
		return json.Unmarshal(v, &p.meta)
	}); err != nil {
		return fmt.Errorf("provider: counters: %w", err)
	}
	if p.meta.Sold == nil {
		p.meta.Sold = map[string]bool{}
	}
	if err := p.cfg.Store.Load(channelPrefix, func(k string, v []byte) error {
		c := new(channel)
		if err := json.Unmarshal(v, c); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
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
		p.leases[r.ID] = r
		return nil
	})
	if err != nil {
		return fmt.Errorf("provider: leases: %w", err)
	}
	return nil
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
		}
		b, err := json.Marshal(it)
		if err != nil {
			return fmt.Errorf("provider: save %s: %w", key, err)
		}
		changes[key] = b
	}
	return p.cfg.Store.Save(changes)
}

// touch tells those who wait for a change of r. The caller holds p.mu.
func (r *record) touch() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// observe takes over what the engine saw of r's allocation. It reports whether
// anything changed. The caller holds p.mu.
func (r *record) observe(st runtime.Status) bool {
	before := *r
	switch st.State {
	case runtime.StateUnknown, runtime.StateCreated:
		return false
	case runtime.StateRunning:
		r.Alloc = market.AllocRunning
	case runtime.StatePaused:
		r.Alloc = market.AllocPaused
	case runtime.StateExited:
		r.Alloc, r.Code, r.OOM, r.Exited = market.AllocExited, st.Code, st.OOM, st.Exited
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
	return r.Alloc != before.Alloc || r.RanMS != before.RanMS || r.Code != before.Code
}
