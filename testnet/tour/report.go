package tour

import (
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

// Report is the outcome of a tour. Its JSON is what `etal demo -o json` prints.
type Report struct {
	Picture string        `json:"picture"` // path of the file
	SHA256  string        `json:"sha256"`  // of the file
	Seed    uint64        `json:"seed"`
	Jobs    []JobReport   `json:"jobs"`    // one per tile
	Settled []PaidReport  `json:"settled"` // one per payment on the chain
	Killed  string        `json:"killed"`  // the provider that died; empty where none did
	PhasesS PhasesReport  `json:"phases_s"`
	Bill    node.Bill     `json:"-"`
	RPC     string        `json:"-"` // of the chain, while the network is up
	Before  market.Amount `json:"-"` // all tokens of the renter and the providers
	After   market.Amount `json:"-"`
}

// JobReport is the lease on which a tile was finished.
type JobReport struct {
	Tile        int           `json:"tile"`
	Exit        int           `json:"exit"`
	Lease       string        `json:"lease"`
	Provider    string        `json:"provider"`
	Kernel      string        `json:"kernel"` // /proc/version, as read inside the job
	DeliveredMS int64         `json:"delivered_ms"`
	Paid        market.Amount `json:"paid"`
}

// PaidReport is one payment that the chain shows.
type PaidReport struct {
	Provider  string         `json:"provider"`
	Account   market.Account `json:"account"`
	Tx        string         `json:"tx"`
	PaidUnits string         `json:"paid_base_units"`
}

// PhasesReport is how many seconds the slowest job spent in each phase, all its
// leases together.
type PhasesReport struct {
	Match  float64 `json:"match"`
	Lease  float64 `json:"lease"`
	Pull   float64 `json:"pull"`
	Run    float64 `json:"run"`
	Settle float64 `json:"settle"`
}

// add takes a job's phases in.
func (p *PhasesReport) add(s map[string]float64) {
	p.Match = max(p.Match, s["match"])
	p.Lease = max(p.Lease, s["lease"])
	p.Pull = max(p.Pull, s["pull"])
	p.Run = max(p.Run, s["run"])
	p.Settle = max(p.Settle, s["settle"])
}
