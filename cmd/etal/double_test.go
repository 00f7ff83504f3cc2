package main_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	etal "github.com/etal-cloud/etal/cmd/etal"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/runtime"
)

// double is a node that answers as a test tells it.
type double struct {
	api.Backend // what no test calls

	quote   node.Quote
	err     error // of Quote
	job     market.Job
	options node.RunOptions
	end     node.JobView
	jobs    []node.JobView
	logs    []runtime.LogRecord
	logsErr error
	removed []string
}

func (d *double) Status(context.Context) (node.Status, error) {
	return node.Status{Symbol: "test$", Network: "alpha"}, nil
}

func (d *double) Quote(_ context.Context, j market.Job) (node.Quote, error) {
	d.job = j
	return d.quote, d.err
}

func (d *double) Wallet(context.Context) (node.Wallet, error) {
	return node.Wallet{Symbol: "test$", LimitDay: market.Units(50), SpentToday: market.Units(8)}, nil
}

func (d *double) SubmitJob(_ context.Context, j market.Job, o node.RunOptions) (node.JobView, error) {
	d.job, d.options = j, o
	return node.JobView{Name: "calm-otter"}, nil
}

func (d *double) Jobs(context.Context) ([]node.JobView, error) { return d.jobs, nil }

func (d *double) WatchJob(_ context.Context, _ string, f func(node.JobView) error) error {
	return f(d.end)
}

func (d *double) WaitJob(context.Context, string) (node.JobView, error) { return d.end, nil }

func (d *double) JobLogs(_ context.Context, _ string, _ int64, _ bool, f func(runtime.LogRecord) error) error {
	for _, r := range d.logs {
		if err := f(r); err != nil {
			return err
		}
	}
	return d.logsErr
}

func (d *double) RemoveJob(_ context.Context, name string) error {
	d.removed = append(d.removed, name)
	return nil
}

func (d *double) JobOutput(context.Context, string, string, io.Writer) error {
	return errors.New("no output in this test")
}

func (d *double) Bill(context.Context, string) (node.Bill, error) {
	return node.Bill{Symbol: "test$", Rows: []node.BillRow{{Job: "x", Provider: "fr\x1b[2J-2", Paid: market.Units(1)}}}, nil
}

// bench is a network with a double as the user's own node.
type bench struct {
	t    *testing.T
	home string
	d    *double
}

// now is the time of every command line below.
var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.Local)

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, home: t.TempDir(), d: &double{
		quote: node.Quote{Offers: []node.QuotedOffer{{}}, Max: market.Units(1), Term: time.Hour},
	}}
	data := filepath.Join(b.home, "networks", "alpha", "node")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(data), "profile.toml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := api.SocketPath(data)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, b.d, socket, nil) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	c := api.NewClient(socket)
	defer c.Close()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := c.Status(ctx); err == nil {
			return b
		}
		if time.Now().After(end) {
			t.Fatal("the double does not answer")
		}
	}
}

// run runs a command line and returns its code, data and talk.
func (b *bench) run(args ...string) (code int, out, talk string) {
	b.t.Helper()
	var o, e bytes.Buffer
	code = etal.Run(etal.Surroundings{Out: &o, Err: &e, Env: map[string]string{"ETAL_HOME": b.home, "MINE": "yes"}, Now: now}, args...)
	return code, o.String(), e.String()
}
