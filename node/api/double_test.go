package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/runtime"
)

// double is a node that remembers what it was asked and answers as told.
type double struct {
	err     error    // every method fails with it, where set
	named   []string // the jobs that were asked for
	job     market.Job
	options node.RunOptions
	query   string
	grace   time.Duration
	price   market.Price
	watch   []node.JobView
	logs    []runtime.LogRecord
	flood   int // log records of 32 KiB to send
	tar     []byte
	tarErr  error // after tar
	began   chan struct{}
	ended   chan struct{}
}

var _ api.Backend = (*double)(nil)

var view = node.JobView{
	Name: "calm-otter", Image: "busybox", State: market.AllocRunning, Phase: "run", Provider: "fr-2",
	PerHour: market.Atto(5), Max: market.Units(1), Created: time.Unix(1_800_000_000, 0).UTC(),
}

func (d *double) Status(context.Context) (node.Status, error) {
	return node.Status{Version: "v1", Network: "devnet", Symbol: "test$", PID: 7, Account: market.Account{1}}, d.err
}

func (d *double) Peers(context.Context) ([]node.PeerView, error) {
	return []node.PeerView{{Peer: "12D3", RTT: time.Millisecond}}, d.err
}

func (d *double) Offers(_ context.Context, q string) ([]node.OfferView, error) {
	d.query = q
	return []node.OfferView{{Provider: "fr-1", Price: market.Price{Core: market.Units(2)}}}, d.err
}

func (d *double) Quote(_ context.Context, j market.Job) (node.Quote, error) {
	d.job = j
	return node.Quote{Explain: "3 offers", Seen: 3, Max: market.Units(1)}, d.err
}

func (d *double) SubmitJob(_ context.Context, j market.Job, o node.RunOptions) (node.JobView, error) {
	d.job, d.options = j, o
	return view, d.err
}

func (d *double) Jobs(context.Context) ([]node.JobView, error) { return []node.JobView{view}, d.err }

func (d *double) Job(_ context.Context, name string) (node.JobView, error) {
	if name != view.Name {
		return node.JobView{}, fmt.Errorf("%w: no job is called %q", node.ErrNotFound, name)
	}
	return view, d.err
}

func (d *double) WaitJob(ctx context.Context, name string) (node.JobView, error) {
	d.named = append(d.named, name)
	if d.began != nil {
		close(d.began)
		<-ctx.Done()
		close(d.ended)
		return node.JobView{}, ctx.Err()
	}
	return view, d.err
}

func (d *double) WatchJob(_ context.Context, name string, f func(node.JobView) error) error {
	d.named = append(d.named, name)
	for _, j := range d.watch {
		if err := f(j); err != nil {
			return err
		}
	}
	return d.err
}

func (d *double) JobLogs(ctx context.Context, name string, seq int64, follow bool, f func(runtime.LogRecord) error) error {
	d.named = append(d.named, name)
	for _, r := range d.logs {
		if r.Seq < seq {
			continue
		}
		if err := f(r); err != nil {
			return err
		}
	}
	chunk := make([]byte, 32<<10)
	for i := range d.flood {
		if err := f(runtime.LogRecord{Seq: int64(i * len(chunk)), Stream: runtime.Stdout, Data: chunk}); err != nil {
			return err
		}
	}
	if follow && d.began != nil {
		close(d.began)
		<-ctx.Done()
		close(d.ended)
		return ctx.Err()
	}
	return d.err
}

func (d *double) StopJob(_ context.Context, name string, grace time.Duration) (node.JobView, error) {
	d.named = append(d.named, name)
	d.grace = grace
	return view, d.err
}

func (d *double) RemoveJob(_ context.Context, name string) error {
	d.named = append(d.named, name)
	return d.err
}

func (d *double) JobOutput(_ context.Context, name, path string, w io.Writer) error {
	d.named = append(d.named, name+path)
	if d.tar != nil {
		if _, err := w.Write(d.tar); err != nil {
			return err
		}
	}
	return d.tarErr
}

func (d *double) Wallet(context.Context) (node.Wallet, error) {
	return node.Wallet{Symbol: "test$", Deposited: market.Units(10)}, d.err
}

func (d *double) Fund(context.Context) (node.Wallet, error) {
	return node.Wallet{Symbol: "test$", Deposited: market.Units(20)}, d.err
}

func (d *double) Bill(_ context.Context, name string) (node.Bill, error) {
	return node.Bill{Rows: []node.BillRow{{Job: name}}, Symbol: "test$"}, d.err
}

func (d *double) Settle(context.Context) error { return d.err }

func (d *double) ProviderStatus(context.Context) (node.ProviderStatus, error) {
	return node.ProviderStatus{Selling: true, Engine: "fake"}, d.err
}

func (d *double) SetPrice(_ context.Context, p market.Price) error {
	d.price = p
	return d.err
}

// serve runs the interface over a double and returns a client of it and its
// socket. Both end with the test.
func serve(t *testing.T, d *double, stop func()) (*api.Client, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "api.sock")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, d, path, stop) }()
	c := api.NewClient(path)
	t.Cleanup(func() {
		c.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	await(t, func() bool { _, err := c.Status(ctx); return !errors.Is(err, node.ErrNoNetwork) })
	return c, path
}

// await polls until a condition holds.
func await(t *testing.T, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}
