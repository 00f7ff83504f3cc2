package tour

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// job is what renders one tile, on a provider that is none of exclude.
func (t *tour) job(index int, exclude []string) market.Job {
	return market.Job{
		Name:  fmt.Sprintf("tile-%d", index),
		Image: t.program,
		Args: []string{
			"-scene", "/in/scene.toml", "-seed", strconv.FormatUint(t.o.Seed, 10),
			"-tile", strconv.Itoa(index), "-tiles", strconv.Itoa(Tiles),
			"-stream", "-v", "-least", t.o.Least.String(), "-o", tileFile,
		},
		Inputs:  []market.Transfer{{Local: t.scene, Path: "/in/scene.toml"}},
		Outputs: []market.Transfer{{Path: "/out"}},
		Request: market.Request{
			Resources: market.Resources{MilliCPU: 2000, Memory: 512 << 20, Disk: 1 << 30},
			Term:      t.o.Scene.term(), Exclude: exclude,
		},
	}
}

// tileFile is where a job writes its tile.
const tileFile = "/out/tile"

// market shows what is for sale and what it would cost.
func (t *tour) market(ctx context.Context) error {
	t.o.Doing("asking what it costs")
	job := t.job(0, nil)
	q, err := t.client.Quote(ctx, job)
	if err != nil {
		return err
	}
	r := job.Request.Resources
	t.say("")
	t.say("For sale, and what %s cores and %s cost there:", market.FormatCPUs(r.MilliCPU), market.FormatBytes(r.Memory))
	most := market.Amount{}
	for i, o := range q.Offers {
		t.say("  %-8s region %-4s %s cores and %s free   %s an hour", o.Provider, o.Region,
			market.FormatCPUs(o.Free.MilliCPU), market.FormatBytes(o.Free.Memory), t.money(o.PerHour))
		if i < Tiles {
			if most, err = most.Add(o.Max); err != nil {
				return fmt.Errorf("quote: %w", err)
			}
		}
	}
	t.say("Three leases of at most %s each cost ≤ %s; only delivered time is paid. Nothing is signed yet.",
		market.FormatDuration(job.Request.Term), t.money(most))
	return nil
}

// before notes what there is. The renter's node deposits all that the faucet gave
// it, and may for a moment still count in the wallet what is deposited by now.
func (t *tour) before(ctx context.Context) error {
	for end := time.Now().Add(settleTime); time.Now().Before(end); {
		w, err := t.client.Wallet(ctx)
		if err != nil {
			return err
		}
		if w.Wallet.IsZero() && !w.Deposited.IsZero() {
			break
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	var err error
	t.report.Before, err = t.balances(ctx)
	return err
}

// balances sums up the tokens of everybody who trades here, as their own nodes
// read them from the chain.
func (t *tour) balances(ctx context.Context) (market.Amount, error) {
	var sum market.Amount
	for _, n := range t.net.Status().Nodes {
		if n.Role != devnet.RoleProvider && n.Role != devnet.RoleRenter {
			continue
		}
		socket, err := api.SocketPath(n.Data)
		if err != nil {
			return sum, err
		}
		c := api.NewClient(socket)
		w, err := c.Wallet(ctx)
		c.Close()
		if err != nil {
			return sum, fmt.Errorf("wallet of %s: %w", n.Name, err)
		}
		for _, a := range []market.Amount{w.Wallet, w.Deposited, w.InChannels} {
			if sum, err = sum.Add(a); err != nil {
				return sum, fmt.Errorf("wallet of %s: %w", n.Name, err)
			}
		}
	}
	return sum, nil
}

// pause waits, or returns early with ctx's error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
