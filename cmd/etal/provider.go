package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/testnet/devnet"
)

func (a *app) providerCommand() *cobra.Command {
	return family("provider", "Sell this machine's time", a.providerStartCommand(), a.providerStopCommand(), a.providerStatusCommand(), a.providerPriceCommand())
}

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

func (a *app) providerStopCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "stop", Short: "Sell no longer; with jobs running it needs --force", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			p, err := a.ownPlace()
			if err != nil {
				return err
			}
			sold, err := readSelling(p.data)
			if err != nil {
				return err
			}
			if sold == nil {
				a.say("you do not sell here")
				return nil
			}
			c, _, err := a.reachPlace(ctx, p)
			if err == nil {
				s, statusErr := c.ProviderStatus(ctx)
				c.Close()
				if running := runningLeases(s); statusErr == nil && running > 0 && !force {
					return tell(node.ErrConflict, "%d leases run here: wait for their end, or `etal provider stop --force` breaks them and what is not paid is lost", running)
				}
			}
			if err := os.Remove(filepath.Join(p.data, sellingName)); err != nil {
				return fmt.Errorf("stop selling: %w", err)
			}
			if err := a.restart(ctx, p); err != nil {
				return err
			}
			if err := killEngine(ctx, devnet.EngineRoot(p.data)); err != nil {
				return fmt.Errorf("end the engine: %w", err)
			}
			a.say("you sell no longer on %s", p.network)
			return nil
		}),
	}
	c.Flags().BoolVar(&force, "force", false, "break the leases that run")
	return c
}

// runningLeases counts the leases that deliver or are about to.
func runningLeases(s node.ProviderStatus) int {
	n := 0
	for _, l := range s.Leases {
		switch l.State {
		case market.LeaseHeld, market.LeaseOpening, market.LeaseActive:
			n++
		}
	}
	return n
}

func (a *app) providerStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "What you sell and earn", Args: atMost(0),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, st, err := a.reach(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := c.ProviderStatus(ctx)
			if err != nil {
				return err
			}
			offered, cost := "", ""
			if s.Offer != nil {
				offered, cost = resources(s.Offer.Free), price(s.Offer.Price, st.Symbol)
			}
			if err := showOne(
				a, s,
				fact{"selling", yesNo(s.Selling)},
				fact{"why", strings.Join(s.Reasons, "; ")},
				fact{"free", offered},
				fact{"per hour", cost},
				fact{"leases", fmt.Sprint(runningLeases(s))},
				fact{"earned", money(s.Earned, st.Symbol)},
				fact{"not collected yet", money(s.Uncollected, st.Symbol)},
				fact{"account", s.Account.String()},
				fact{"engine", s.Engine},
				fact{"limits", s.Limits},
			); err != nil {
				return err
			}
			if a.format.human() && len(s.Leases) > 0 {
				fmt.Fprintln(a.out)
				return a.showLeases(s, st.Symbol)
			}
			return nil
		}),
	}
}

func (a *app) showLeases(s node.ProviderStatus, symbol string) error {
	type lease = node.ProviderLease
	return show(
		a, s.Leases, "",
		column[lease]{"LEASE", func(l lease) string { return short(l.Lease) }},
		column[lease]{"JOB", func(l lease) string { return l.Job }},
		column[lease]{"STATE", func(l lease) string { return string(l.State) + ", " + string(l.Alloc) }},
		column[lease]{"RESOURCES", func(l lease) string { return resources(l.Resources) }},
		column[lease]{"DELIVERED", func(l lease) string { return delivered(l.DeliveredMS) }},
		column[lease]{"PAID", func(l lease) string { return money(l.Paid, symbol) }},
		column[lease]{"OWED", func(l lease) string { return money(l.Owed, symbol) }},
		column[lease]{"UNTIL", func(l lease) string { return clock(l.Expires, a.now()) }},
	)
}

func (a *app) providerPriceCommand() *cobra.Command {
	return &cobra.Command{
		Use: "price [PRICE]", Short: "Show or change what you ask per hour", Args: atMost(1),
		Example: "  etal provider price\n  etal provider price core=0.02,memory=0.003",
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			p, err := a.place()
			if err != nil {
				return err
			}
			var change pricesInTOML
			if len(args) == 1 {
				if change, err = parsePrices(args[0]); err != nil {
					return err
				}
			}
			c, st, err := a.reachPlace(ctx, p)
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := c.ProviderStatus(ctx)
			if err != nil {
				return err
			}
			if s.Offer == nil {
				return tell(node.ErrConflict, "Nothing is sold here: `etal provider start` begins")
			}
			now := s.Offer.Price
			if len(args) == 1 {
				if now, err = change.on(now); err != nil {
					return err
				}
				if err := c.SetPrice(ctx, now); err != nil {
					return err
				}
				// It must hold after the next start, too.
				sold, err := readSelling(p.data)
				if err != nil {
					return err
				}
				if sold == nil {
					sold = &selling{}
				}
				if err := sold.over(selling{Price: change}).write(p.data); err != nil {
					return err
				}
			}
			return showOne(
				a, now,
				fact{"core", money(now.Core, st.Symbol)},
				fact{"GiB of memory", money(now.Memory, st.Symbol)},
				fact{"GiB of disk", money(now.Disk, st.Symbol)},
				fact{"GPU", money(now.GPU, st.Symbol)},
				fact{"GiB sent", money(now.Egress, st.Symbol)},
			)
		}),
	}
}

// on returns prices with what t says changed.
func (t pricesInTOML) on(p market.Price) (market.Price, error) {
	for _, f := range []struct {
		text string
		to   *market.Amount
	}{{t.Core, &p.Core}, {t.Memory, &p.Memory}, {t.Disk, &p.Disk}, {t.GPU, &p.GPU}, {t.Egress, &p.Egress}} {
		if f.text == "" {
			continue
		}
		a, err := market.ParseAmount(f.text)
		if err != nil {
			return p, err
		}
		*f.to = a
	}
	return p, p.Validate()
}
