package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/runtime"
)

var update = flag.Bool("update", false, "write openapi.json")

// The committed document is what programs in other languages are made from.
func TestOpenAPIIsCurrent(t *testing.T) {
	got, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if *update {
		if err := os.WriteFile("openapi.json", pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Error("openapi.json is not what the code says: go test ./node/api -run OpenAPI -update")
	}
	if !bytes.Contains(got, []byte(`"openapi":"3.1.0"`)) {
		t.Error("not an OpenAPI 3.1 document")
	}
}

func TestJobCrossesUnchanged(t *testing.T) {
	d := &double{}
	c, _ := serve(t, d, nil)
	full := market.Job{
		Name: "n", Image: "/tmp/x.tar", Command: []string{"sh"}, Args: []string{"-c", ""}, Env: []string{"A=b"}, WorkDir: "/w",
		Inputs:  []market.Transfer{{Local: "/l", Path: "/p"}},
		Outputs: []market.Transfer{{Path: "/o"}}, LogLimit: 5, Restart: market.RestartOnFailure,
		Request: market.Request{
			Resources: market.Resources{MilliCPU: 500, Memory: 1 << 20, Disk: 7, GPUs: 1, GPU: "h200"}, Term: time.Minute,
			Tier: market.TierSandbox, Arch: "amd64", MaxPerHour: market.Atto(1), Budget: market.Units(3),
			Regions: []string{"fr"}, Providers: []string{"fr-1"}, Exclude: []string{"x"}, Credit: time.Second,
		},
	}
	for _, job := range []market.Job{full, {Image: "busybox"}} {
		o := node.RunOptions{Prepay: time.Hour, Remove: true}
		got, err := c.SubmitJob(t.Context(), job, o)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(d.job, job) || d.options != o {
			t.Errorf("the node got %+v, %+v", d.job, d.options)
		}
		if !reflect.DeepEqual(got, view) {
			t.Errorf("the client got %+v", got)
		}
		if _, err := c.Quote(t.Context(), job); err != nil || !reflect.DeepEqual(d.job, job) {
			t.Errorf("quote: %v, the node got %+v", err, d.job)
		}
	}
}

func TestEveryMethodAnswers(t *testing.T) {
	d := &double{watch: []node.JobView{view, view}}
	c, _ := serve(t, d, nil)
	ctx := t.Context()
	if s, err := c.Status(ctx); err != nil || s.PID != 7 || s.Account != (market.Account{1}) {
		t.Errorf("status: %+v, %v", s, err)
	}
	if p, err := c.Peers(ctx); err != nil || len(p) != 1 || p[0].RTT != time.Millisecond {
		t.Errorf("peers: %+v, %v", p, err)
	}
	if o, err := c.Offers(ctx, "region=fr cpus>=2"); err != nil || o[0].Price.Core != market.Units(2) || d.query != "region=fr cpus>=2" {
		t.Errorf("offers: %+v, %v, query %q", o, err, d.query)
	}
	if j, err := c.Jobs(ctx); err != nil || len(j) != 1 {
		t.Errorf("jobs: %+v, %v", j, err)
	}
	if j, err := c.Job(ctx, view.Name); err != nil || !reflect.DeepEqual(j, view) {
		t.Errorf("job: %+v, %v", j, err)
	}
	if j, err := c.WaitJob(ctx, view.Name); err != nil || j.Name != view.Name {
		t.Errorf("wait: %+v, %v", j, err)
	}
	if j, err := c.StopJob(ctx, view.Name, 3*time.Second); err != nil || j.Name != view.Name || d.grace != 3*time.Second {
		t.Errorf("stop: %+v, %v, grace %v", j, err, d.grace)
	}
	if err := c.RemoveJob(ctx, view.Name); err != nil {
		t.Errorf("remove: %v", err)
	}
	n := 0
	if err := c.WatchJob(ctx, view.Name, func(node.JobView) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("watch: %v after %d changes", err, n)
	}
	if err := c.JobLogs(ctx, view.Name, 0, false, func(runtime.LogRecord) error { return nil }); err != nil {
		t.Errorf("logs: %v", err)
	}
	if err := c.JobOutput(ctx, view.Name, "/o", &bytes.Buffer{}); err != nil {
		t.Errorf("output: %v", err)
	}
	if want := []string{"calm-otter", "calm-otter", "calm-otter", "calm-otter", "calm-otter", "calm-otter/o"}; !slices.Equal(d.named, want) {
		t.Errorf("the node was asked for %q", d.named)
	}
	if w, err := c.Wallet(ctx); err != nil || w.Deposited != market.Units(10) {
		t.Errorf("wallet: %+v, %v", w, err)
	}
	if w, err := c.Fund(ctx); err != nil || w.Deposited != market.Units(20) {
		t.Errorf("fund: %+v, %v", w, err)
	}
	if b, err := c.Bill(ctx, "x"); err != nil || b.Rows[0].Job != "x" {
		t.Errorf("bill: %+v, %v", b, err)
	}
	if err := c.Settle(ctx); err != nil {
		t.Errorf("settle: %v", err)
	}
	if p, err := c.ProviderStatus(ctx); err != nil || !p.Selling {
		t.Errorf("provider: %+v, %v", p, err)
	}
	if err := c.SetPrice(ctx, market.Price{Core: market.Atto(9)}); err != nil || d.price.Core != market.Atto(9) {
		t.Errorf("price: %v, got %+v", err, d.price)
	}
}

func TestErrorsComeBackAsTheSameSentinel(t *testing.T) {
	d := &double{}
	c, _ := serve(t, d, nil)
	for _, want := range []error{
		node.ErrNoOffer, node.ErrLimit, node.ErrNoNetwork, node.ErrProviderLost, node.ErrTime,
		node.ErrBadRequest, node.ErrNotFound, node.ErrConflict,
	} {
		d.err = fmt.Errorf("submit: %w: because", want)
		d.tarErr = d.err
		calls := map[string]error{}
		_, calls["submit"] = c.SubmitJob(t.Context(), market.Job{Image: "x"}, node.RunOptions{})
		calls["watch"] = c.WatchJob(t.Context(), "x", func(node.JobView) error { return nil })
		calls["settle"] = c.Settle(t.Context())
		calls["output"] = c.JobOutput(t.Context(), "x", "/o", &bytes.Buffer{})
		for name, got := range calls {
			if !errors.Is(got, want) || got.Error() != d.err.Error() {
				t.Errorf("%s: %v, want %v", name, got, d.err)
			}
		}
	}
	d.err = errors.New("the disk is full")
	if err := c.Settle(t.Context()); err == nil || err.Error() != "the disk is full" || errors.Is(err, node.ErrConflict) {
		t.Errorf("an error without a sentinel: %v", err)
	}
	d.err = fmt.Errorf("%w: cpus must be more than 0", market.ErrInvalid)
	if err := c.Settle(t.Context()); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("an invalid value: %v", err)
	}
}

func TestErrorsInTheMiddleOfAStream(t *testing.T) {
	d := &double{err: fmt.Errorf("%w: fr-2", node.ErrProviderLost), watch: []node.JobView{view}}
	c, _ := serve(t, d, nil)
	n := 0
	err := c.WatchJob(t.Context(), "x", func(node.JobView) error { n++; return nil })
	if n != 1 || !errors.Is(err, node.ErrProviderLost) {
		t.Errorf("watch: %v after %d", err, n)
	}
	d.tar, d.tarErr = []byte("some"), d.err
	var out bytes.Buffer
	if err := c.JobOutput(t.Context(), "x", "/o", &out); !errors.Is(err, node.ErrProviderLost) || out.String() != "some" {
		t.Errorf("output: %v after %q", err, out.String())
	}
	own := errors.New("enough")
	if err := c.WatchJob(t.Context(), "x", func(node.JobView) error { return own }); err != own {
		t.Errorf("the caller's own error came back as %v", err)
	}
}

func TestLogs(t *testing.T) {
	at := time.Unix(1_800_000_000, 123).UTC()
	d := &double{logs: []runtime.LogRecord{
		{Seq: 0, Time: at, Stream: runtime.Stdout, Data: []byte{'a', 0, 255, '\n'}},
		{Seq: 100, Time: at, Stream: runtime.Stderr, Data: []byte("b\n"), Dropped: 96},
	}}
	c, _ := serve(t, d, nil)
	var got []runtime.LogRecord
	f := func(r runtime.LogRecord) error { got = append(got, r); return nil }
	if err := c.JobLogs(t.Context(), "x", 0, false, f); err != nil || !reflect.DeepEqual(got, d.logs) {
		t.Errorf("%v: %+v", err, got)
	}
	got = nil
	if err := c.JobLogs(t.Context(), "x", 50, false, f); err != nil || len(got) != 1 || got[0].Seq != 100 {
		t.Errorf("from 50: %v: %+v", err, got)
	}
}

// A log larger than every buffer on the way comes through whole, and the
// reader's leaving ends the writer.
func TestLogFlood(t *testing.T) {
	const records = 800
	d := &double{flood: records}
	c, _ := serve(t, d, nil)
	total := 0
	if err := c.JobLogs(t.Context(), "x", 0, false, func(r runtime.LogRecord) error { total += len(r.Data); return nil }); err != nil {
		t.Fatal(err)
	}
	if total != records*32<<10 {
		t.Errorf("%d bytes came", total)
	}
	own := errors.New("enough")
	if err := c.JobLogs(t.Context(), "x", 0, false, func(runtime.LogRecord) error { return own }); err != own {
		t.Errorf("got %v", err)
	}
}

// A client that goes away ends what the node does for it.
func TestLeaving(t *testing.T) {
	for _, what := range []string{"wait", "logs"} {
		d := &double{began: make(chan struct{}), ended: make(chan struct{})}
		c, _ := serve(t, d, nil)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() {
			if what == "wait" {
				_, err := c.WaitJob(ctx, "x")
				result <- err
				return
			}
			result <- c.JobLogs(ctx, "x", 0, true, func(runtime.LogRecord) error { return nil })
		}()
		<-d.began
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
		<-d.ended
	}
}

func TestNodeGoesAwayMeanwhile(t *testing.T) {
	d := &double{began: make(chan struct{}), ended: make(chan struct{})}
	path := filepath.Join(t.TempDir(), "api.sock")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, d, path, cancel) }()
	c := api.NewClient(path)
	defer c.Close()
	await(t, func() bool { _, err := c.Status(t.Context()); return err == nil })
	result := make(chan error, 1)
	go func() {
		result <- c.JobLogs(t.Context(), "x", 0, true, func(runtime.LogRecord) error { return nil })
	}()
	<-d.began
	if err := c.Stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
	<-d.ended
	if err := <-result; !errors.Is(err, node.ErrNoNetwork) {
		t.Errorf("a cut stream: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stayed: %v", err)
	}
	if _, err := c.Status(t.Context()); !errors.Is(err, node.ErrNoNetwork) || !strings.Contains(err.Error(), "etal node start") {
		t.Errorf("without a node: %v", err)
	}
}

func TestBadRequests(t *testing.T) {
	d := &double{}
	c, path := serve(t, d, nil)
	for name, err := range map[string]error{
		"no such job":   second(c.Job(t.Context(), "other")),
		"a path":        second(c.Job(t.Context(), "../status")),
		"an empty name": c.RemoveJob(t.Context(), ""),
	} {
		if !errors.Is(err, node.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.JobLogs(t.Context(), "x", -1, false, nil); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("a negative position: %v", err)
	}
	if err := c.JobOutput(t.Context(), "x", "", &bytes.Buffer{}); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("no path: %v", err)
	}
	if _, err := c.StopJob(t.Context(), "x", -1); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("a negative grace: %v", err)
	}
	if err := c.Stop(t.Context()); !errors.Is(err, node.ErrConflict) {
		t.Errorf("a node that cannot be stopped: %v", err)
	}
	huge := market.Job{Image: "x", Args: []string{strings.Repeat("a", 2<<20)}}
	if _, err := c.SubmitJob(t.Context(), huge, node.RunOptions{}); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("a job of 2 MiB: %v", err)
	}

	raw := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}
	for _, body := range []string{"", "{", "[]", `{"job":{}}`, `{"job":{"image":"x","nonsense":1}}`, `{"job":{"image":"x","request":{"budget":"-1"}}}`} {
		resp, err := raw.Post("http://etal/v1/jobs", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		_, _ = b.ReadFrom(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode/100 != 4 || !strings.Contains(b.String(), `"code":"bad_request"`) {
			t.Errorf("%s: %s %s", body, resp.Status, b.String())
		}
	}
	resp, err := raw.Get("http://etal/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the document: %s", resp.Status)
	}
}

func second[T any](_ T, err error) error { return err }
