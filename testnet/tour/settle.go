package tour

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/etal-cloud/etal/testnet/jobs/render/tile"
	"github.com/etal-cloud/etal/testnet/picture"
)

// assemble makes the picture of the tiles and writes its file.
func (t *tour) assemble(context.Context) error {
	began := time.Now()
	var tiles []*tile.Tile
	for _, p := range t.parts {
		tiles = append(tiles, p.tile)
	}
	whole, err := picture.Assemble(tiles)
	if err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	var file bytes.Buffer
	if err := picture.WritePNG(&file, whole); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	if err := writeFile(t.report.Picture, file.Bytes()); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	sum := sha256.Sum256(file.Bytes())
	t.report.SHA256 = hex.EncodeToString(sum[:])
	t.did(began, "wrote %s", t.report.Picture)
	return nil
}

// writeFile replaces a file as a whole.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".etal-picture-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// receiptTime is how long a provider that came back may take to sign for what it
// delivered. Without that it is paid what was promised by voucher.
const receiptTime = 15 * time.Second

// settle closes all channels: what was earned goes to the providers, the rest
// comes back.
func (t *tour) settle(ctx context.Context) error {
	began := time.Now()
	t.o.Doing("waiting for the last receipt")
	for end := began.Add(receiptTime); time.Now().Before(end); {
		b, err := t.client.Bill(ctx, "")
		if err != nil {
			return err
		}
		open := false
		for _, r := range b.Rows {
			open = open || !r.Receipt && !r.Started.IsZero()
		}
		if !open {
			break
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	t.o.Doing("settling on the chain")
	settled, cancel := context.WithTimeoutCause(ctx, settleTime, errors.New("the chain did not settle within a minute"))
	defer cancel()
	if err := t.client.Settle(settled); err != nil {
		return fmt.Errorf("settle: %w", errors.Join(err, context.Cause(settled)))
	}
	t.did(began, "settled: every channel is closed on the chain")
	return nil
}

// bill collects what everybody got and checks that nothing was made or lost.
func (t *tour) bill(ctx context.Context) error {
	var err error
	if t.report.Bill, err = t.client.Bill(ctx, ""); err != nil {
		return err
	}
	t.report.Settled = []PaidReport{}
	for _, s := range t.report.Bill.Settled {
		t.report.Settled = append(t.report.Settled, PaidReport{Provider: s.Provider, Account: s.Account, Tx: s.Tx, PaidUnits: s.PaidUnits})
	}
	for _, p := range t.parts {
		v, err := t.client.Job(ctx, p.view.Name) // its receipt may have come since
		if err != nil {
			return err
		}
		last := v.Leases[len(v.Leases)-1]
		t.report.Jobs = append(t.report.Jobs, JobReport{
			Tile: p.index, Exit: *v.Exit, Lease: last.Lease, Provider: last.Provider, Kernel: p.kernel,
			DeliveredMS: last.DeliveredMS, Paid: last.Paid,
		})
		t.report.PhasesS.add(v.PhaseS)
	}
	// Each node reads the chain for itself, some a block later than others.
	for end := time.Now().Add(settleTime); ; {
		if t.report.After, err = t.balances(ctx); err != nil {
			return err
		}
		if t.report.After == t.report.Before {
			break
		}
		if time.Now().After(end) {
			return fmt.Errorf("the money does not add up: there were %s, there are %s", t.money(t.report.Before), t.money(t.report.After))
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	t.o.Doing("")
	if t.o.Bill == nil {
		return nil
	}
	return t.o.Bill(t.report)
}
