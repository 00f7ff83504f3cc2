package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

func (a *app) providerStartCommand() *cobra.Command {
	var sell sellFlags
	var dry bool
	c := &cobra.Command{
		Use: "start", Short: "Begin to sell, or change what is sold", Args: atMost(0),
		Long: "Begin to sell, or change what is sold. Without flags half of the machine is sold at the\nusual price. What is said is kept in provider.toml in your node's folder.",
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			said, err := sell.selling()
			if err != nil {
				return err
			}
			p, err := a.ownPlace()
			if err != nil {
				return err
			}
			kept, err := readSelling(p.data)
			if err != nil {
				return err
			}
			if kept != nil {
				said = kept.over(said)
			}
			half, err := halfMachine(p.dir)
			if err != nil {
				return err
			}
			offer, err := said.provide(half)
			if err != nil {
				return err
			}
			if err := offer.Resources.Validate(); err != nil {
				return err
			}
			if dry {
				return a.showPlan(said.Name, *offer)
			}
			if err := checkEngine(ctx); err != nil {
				return err
			}
			if err := said.write(p.data); err != nil {
				return err
			}
			if err := a.restart(ctx, p); err != nil {
				return errors.Join(err, restore(p.data, kept))
			}
			a.say("you sell %s for %s per hour; next: etal provider status", resources(offer.Resources), price(offer.Price, ""))
			return nil
		}),
	}
	c.Flags().StringVar(&sell.s.Name, "name", "", "name that renters see: 1 to 32 of a-z, 0-9 and -")
	sell.add(c.Flags())
	c.Flags().BoolVar(&dry, "dry-run", false, "show the offer and change nothing")
	return c
}

// restore puts back what was sold before a start that failed.
func restore(data string, kept *selling) error {
	if kept != nil {
		return kept.write(data)
	}
	return os.Remove(filepath.Join(data, sellingName))
}

// ownPlace is the user's own node; what a devnet's providers sell is its affair.
func (a *app) ownPlace() (place, error) {
	p, err := a.place()
	if err == nil && !p.own {
		err = usage("--node %s: the devnet decides what its nodes sell; `etal provider price` changes prices", p.name)
	}
	return p, err
}

// restart makes the user's own node take up changed settings.
func (a *app) restart(ctx context.Context, p place) error {
	c, s, err := a.reachPlace(ctx, p)
	switch {
	case err == nil:
		err = a.stopNode(ctx, c, s)
		c.Close()
		if err != nil {
			return err
		}
	case !errors.Is(err, node.ErrNoNetwork):
		return err
	}
	c, _, err = a.wake(ctx, p)
	if err != nil {
		return err
	}
	c.Close()
	return nil
}

// showPlan shows what would be offered.
func (a *app) showPlan(name string, p node.Provide) error {
	v := struct {
		Name      string           `json:"name,omitempty"`
		Region    string           `json:"region,omitempty"`
		Resources market.Resources `json:"resources"`
		Price     market.Price     `json:"price"`
	}{name, p.Region, p.Resources, p.Price}
	return showOne(
		a, v,
		fact{"name", name},
		fact{"region", p.Region},
		fact{"sells", resources(p.Resources)},
		fact{"per hour", price(p.Price, "")},
	)
}
