package main

import (
	"strings"

	"github.com/spf13/pflag"
)

// sellFlags say what a provider sells.
type sellFlags struct {
	s     selling
	price string
}

// add declares the flags, but the name's, which belongs to the command.
func (f *sellFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.s.Region, "region", "", "where the machine is, such as fr")
	fs.StringVar(&f.s.CPUs, "cpus", "", "cores to sell; half of them without")
	fs.StringVar(&f.s.Memory, "memory", "", "memory to sell, such as 4g; half of it without")
	fs.StringVar(&f.s.Disk, "disk", "", "disk to sell, such as 20g; half of what is free without")
	fs.StringVar(&f.s.MaxTerm, "max-term", "", "longest lease, such as 12h; a day without")
	fs.StringVar(&f.s.Credit, "credit", "", "what is delivered before its payment is confirmed; 60s without, 0s for none")
	fs.StringVar(&f.price, "price", "", "per hour: core=0.01,memory=0.002,disk=0.00002,egress=0.01, or only the core's")
}

// selling returns what the flags say.
func (f *sellFlags) selling() (selling, error) {
	s := f.s
	var err error
	s.Price, err = parsePrices(f.price)
	return s, err
}

// parsePrices reads prices: an amount for a core, or KEY=AMOUNT words with
// commas between. What is not named keeps its price.
func parsePrices(text string) (pricesInTOML, error) {
	var p pricesInTOML
	if text == "" {
		return p, nil
	}
	if !strings.Contains(text, "=") {
		text = "core=" + text
	}
	keys := map[string]*string{"core": &p.Core, "memory": &p.Memory, "disk": &p.Disk, "gpu": &p.GPU, "egress": &p.Egress}
	for _, w := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(w, "=")
		to := keys[key]
		if to == nil || value == "" {
			return p, usage("price %q: want core=0.01,memory=0.002,disk=0.00002,gpu=0.8,egress=0.01, or some of them", w)
		}
		*to = value
	}
	_, err := p.price()
	return p, err
}
