package node

import (
	"time"

	"github.com/etal-cloud/etal/market"
)

// Status is what a node says of itself.
type Status struct {
	Version   string         `json:"version"`
	Network   string         `json:"network"` // the profile's name
	NetworkID string         `json:"network_id"`
	Symbol    string         `json:"symbol"` // of the settlement token
	Decimals  int            `json:"decimals"`
	Local     bool           `json:"local"` // everything is on this machine
	Name      string         `json:"name"`
	Peer      string         `json:"peer"`
	Addresses []string       `json:"addresses"`
	Peers     int            `json:"peers"`
	Offers    int            `json:"offers"` // in the book
	Roles     []string       `json:"roles"`  // renter, provider, bootstrap
	Account   market.Account `json:"account"`
	Chain     ChainStatus    `json:"chain"`
	PID       int            `json:"pid"`
	Data      string         `json:"data"`
	Started   time.Time      `json:"started"`
	Warnings  []string       `json:"warnings,omitempty"` // sentences that name a next step
}

// ChainStatus says how the node sees the chain.
type ChainStatus struct {
	RPC      string    `json:"rpc"`
	Contract string    `json:"contract"`
	Token    string    `json:"token"`
	Head     uint64    `json:"head"`
	HeadTime time.Time `json:"head_time"`
	Healthy  bool      `json:"healthy"` // answered lately
	Pending  int       `json:"pending"` // transactions that wait to be mined
}

// PeerView is a connected or known peer.
type PeerView struct {
	Peer      string        `json:"peer"`
	Name      string        `json:"name,omitempty"` // from its offer
	Addresses []string      `json:"addresses"`
	Connected bool          `json:"connected"`
	RTT       time.Duration `json:"rtt_ns,omitempty"`
}

// OfferView is an offer for people and programs.
type OfferView struct {
	Provider   string           `json:"provider"`
	Peer       string           `json:"peer"`
	Account    market.Account   `json:"account"`
	Region     string           `json:"region"`
	Arch       string           `json:"arch"`
	Free       market.Resources `json:"free"`
	Price      market.Price     `json:"price"`
	Tiers      []market.Tier    `json:"tiers"`
	Limits     string           `json:"limits"`
	Reach      string           `json:"reach"`
	MaxTerm    time.Duration    `json:"max_term_ns"`
	SellsUntil time.Time        `json:"sells_until"` // zero: no end known
	Credit     time.Duration    `json:"credit_ns"`
	Expires    time.Time        `json:"expires"`
	Trust      float64          `json:"trust"`
}

// Quote is what a job would cost now, with nothing signed.
type Quote struct {
	Offers  []QuotedOffer `json:"offers"`   // best first
	Explain string        `json:"explain"`  // how many offers each constraint removed, with the nearest misses
	Seen    int           `json:"seen"`     // offers looked at
	PerHour market.Amount `json:"per_hour"` // of the best
	Max     market.Amount `json:"max"`      // most it can cost over the whole term
	Term    time.Duration `json:"term_ns"`
	Image   string        `json:"image,omitempty"` // the manifest's digest, where an image was named
	Bytes   int64         `json:"bytes,omitempty"` // size of the image
}

// QuotedOffer is an offer with its price for the request.
type QuotedOffer struct {
	OfferView
	PerHour market.Amount `json:"per_hour"`
	Max     market.Amount `json:"max"`
	Score   float64       `json:"score"`
}

// JobView is a job as its renter sees it.
type JobView struct {
	Name     string            `json:"name"`
	Image    string            `json:"image"` // as the renter wrote it
	Digest   string            `json:"digest"`
	State    market.AllocState `json:"state"` // of the present allocation
	Phase    string            `json:"phase"` // match, lease, pull, run, settle, done
	Provider string            `json:"provider"`
	Lease    string            `json:"lease"`
	Epoch    uint64            `json:"epoch"`
	// Exit is the job's own code; nil unless it exited by itself or was stopped.
	Exit *int `json:"exit"`
	// ExitBy is "job" when Exit is the job's own, "etal" when etal ended it.
	ExitBy      string             `json:"exit_by,omitempty"`
	Code        int                `json:"code"`             // the exit code that `etal run` and `etal wait` end with
	Reason      string             `json:"reason,omitempty"` // a sentence, where the state needs one
	Created     time.Time          `json:"created"`
	Started     time.Time          `json:"started"`
	Ended       time.Time          `json:"ended"`
	Expires     time.Time          `json:"expires"`
	PerHour     market.Amount      `json:"per_hour"`
	Max         market.Amount      `json:"max"`
	DeliveredMS int64              `json:"delivered_ms"`
	Paid        market.Amount      `json:"paid"`     // promised by voucher so far, all leases of the job
	Returned    market.Amount      `json:"returned"` // came back, or will when the channel is settled
	Prepaid     market.Amount      `json:"prepaid"`  // paid ahead of delivery now: what is risked
	Leases      []BillRow          `json:"leases"`   // one per lease the job had, oldest first
	PhaseS      map[string]float64 `json:"phases_s"`
	Settled     bool               `json:"settled"`
}

// BillRow is the money of one lease.
type BillRow struct {
	Job         string            `json:"job"`
	Lease       string            `json:"lease"`
	Provider    string            `json:"provider"`
	Peer        string            `json:"peer"`
	Account     market.Account    `json:"account"` // the provider's, that was paid
	Channel     string            `json:"channel"`
	State       market.LeaseState `json:"state"`
	End         market.AllocState `json:"end"`
	Started     time.Time         `json:"started"`
	Ended       time.Time         `json:"ended"`
	Promised    market.Amount     `json:"promised"` // the most the lease could have cost
	DeliveredMS int64             `json:"delivered_ms"`
	Paid        market.Amount     `json:"paid"`            // signed away by voucher for this lease
	PaidUnits   string            `json:"paid_base_units"` // the same in the token's base units
	Receipt     bool              `json:"receipt"`         // both signed
}

// Settlement is one payment that the chain shows.
type Settlement struct {
	Provider  string         `json:"provider"`
	Account   market.Account `json:"account"`
	Channel   string         `json:"channel"`
	Tx        string         `json:"tx"`
	Block     uint64         `json:"block"`
	PaidUnits string         `json:"paid_base_units"`
	Paid      market.Amount  `json:"paid"`
}

// Bill is what leases cost and what the chain shows of it.
type Bill struct {
	Rows    []BillRow     `json:"rows"`
	Settled []Settlement  `json:"settled"`
	Symbol  string        `json:"symbol"`
	Paid    market.Amount `json:"paid"`     // by voucher, all rows
	OnChain market.Amount `json:"on_chain"` // by the settlements
	Locked  market.Amount `json:"locked"`   // still in open channels
	Notes   []string      `json:"notes,omitempty"`
}

// Wallet is what an account has and what its signer may still spend.
type Wallet struct {
	Account    market.Account `json:"account"`
	Symbol     string         `json:"symbol"`
	Wallet     market.Amount  `json:"wallet"`      // tokens at the address
	Deposited  market.Amount  `json:"deposited"`   // ready to be spent
	InChannels market.Amount  `json:"in_channels"` // locked for providers; what they do not earn comes back
	Coin       market.Amount  `json:"coin"`        // for fees
	SpentToday market.Amount  `json:"spent_today"`
	LimitDay   market.Amount  `json:"limit_day"`
	LimitLease market.Amount  `json:"limit_lease"`
	NewPhrase  bool           `json:"new_phrase"` // the 12 words were never shown
}

// ProviderStatus is what a provider offers and earns.
type ProviderStatus struct {
	Selling     bool             `json:"selling"`
	Reasons     []string         `json:"reasons"` // why not, or why not more
	Offer       *OfferView       `json:"offer,omitempty"`
	Capacity    market.Resources `json:"capacity"`
	Reserved    market.Resources `json:"reserved"`
	Leases      []ProviderLease  `json:"leases"`
	Earned      market.Amount    `json:"earned"`      // collected on chain
	Uncollected market.Amount    `json:"uncollected"` // vouchers in hand
	Account     market.Account   `json:"account"`
	Engine      string           `json:"engine"`
	Limits      string           `json:"limits"`
}

// ProviderLease is a lease as its provider sees it.
type ProviderLease struct {
	Lease       string            `json:"lease"`
	Job         string            `json:"job"`
	Renter      market.Account    `json:"renter"`
	State       market.LeaseState `json:"state"`
	Alloc       market.AllocState `json:"alloc"`
	Resources   market.Resources  `json:"resources"`
	PerHour     market.Amount     `json:"per_hour"`
	DeliveredMS int64             `json:"delivered_ms"`
	Paid        market.Amount     `json:"paid"`
	Owed        market.Amount     `json:"owed"` // delivered and not paid
	Expires     time.Time         `json:"expires"`
}
