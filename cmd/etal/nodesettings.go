package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

// settings say what node a process is.
type settings struct {
	data    string
	profile string // its file
	name    string
	listen  []string
	sell    *selling // nil: it does not sell
}

// selling is provider.toml: what the owner of a node sells. Empty fields mean
// half of the machine, at the usual price.
type selling struct {
	Name    string       `toml:"name,omitempty"`
	Region  string       `toml:"region,omitempty"`
	CPUs    string       `toml:"cpus,omitempty"`
	Memory  string       `toml:"memory,omitempty"`
	Disk    string       `toml:"disk,omitempty"`
	MaxTerm string       `toml:"max_term,omitempty"`
	Credit  string       `toml:"credit,omitempty"`
	Price   pricesInTOML `toml:"price,omitempty"`
}

// pricesInTOML are prices per hour, as decimal numbers of tokens.
type pricesInTOML struct {
	Core   string `toml:"core,omitempty"`
	Memory string `toml:"memory,omitempty"`
	Disk   string `toml:"disk,omitempty"`
	GPU    string `toml:"gpu,omitempty"`
	Egress string `toml:"egress,omitempty"`
}

const (
	sellingName = "provider.toml"
	maxSelling  = 64 << 10
)

// readSelling reads a node's provider.toml; nil where there is none.
func readSelling(data string) (*selling, error) {
	path := filepath.Join(data, sellingName)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is sold: %w", err)
	}
	if len(b) > maxSelling {
		return nil, usage("%s is larger than %d bytes", path, maxSelling)
	}
	var s selling
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&s); err != nil {
		return nil, usage("%s: %s", path, err)
	}
	return &s, nil
}

// write stores provider.toml as a whole.
func (s selling) write(data string) error {
	b, err := toml.Marshal(s)
	if err != nil {
		return fmt.Errorf("write what is sold: %w", err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("write what is sold: %w", err)
	}
	tmp := filepath.Join(data, "."+sellingName)
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("write what is sold: %w", err)
	}
	if err := os.Rename(tmp, filepath.Join(data, sellingName)); err != nil {
		return fmt.Errorf("write what is sold: %w", err)
	}
	return nil
}

// over returns s with what t says in its place.
func (s selling) over(t selling) selling {
	for _, f := range []struct{ to, from *string }{
		{&s.Name, &t.Name},
		{&s.Region, &t.Region},
		{&s.CPUs, &t.CPUs},
		{&s.Memory, &t.Memory},
		{&s.Disk, &t.Disk},
		{&s.MaxTerm, &t.MaxTerm},
		{&s.Credit, &t.Credit},
		{&s.Price.Core, &t.Price.Core},
		{&s.Price.Memory, &t.Price.Memory},
		{&s.Price.Disk, &t.Price.Disk},
		{&s.Price.GPU, &t.Price.GPU},
		{&s.Price.Egress, &t.Price.Egress},
	} {
		if *f.from != "" {
			*f.to = *f.from
		}
	}
	return s
}

// provide checks what is sold and turns it into the node's words. half is half
// of the machine, which stands for what is not said.
func (s selling) provide(half market.Resources) (*node.Provide, error) {
	p := &node.Provide{Region: s.Region, Resources: half}
	var err error
	if s.CPUs != "" {
		if p.Resources.MilliCPU, err = market.ParseCPUs(s.CPUs); err != nil {
			return nil, flagError("cpus", err)
		}
	}
	if s.Memory != "" {
		if p.Resources.Memory, err = market.ParseBytes(s.Memory); err != nil {
			return nil, flagError("memory", err)
		}
	}
	if s.Disk != "" {
		if p.Resources.Disk, err = market.ParseBytes(s.Disk); err != nil {
			return nil, flagError("disk", err)
		}
	}
	for _, t := range []struct {
		name string
		text string
		to   *time.Duration
	}{{"max_term", s.MaxTerm, &p.MaxTerm}, {"credit", s.Credit, &p.Credit}} {
		if t.text == "" {
			continue
		}
		if *t.to, err = parseTime(t.text); err != nil {
			return nil, flagError(t.name, err)
		}
	}
	if s.Credit != "" && p.Credit == 0 {
		p.Credit = -1 // none, which is not the same as not said
	}
	if s.MaxTerm != "" && p.MaxTerm < time.Minute {
		return nil, usage("max-term %s: want at least 1m", s.MaxTerm)
	}
	if p.Price, err = s.Price.price(); err != nil {
		return nil, err
	}
	for _, r := range s.Region {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') || len(s.Region) > 32 {
			return nil, usage("region %q: want up to 32 of a-z, 0-9 and -", s.Region)
		}
	}
	return p, nil
}

// price reads prices; what is not said has the usual price.
func (t pricesInTOML) price() (market.Price, error) {
	p := node.DefaultPrice()
	for _, f := range []struct {
		name, text string
		to         *market.Amount
	}{
		{"core", t.Core, &p.Core},
		{"memory", t.Memory, &p.Memory},
		{"disk", t.Disk, &p.Disk},
		{"gpu", t.GPU, &p.GPU},
		{"egress", t.Egress, &p.Egress},
	} {
		if f.text == "" {
			continue
		}
		a, err := market.ParseAmount(f.text)
		if err != nil {
			return p, flagError("price of "+f.name, err)
		}
		*f.to = a
	}
	if err := p.Validate(); err != nil {
		return p, flagError("price", err)
	}
	return p, nil
}
