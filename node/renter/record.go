package renter

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"google.golang.org/protobuf/proto"
)

// The phases of a job, in order.
const (
	PhaseMatch  = "match"
	PhaseLease  = "lease"
	PhasePull   = "pull"
	PhaseRun    = "run"
	PhaseSettle = "settle"
	PhaseDone   = "done"
)

// record is a job with its attempts. Exported fields are saved as JSON.
type record struct {
	Name     string
	Job      market.Job
	Digest   string
	Prepay   time.Duration
	Remove   bool
	Created  time.Time
	Ceiling  market.Amount // the most that the job was said to cost, all leases together
	Phase    string
	PhaseS   map[string]float64 // seconds spent in each phase
	Attempts []*attempt
	Stop     bool // the user asked to stop it
	Grace    time.Duration
	Exit     *int
	ExitBy   string
	Code     int
	Reason   string
	Ended    time.Time
	Gone     bool // removed by its user

	img     Image // open while the job needs it
	since   time.Time
	changed chan struct{}
	stop    chan struct{} // closed when Stop is set
}

// attempt is one lease of a job.
type attempt struct {
	Epoch       uint64
	Lease       market.LeaseID
	Terms       []byte // marketpb.LeaseTerms
	RenterSig   []byte
	ProviderSig []byte
	Provider    string // its name
	State       market.LeaseState
	Alloc       market.AllocState
	Made        time.Time // when we committed to it
	Sent        time.Time // when we began to send the job
	Handed      time.Time // when all of it was sent: no delivery can be older
	Running     bool      // it did start
	Open        bool      `json:",omitempty"` // its provider may hold the lease still, and is to be told that it is over
	Seen        time.Time // when its provider last told us how it stands
	Started     time.Time
	Exited      time.Time
	DeliveredMS int64
	Code        int
	OOM         bool
	Reason      string
	Paid        *big.Int // base units signed away for this lease
	Receipt     []byte   `json:",omitempty"`
	Final       bool     // no more of it will come: ended or lost

	lease   market.Lease
	retry   retry // of what its provider does not answer to
	unheard bool  // its provider did not answer when it was last asked for the receipt
}

// retry spaces out attempts to reach a provider that may be gone for good.
type retry struct {
	next time.Time
	wait time.Duration
}

// due reports whether to try at now, and if so doubles the time until the next.
func (r *retry) due(now time.Time) bool {
	if now.Before(r.next) {
		return false
	}
	r.wait = min(max(2*r.wait, 5*time.Second), 40*time.Second)
	r.next = now.Add(r.wait)
	return true
}

func (a *attempt) usage() market.Usage { return market.Usage{DeliveredMS: a.DeliveredMS} }

// last returns the present attempt, nil before the first.
func (j *record) last() *attempt {
	if len(j.Attempts) == 0 {
		return nil
	}
	return j.Attempts[len(j.Attempts)-1]
}

func (j *record) done() bool { return j.Phase == PhaseDone }

// enter counts the time of the phase that ends. The caller holds r.mu.
func (j *record) enter(phase string, now time.Time) {
	if j.Phase == phase {
		return
	}
	if j.PhaseS == nil {
		j.PhaseS = map[string]float64{}
	}
	if !j.since.IsZero() && j.Phase != "" {
		j.PhaseS[j.Phase] += now.Sub(j.since).Seconds()
	}
	j.Phase, j.since = phase, now
}

// key names j in the store.
func (j *record) key() string {
	return fmt.Sprintf("%s%s/%d", jobPrefix, j.Name, j.Created.UnixNano())
}

// untilStop returns a context that also ends when the user stops the job, and what
// frees it.
func (j *record) untilStop(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		select {
		case <-j.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(); <-watching }
}

// touch tells those who wait for a change. The caller holds r.mu.
func (j *record) touch() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// channel is the renter's side of a channel.
type channel struct {
	ID       market.ChannelID
	Terms    []byte // marketpb.ChannelTerms
	Provider market.Account
	Peer     string   // the provider's peer id, to ask for its closing
	Amount   *big.Int // base units locked
	Voucher  []byte   `json:",omitempty"` // the last marketpb.Voucher signed
	Made     time.Time
	Used     time.Time
	Dropped  bool // the provider never took the opening: it is void
	Closing  bool // we asked for its closing: nothing new goes on it
	Closed   bool // seen closed on the chain
}

func (c *channel) terms() *marketpb.ChannelTerms {
	var t marketpb.ChannelTerms
	_ = proto.Unmarshal(c.Terms, &t) // our own bytes
	return &t
}

func (c *channel) voucher() *marketpb.Voucher {
	v := &marketpb.Voucher{Channel: c.ID[:]}
	_ = proto.Unmarshal(c.Voucher, v) // our own bytes
	v.Channel = c.ID[:]
	return v
}

func (c *channel) cumulative() *big.Int {
	return new(big.Int).SetBytes(c.voucher().CumulativeUnits)
}

const (
	jobPrefix     = "job/"
	channelPrefix = "channel/"
)

func (r *Renter) load() error {
	err := r.cfg.Store.Load(channelPrefix, func(k string, v []byte) error {
		c := new(channel)
		if err := json.Unmarshal(v, c); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		r.channels[c.ID] = c
		return nil
	})
	if err != nil {
		return fmt.Errorf("renter: channels: %w", err)
	}
	err = r.cfg.Store.Load(jobPrefix, func(k string, v []byte) error {
		j := &record{changed: make(chan struct{}), stop: make(chan struct{})}
		if err := json.Unmarshal(v, j); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		for _, a := range j.Attempts {
			l, err := market.DecodeLease(a.Terms)
			if err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
			a.lease = l
		}
		if j.Stop {
			close(j.stop)
		}
		if j.Gone {
			r.gone = append(r.gone, j)
			return nil
		}
		r.jobs[j.Name] = j
		return nil
	})
	if err != nil {
		return fmt.Errorf("renter: jobs: %w", err)
	}
	return nil
}

// save writes jobs and channels in one transaction. The caller holds r.mu.
func (r *Renter) save(items ...any) error {
	changes := map[string][]byte{}
	for _, it := range items {
		var key string
		switch v := it.(type) {
		case *record:
			key = v.key()
		case *channel:
			key = channelPrefix + v.ID.String()
		}
		b, err := json.Marshal(it)
		if err != nil {
			return fmt.Errorf("renter: save %s: %w", key, err)
		}
		changes[key] = b
	}
	return r.cfg.Store.Save(changes)
}

// put replaces the channel's voucher.
func (c *channel) put(v *marketpb.Voucher) error {
	raw, err := proto.Marshal(v)
	if err != nil {
		return err
	}
	c.Voucher = raw
	return nil
}
