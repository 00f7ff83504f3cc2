package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

func (a *app) providerPriceCommand() *cobra.Command {
	return &cobra.Command{
		Use: "price [PRICE]", Short: "Show or change what you ask per hour", Args: atMost(1),
		Example: "  etal provider price\n  etal provider price core=0.02,memory=0.003",
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			var change pricesInTOML
			var err error
			if len(args) == 1 {
				if change, err = parsePrices(args[0]); err != nil {
					return err
				}
			}
			p, err := a.place()
			if err != nil {
				return err
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
