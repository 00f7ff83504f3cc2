package node_test

import (
	"context"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/chain/chaintest"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime/runtimetest"
	"github.com/ethereum/go-ethereum/common"
)

// sum is all the tokens of some accounts and of the contract, read by a client
// that knows nothing of etal.
func (n *testNet) sum(of ...market.Account) *big.Int {
	s := n.chain.Tokens(n.t, n.chain.Info().Contract)
	for _, a := range of {
		s = new(big.Int).Add(s, n.chain.Tokens(n.t, common.Address(a)))
	}
	return s
}

func account(t *testing.T, m *member) market.Account {
	t.Helper()
	st, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.Account
}

func TestOneJobSoldRunAndPaid(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	p := n.provider("fr-1", 2000)
	r := n.renter("renter", 1)
	pa, ra := account(t, p), account(t, r)
	before := n.sum(pa, ra)

	j, err := r.Submit(t.Context(), job("print", "hello", ";", "warn", "oops", ";", "sleep", "1500ms", ";", "exit", "7"))
	if err != nil {
		t.Fatal(err)
	}
	code, err := j.Wait(t.Context())
	if err != nil || code != 7 {
		t.Fatalf("Wait = %d, %v; want 7", code, err)
	}
	out, errs := logOf(t, r, j.Name())
	if out != "hello\n" || errs != "oops\n" {
		t.Errorf("stdout %q, stderr %q", out, errs)
	}
	v, err := j.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.ExitBy != "job" || v.DeliveredMS < 1400 || v.DeliveredMS > 2600 || !v.Settled {
		t.Errorf("exit by %q, delivered %d ms, settled %v", v.ExitBy, v.DeliveredMS, v.Settled)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	b, err := r.Bill(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Rows) != 1 || len(b.Settled) != 1 {
		t.Fatalf("bill has %d rows and %d payments: %+v", len(b.Rows), len(b.Settled), b)
	}
	row, paid := b.Rows[0], b.Settled[0]
	if row.PaidUnits != paid.PaidUnits || paid.PaidUnits == "0" || paid.Account != pa || !row.Receipt {
		t.Errorf("row %+v\npayment %+v", row, paid)
	}
	// The provider has exactly that much more; everything else is with the renter.
	want, _ := new(big.Int).SetString(paid.PaidUnits, 10)
	got := new(big.Int).Sub(n.chain.Tokens(t, common.Address(pa)), big.NewInt(1000*chaintest.Test))
	if got.Cmp(want) != 0 {
		t.Errorf("the provider got %s units, the bill says %s", got, want)
	}
	rest := new(big.Int).Sub(big.NewInt(1000*chaintest.Test), want)
	if have := n.chain.Deposited(t, common.Address(ra)); have.Cmp(rest) != 0 {
		t.Errorf("the renter's deposit is %s, want %s", have, rest)
	}
	if after := n.sum(pa, ra); after.Cmp(before) != 0 {
		t.Errorf("the sum of balances was %s and is %s", before, after)
	}
	if _, err := n.chain.Eth.TransactionReceipt(t.Context(), common.HexToHash(paid.Tx)); err != nil {
		t.Errorf("payment %s: %v", paid.Tx, err)
	}
}

func TestOnlySlotIsSoldOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.provider("fr-1", 1000)
	a, b := n.renter("anna", 1), n.renter("bert", 1)
	type result struct {
		name string
		took time.Duration
		v    node.JobView
	}
	results := make(chan result, 2)
	for _, m := range []*member{a, b} {
		go func() {
			began := time.Now()
			v, err := m.SubmitJob(t.Context(), job("sleep", "3s"), node.RunOptions{})
			if err == nil {
				err = m.WatchJob(t.Context(), v.Name, func(w node.JobView) error {
					v = w
					if w.State == market.AllocRunning {
						return errDone
					}
					return nil
				})
			}
			if err != nil && !errors.Is(err, errDone) {
				v.Reason = err.Error()
			}
			results <- result{m.cfg.Name, time.Since(began), v}
		}()
	}
	var won, told int
	for range 2 {
		r := <-results
		t.Logf("%s after %s: %s %s %d", r.name, r.took, r.v.State, r.v.Reason, r.v.Code)
		switch {
		case r.v.State == market.AllocRunning:
			won++
		case r.v.Code == 120 || strings.Contains(r.v.Reason, "no offer fits"):
			told++
		}
	}
	if won != 1 || told != 1 {
		t.Fatalf("%d got the slot, %d were told", won, told)
	}
	// The other was told while the first still runs, not when its slot was free again.
	still := 0
	for _, m := range []*member{a, b} {
		list, err := m.Jobs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			if v.State == market.AllocRunning {
				still++
			}
		}
	}
	if still != 1 {
		t.Errorf("%d jobs run when both know", still)
	}
}

// Two accounts that are new to a provider ask at once: it holds for newcomers one
// after the other, and both are served.
func TestNewcomersAtOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.provider("fr-1", 4000)
	members := []*member{n.renter("anna", 1), n.renter("bert", 1), n.renter("carl", 1)}
	var wg sync.WaitGroup
	for _, m := range members {
		wg.Go(func() {
			j, err := m.Submit(t.Context(), job("exit", "4"))
			if err != nil {
				t.Error(err)
				return
			}
			if code, err := j.Wait(t.Context()); err != nil || code != 4 {
				t.Errorf("%s: %d, %v", m.cfg.Name, code, err)
			}
		})
	}
	wg.Wait()
}

// Three jobs at the same time on three providers from one deposit: all run, each
// provider gets what the bill says, and the sum of all balances stays.
func TestThreeJobsAtOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	var accounts []market.Account
	for _, name := range []string{"fr-1", "fr-2", "de-1"} {
		accounts = append(accounts, account(t, n.provider(name, 1000)))
	}
	r := n.renter("renter", 3)
	accounts = append(accounts, account(t, r))
	before := n.sum(accounts...)
	jobs := make([]*node.Job, 3)
	var wg sync.WaitGroup
	for i := range jobs {
		wg.Go(func() {
			j, err := r.Submit(t.Context(), job("sleep", "2500ms", ";", "exit", strconv.Itoa(i)))
			if err != nil {
				t.Error(err)
				return
			}
			jobs[i] = j
			if code, err := j.Wait(t.Context()); err != nil || code != i {
				t.Errorf("job %d: %d, %v", i, code, err)
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	b, err := r.Bill(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Rows) != 3 || len(b.Settled) != 3 {
		t.Fatalf("%d rows and %d payments", len(b.Rows), len(b.Settled))
	}
	rows := map[market.Account]string{}
	for _, row := range b.Rows {
		rows[row.Account] = row.PaidUnits
	}
	for _, paid := range b.Settled {
		if rows[paid.Account] != paid.PaidUnits || paid.PaidUnits == "0" {
			t.Errorf("%s: billed %s, paid %s", paid.Provider, rows[paid.Account], paid.PaidUnits)
		}
	}
	if after := n.sum(accounts...); after.Cmp(before) != 0 {
		t.Errorf("the sum of balances was %s and is %s", before, after)
	}
}

var errDone = errors.New("done")

func TestNothingFits(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.provider("fr-1", 1000)
	r := n.renter("renter", 1)
	j := job("exit", "0")
	j.Request.Resources.MilliCPU = 64_000
	_, err := r.Submit(t.Context(), j)
	if !errors.Is(err, node.ErrNoOffer) || !strings.Contains(err.Error(), "cpus") {
		t.Errorf("64 cores: %v", err)
	}
	j = job("exit", "0")
	j.Request.MaxPerHour, _ = market.ParseAmount("0.0001")
	if _, err := r.Submit(t.Context(), j); !errors.Is(err, node.ErrNoOffer) {
		t.Errorf("too cheap: %v", err)
	}
	j = job("exit", "0")
	j.Request.Term = -time.Second
	if _, err := r.Submit(t.Context(), j); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("negative time: %v", err)
	}
	j = job("exit", "0")
	j.Image = "/does/not/exist.tar"
	if _, err := r.Submit(t.Context(), j); !errors.Is(err, node.ErrBadRequest) {
		t.Errorf("no image: %v", err)
	}
	if list, _ := r.Jobs(t.Context()); len(list) != 0 {
		t.Errorf("refused jobs were kept: %v", list)
	}
}

func TestLimitsAreTheSigners(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.provider("fr-1", 1000)
	r := n.start(node.Config{Name: "careful", Limits: node.Limits{PerLease: market.Atto(1000)}})
	n.until("offers and money", func() bool {
		w, _ := r.Wallet(t.Context())
		o, _ := r.Offers(t.Context(), "")
		return len(o) > 0 && !w.Deposited.IsZero()
	})
	if _, err := r.Submit(t.Context(), job("exit", "0")); !errors.Is(err, node.ErrLimit) {
		t.Errorf("above the limit per lease: %v", err)
	}
}

func TestLostProviderIsReplaced(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	first := n.provider("fr-1", 1000)
	second := n.provider("fr-2", 1000)
	r := n.renter("renter", 2)
	j, err := r.Submit(t.Context(), job("print", "begun", ";", "sleep", "4s", ";", "exit", "3"))
	if err != nil {
		t.Fatal(err)
	}
	var name string
	n.until("the job to run", func() bool {
		v, err := j.View(t.Context())
		name = v.Provider
		return err == nil && v.State == market.AllocRunning && v.DeliveredMS > 500
	})
	victim := first
	if name == "fr-2" {
		victim = second
	}
	victim.stop()
	victim.engine.Shutdown()
	code, err := j.Wait(t.Context())
	if err != nil || code != 3 {
		t.Fatalf("Wait = %d, %v", code, err)
	}
	v, _ := j.View(t.Context())
	if len(v.Leases) != 2 || v.Provider == name || v.Leases[0].End != market.AllocLost {
		t.Errorf("leases %+v", v.Leases)
	}
}

func TestChainAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := newNetwork(t, chaintest.Dir(dir))
	p := n.provider("fr-1", 2000)
	r := n.renter("renter", 1)
	rpc := strings.TrimPrefix(n.chain.RPC(), "http://")
	n.until("the provider to have seen the deposit", func() bool {
		a, err := p.Status(t.Context())
		b, err2 := r.Status(t.Context())
		return err == nil && err2 == nil && a.Chain.Head >= b.Chain.Head
	})
	n.chain.Stop()
	j, err := r.Submit(t.Context(), job("sleep", "1s", ";", "exit", "5"))
	if err != nil {
		t.Fatal(err)
	}
	if code, err := j.Wait(t.Context()); err != nil || code != 5 {
		t.Fatalf("without a chain: %d, %v", code, err)
	}
	n.chain = chaintest.New(t, chaintest.Dir(dir), chaintest.Listen(rpc))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if b, _ := r.Bill(t.Context(), ""); len(b.Settled) != 1 || b.Settled[0].PaidUnits != b.Rows[0].PaidUnits {
		t.Errorf("bill %+v", b)
	}
	_ = p
}

func TestBothGoOnAfterARestart(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	p := n.provider("fr-1", 1000)
	r := n.renter("renter", 1)
	j, err := r.Submit(t.Context(), job("print", "one", ";", "sleep", "6s", ";", "print", "two", ";", "exit", "9"))
	if err != nil {
		t.Fatal(err)
	}
	n.until("the job to run", func() bool {
		v, _ := j.View(t.Context())
		if v.Code != 0 {
			t.Fatalf("the job did not run: %d %s", v.Code, v.Reason)
		}
		return v.State == market.AllocRunning
	})
	r.stop()
	p.stop()
	p.cfg.Engine = p.engine.Reopen()
	p2 := n.start(p.cfg)
	r2 := n.start(r.cfg)
	v, err := r2.WaitJob(t.Context(), j.Name())
	if err != nil || v.Code != 9 || v.ExitBy != "job" {
		t.Fatalf("after the restart: %+v, %v", v, err)
	}
	if out, _ := logOf(t, r2, j.Name()); out != "one\ntwo\n" {
		t.Errorf("log %q", out)
	}
	if len(v.Leases) != 1 || v.DeliveredMS < 5500 || v.DeliveredMS > 8000 {
		t.Errorf("leases %d, delivered %d ms", len(v.Leases), v.DeliveredMS)
	}
	_ = p2
}

// TestSaidCostIsKept shows that a job costs no more than was said before it was
// submitted, also when only a dearer provider is left to run it.
func TestSaidCostIsKept(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	cheap := n.provider("fr-1", 1000)
	fake := runtimetest.NewFake(runtimetest.Config{})
	t.Cleanup(fake.Shutdown)
	price := node.DefaultPrice()
	price.Core = market.Units(1)
	n.start(node.Config{
		Name: "fr-2", Engine: fake,
		Provide: &node.Provide{Region: "fr", Price: price, Resources: market.Resources{MilliCPU: 1000, Memory: 4 << 30, Disk: 32 << 30}},
	})
	r := n.renter("renter", 2)
	q, err := r.Quote(t.Context(), job("exit", "0"))
	if err != nil {
		t.Fatal(err)
	}
	cheap.engine.Unavailable(true) // it offers, leases and cannot run
	v, err := r.SubmitJob(t.Context(), job("sleep", "500ms", ";", "exit", "4"), node.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if v, err = r.WaitJob(t.Context(), v.Name); err != nil || v.Code != 4 {
		t.Fatalf("code %d (%s), %v", v.Code, v.Reason, err)
	}
	if v.Provider != "fr-2" || q.Max.Less(v.Max) {
		t.Errorf("on %s for at most %s, said was %s", v.Provider, v.Max, q.Max)
	}
}
