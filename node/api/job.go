package api

import (
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

// The largest request bodies that are read.
const (
	maxJobBytes   = 1 << 20
	maxSmallBytes = 16 << 10
)

// submission is the body of a submitted job.
type submission struct {
	Job     jobSpec         `json:"job"`
	Options node.RunOptions `json:"options,omitempty"`
}

// jobSpec is a market.Job in JSON.
type jobSpec struct {
	Name     string               `json:"name,omitempty" maxLength:"64" doc:"1 to 64 of [a-z0-9-]; empty: a made-up one"`
	Image    string               `json:"image" maxLength:"4096" doc:"reference, digest or absolute path on this machine"`
	Command  []string             `json:"command,omitempty" maxItems:"1024" doc:"replaces entrypoint and arguments"`
	Args     []string             `json:"args,omitempty" maxItems:"1024" doc:"replaces the arguments only"`
	Env      []string             `json:"env,omitempty" maxItems:"1024" doc:"KEY=VALUE"`
	WorkDir  string               `json:"workdir,omitempty" maxLength:"4096"`
	Inputs   []transfer           `json:"inputs,omitempty" maxItems:"64"`
	Outputs  []transfer           `json:"outputs,omitempty" maxItems:"64"`
	LogLimit int64                `json:"log_limit,omitempty" minimum:"0" doc:"bytes kept; 0: the engine's default"`
	Restart  market.RestartPolicy `json:"restart,omitempty" enum:"never,on-failure"`
	Request  request              `json:"request,omitempty"`
}

// transfer is a market.Transfer in JSON.
type transfer struct {
	Local string `json:"local,omitempty" maxLength:"4096" doc:"absolute path on this machine; empty: the caller fetches it"`
	Path  string `json:"path" maxLength:"4096" doc:"absolute path inside the job"`
}

// request is a market.Request in JSON. Durations are nanoseconds.
type request struct {
	Resources  *market.Resources `json:"resources,omitempty" doc:"absent: 1 core, 512 MiB, 1 GiB of disk"`
	Term       time.Duration     `json:"term_ns,omitempty" minimum:"0"`
	Tier       market.Tier       `json:"tier,omitempty" enum:"sandbox,native"`
	Arch       string            `json:"arch,omitempty" maxLength:"32"`
	MaxPerHour *market.Amount    `json:"max_per_hour,omitempty" doc:"absent: no limit"`
	Budget     *market.Amount    `json:"budget,omitempty" doc:"over the whole term; absent: no limit"`
	Regions    []string          `json:"regions,omitempty" maxItems:"64"`
	Providers  []string          `json:"providers,omitempty" maxItems:"64"`
	Exclude    []string          `json:"exclude,omitempty" maxItems:"64"`
	Credit     time.Duration     `json:"credit_ns,omitempty" minimum:"0"`
}

// specOf writes a job for the wire.
func specOf(j market.Job) jobSpec {
	s := jobSpec{
		Name: j.Name, Image: j.Image, Command: j.Command, Args: j.Args, Env: j.Env, WorkDir: j.WorkDir,
		Inputs: transfersOf(j.Inputs), Outputs: transfersOf(j.Outputs), LogLimit: j.LogLimit, Restart: j.Restart,
	}
	r := j.Request
	s.Request = request{
		Term: r.Term, Tier: r.Tier, Arch: r.Arch, Regions: r.Regions,
		Providers: r.Providers, Exclude: r.Exclude, Credit: r.Credit,
	}
	if r.Resources != (market.Resources{}) {
		s.Request.Resources = &r.Resources
	}
	if !r.MaxPerHour.IsZero() {
		s.Request.MaxPerHour = &r.MaxPerHour
	}
	if !r.Budget.IsZero() {
		s.Request.Budget = &r.Budget
	}
	return s
}

// job reads what specOf wrote.
func (s jobSpec) job() market.Job {
	j := market.Job{
		Name: s.Name, Image: s.Image, Command: s.Command, Args: s.Args, Env: s.Env, WorkDir: s.WorkDir,
		Inputs: marketTransfers(s.Inputs), Outputs: marketTransfers(s.Outputs), LogLimit: s.LogLimit, Restart: s.Restart,
	}
	r := s.Request
	j.Request = market.Request{
		Term: r.Term, Tier: r.Tier, Arch: r.Arch, Regions: r.Regions,
		Providers: r.Providers, Exclude: r.Exclude, Credit: r.Credit,
	}
	if r.Resources != nil {
		j.Request.Resources = *r.Resources
	}
	if r.MaxPerHour != nil {
		j.Request.MaxPerHour = *r.MaxPerHour
	}
	if r.Budget != nil {
		j.Request.Budget = *r.Budget
	}
	return j
}

func transfersOf(ts []market.Transfer) []transfer {
	var out []transfer
	for _, t := range ts {
		out = append(out, transfer(t))
	}
	return out
}

func marketTransfers(ts []transfer) []market.Transfer {
	var out []market.Transfer
	for _, t := range ts {
		out = append(out, market.Transfer(t))
	}
	return out
}
