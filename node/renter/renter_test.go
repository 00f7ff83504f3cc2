package renter_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/etal-cloud/etal/runtime"
)

func TestAJobIsPaidForWhatItRan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	time.Sleep(2500 * time.Millisecond)
	s.exit(7)
	v := w.wait("one")
	a := v.Attempts[0]
	if v.ExitBy != "job" || v.Code != 7 || v.Exit == nil || *v.Exit != 7 || !a.Receipt || s.count("settle") != 1 {
		t.Errorf("%+v", v)
	}
	if a.Promised.Int64() != a.Usage.DeliveredMS || s.paid(a.ID) != a.Usage.DeliveredMS || a.Usage.DeliveredMS < 2400 {
		t.Errorf("delivered %d ms, promised %s, the provider has %d", a.Usage.DeliveredMS, a.Promised, s.paid(a.ID))
	}
	if _, pending := w.r.FreeAndPending(); !pending.IsZero() {
		t.Errorf("%s is still pending", pending)
	}
	if w.town.receipts != 1 || w.r.OpenLeases() != 0 {
		t.Errorf("%d receipts, %d open leases", w.town.receipts, w.r.OpenLeases())
	}
}

func TestLyingAccepts(t *testing.T) {
	t.Parallel()
	for what, lie := range map[string]func(w *world, a *marketpb.Accept){
		"a higher price":  func(_ *world, a *marketpb.Accept) { a.Terms.Price.Core = append([]byte{1}, a.Terms.Price.Core...) },
		"a longer term":   func(_ *world, a *marketpb.Accept) { a.Terms.TermS++ },
		"more cores":      func(_ *world, a *marketpb.Accept) { a.Terms.Resources.MilliCpu *= 2 },
		"another tier":    func(_ *world, a *marketpb.Accept) { a.Terms.Tier = "native" },
		"another renter":  func(_ *world, a *marketpb.Accept) { a.Terms.Renter[0]++ },
		"another signer":  func(_ *world, a *marketpb.Accept) { a.Terms.ProviderSigner[0]++ },
		"another network": func(_ *world, a *marketpb.Accept) { a.Terms.Network[0]++ },
		"an old lease":    func(_ *world, a *marketpb.Accept) { a.Terms.AcceptedS -= 3600 },
		"a forged bind":   func(_ *world, a *marketpb.Accept) { a.Bind.Signer[0]++; a.Terms.ProviderSigner[0]++ },
		"a long window":   func(_ *world, a *marketpb.Accept) { a.CloseWindowS = 30 * 86400 },
		"somebody's bind": func(w *world, a *marketpb.Accept) {
			other := newNotary(w.t, notary.Limits{})
			b, err := other.Bind(time.Now(), time.Now().Add(time.Hour))
			if err != nil {
				w.t.Error(err)
			}
			a.Bind = b.Proto()
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, notary.Limits{}, "fr-1")
			s := w.seller("fr-1")
			s.accept = func(a *marketpb.Accept) { lie(w, a) }
			w.submit(job("one"), renter.Options{})
			v := w.wait("one")
			if v.Code != 120 || v.ExitBy != "etal" || len(v.Attempts) != 0 {
				t.Errorf("%d %s, %d attempts", v.Code, v.Reason, len(v.Attempts))
			}
			if n := w.r.Channels(); len(n) != 0 {
				t.Errorf("%d channels were signed", len(n))
			}
		})
	}
}

func TestALiarIsNotPaidBeyondWhatCanBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	s := w.seller("fr-1")
	s.status = func(st *marketpb.JobStatus) { st.DeliveredMs = 500_000 }
	s.receipt = func(r *market.Receipt) {
		r.Usage.DeliveredMS = 500_000
		r.CostUnits = big.NewInt(500_000)
	}
	began := time.Now()
	w.submit(job("one"), renter.Options{})
	w.running("one")
	time.Sleep(1500 * time.Millisecond)
	s.exit(0)
	v := w.wait("one")
	most := time.Since(began).Milliseconds() + 1000
	a := v.Attempts[0]
	if a.Receipt || a.Promised.Int64() > most || s.paid(a.ID) > most || a.Usage.DeliveredMS > most {
		t.Errorf("promised %s for %d ms, receipt %v; at most %d can be", a.Promised, a.Usage.DeliveredMS, a.Receipt, most)
	}
}

func TestBadReceiptsAreNotSigned(t *testing.T) {
	t.Parallel()
	for what, lie := range map[string]func(*market.Receipt){
		"a wrong cost":    func(r *market.Receipt) { r.CostUnits.Add(r.CostUnits, big.NewInt(1)) },
		"another lease":   func(r *market.Receipt) { r.Lease[0]++ },
		"another network": func(r *market.Receipt) { r.Network[0]++ },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, notary.Limits{}, "fr-1")
			w.seller("fr-1").receipt = lie
			w.submit(job("one"), renter.Options{})
			_, s := w.running("one")
			s.exit(3)
			if v := w.wait("one"); v.Attempts[0].Receipt || s.count("settle") != 0 || v.Code != 3 {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestASilentProviderIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	w.submit(job("one"), renter.Options{})
	v, first := w.running("one")
	lost := v.Attempts[0].ID
	first.hush()
	w.until("another attempt", func() bool { v, _ = w.r.Job("one"); return len(v.Attempts) == 2 })
	_, second := w.running("one")
	if second == first {
		t.Fatal("it went back to the lost provider")
	}
	second.exit(5)
	v = w.wait("one")
	if v.Code != 5 || v.ExitBy != "job" || v.Attempts[0].Alloc != market.AllocLost {
		t.Errorf("%d by %s; %+v", v.Code, v.ExitBy, v.Attempts[0])
	}
	paid := first.paid(lost)
	// When it comes back it is told to stop, and gets what is due until it fell silent.
	first.speak()
	w.until("the lost one to be told", func() bool {
		w.advance(time.Second) // so that the next try is due
		return w.r.OpenLeases() == 0 && first.count("stop") > 0
	})
	if more := first.paid(lost) - paid; more > 4000 {
		t.Errorf("it was paid for %d ms after it fell silent", more)
	}
}

func TestLostForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	s.hush()
	if v := w.wait("one"); v.Code != 123 || v.ExitBy != "etal" {
		t.Errorf("%d by %s: %s", v.Code, v.ExitBy, v.Reason)
	}
}

// The answer to a commit is lost: the lease may be there, so its provider is told.
func TestALostCommitIsEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	for _, s := range w.town.sellers {
		once := sync.OnceValue(func() error { return errors.New("stream was cut off") })
		first := true
		s.commit = func(*marketpb.Committed) error {
			if s.name == "fr-1" && first {
				first = false
				return once()
			}
			return nil
		}
	}
	j := job("one")
	j.Request.Providers = []string{"fr-1"}
	w.submit(j, renter.Options{})
	if v := w.wait("one"); v.Code != 125 || !strings.Contains(v.Reason, "fr-1") {
		t.Errorf("%d: %s", v.Code, v.Reason)
	}
	s := w.seller("fr-1")
	w.until("the lease to be ended", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, l := range s.leases {
			return l.ended
		}
		return false
	})
	w.until("that to be known", func() bool { return w.r.OpenLeases() == 0 })
}

func TestStopInEveryPhase(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for phase, prepare := range map[string]func(*seller){
		renter.PhaseMatch: func(s *seller) { s.hush() },
		renter.PhaseLease: func(s *seller) {
			s.commit = func(*marketpb.Committed) error { s.hush(); return nil }
		},
		renter.PhasePull: func(s *seller) { s.start = hang },
		renter.PhaseRun:  func(*seller) {},
	} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, notary.Limits{}, "fr-1")
			s := w.seller("fr-1")
			prepare(s)
			w.submit(job("one"), renter.Options{})
			w.until(phase, func() bool { v, _ := w.r.Job("one"); return v.Phase == phase })
			if err := w.r.Stop("one", 0); err != nil {
				t.Fatal(err)
			}
			asked := time.Now()
			v := w.wait("one")
			// Every wait that could stand in its way is longer than that.
			if took := time.Since(asked); took > 4*time.Second {
				t.Errorf("it took %s", took)
			}
			if phase == renter.PhaseRun {
				if v.Code != 143 || v.ExitBy != "job" {
					t.Errorf("%d by %s: %s", v.Code, v.ExitBy, v.Reason)
				}
				return
			}
			if v.Code != 125 || v.ExitBy != "etal" || !strings.Contains(v.Reason, "nothing was paid") {
				t.Errorf("%d by %s: %s", v.Code, v.ExitBy, v.Reason)
			}
			s.speak()
			w.until("the provider to be told", func() bool { w.advance(5 * time.Second); return w.r.OpenLeases() == 0 })
		})
	}
}

// A stop that does not get through is asked for again.
func TestAStopIsInsistedUpon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	s.mu.Lock()
	s.dead = true
	s.mu.Unlock()
	if err := w.r.Stop("one", time.Second); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	s.mu.Lock()
	s.dead = false
	s.mu.Unlock()
	if v := w.wait("one"); v.Code != 143 || v.ExitBy != "job" {
		t.Errorf("%d by %s: %s", v.Code, v.ExitBy, v.Reason)
	}
}

// Three jobs at once find a provider each, although providers hold for an account
// once at a time.
func TestManyJobsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2", "fr-3")
	for _, s := range w.town.sellers {
		s.capacity = 1
		s.commit = func(*marketpb.Committed) error { time.Sleep(50 * time.Millisecond); return nil }
	}
	w.submit(job("warm-up"), renter.Options{}) // so that Run takes jobs
	_, warm := w.running("warm-up")
	warm.exit(0)
	w.wait("warm-up")
	var wg sync.WaitGroup
	names := []string{"a", "b", "c"}
	for _, name := range names {
		wg.Go(func() {
			if _, err := w.r.Submit(t.Context(), job(name), renter.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	used := map[string]bool{}
	for _, name := range names {
		_, s := w.running(name)
		used[s.name] = true
	}
	if len(used) != 3 {
		t.Errorf("used %v", used)
	}
	for _, s := range w.town.sellers {
		if n := s.count("busy"); n > 0 {
			t.Errorf("%s was asked to hold twice at once: %d times", s.name, n)
		}
		s.exit(0)
	}
	for _, name := range names {
		w.wait(name)
	}
}

func TestOvercommitment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2", "fr-3")
	w.purse.deposit = 1_300_000 // two jobs of 600,000 and a bit
	for _, name := range []string{"a", "b"} {
		w.submit(job(name), renter.Options{})
		w.running(name)
	}
	if free, pending := w.r.FreeAndPending(); free.Int64() != 100_000 || pending.IsZero() {
		t.Errorf("%s free, %s pending", free, pending)
	}
	_, err := w.trySubmit(job("c"), renter.Options{})
	is(t, "a third", err, renter.ErrFunds)
	for _, s := range w.town.sellers {
		s.exit(0)
	}
}

// Jobs that were all taken on while there was money for one of them.
func TestOvercommitmentAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2", "fr-3")
	w.purse.deposit = 1_300_000
	var taken []string
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, err := w.trySubmit(job(name), renter.Options{}); err == nil {
			taken = append(taken, name)
		} else if !errors.Is(err, renter.ErrFunds) {
			t.Error(err)
		}
	}
	running, refused := 0, 4-len(taken)
	for _, name := range taken {
		w.until("an end or a run", func() bool {
			v, err := w.r.Job(name)
			return err == nil && (v.Done() || v.Phase == renter.PhaseRun)
		})
		if v, _ := w.r.Job(name); !v.Done() {
			running++
		} else if v.Code == 121 {
			refused++
		}
	}
	if running != 2 || refused != 2 {
		t.Errorf("%d run, %d were refused", running, refused)
	}
	total := new(big.Int)
	for _, c := range w.r.Channels() {
		total.Add(total, c.Amount)
	}
	if total.Int64() > 1_300_000 {
		t.Errorf("%s units were signed away of 1,300,000", total)
	}
	for _, s := range w.town.sellers {
		s.exit(0)
	}
}

func TestTheDaysLimitCountsWhatRuns(t *testing.T) {
	t.Parallel()
	limit := market.Atto(700_000 * 1_000_000_000_000)
	w := newWorld(t, notary.Limits{PerDay: limit}, "fr-1")
	w.submit(job("a"), renter.Options{})
	_, s := w.running("a")
	_, err := w.trySubmit(job("b"), renter.Options{})
	is(t, "a second, beyond the day's limit", err, notary.ErrLimit)
	s.exit(0)
	w.wait("a")
	w.submit(job("b"), renter.Options{})
	w.running("b")
	s.exit(0)
}

// At whatever point the machine stops, no voucher is ever followed by a lower one.
func TestNoVoucherIsEverLowered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	var mu sync.Mutex
	var seen []*marketpb.Voucher
	cut := make(chan struct{}, 64)
	look := func(v *marketpb.Voucher) {
		mu.Lock()
		defer mu.Unlock()
		// What is sent was saved before.
		w.store.mu.Lock()
		saved := false
		for _, save := range w.store.log {
			for k, raw := range save {
				var c struct{ Voucher []byte }
				if strings.HasPrefix(k, "channel/") && json.Unmarshal(raw, &c) == nil {
					saved = saved || strings.Contains(string(c.Voucher), string(v.Sig))
				}
			}
		}
		w.store.mu.Unlock()
		if !saved {
			t.Error("a voucher was sent that was not saved")
		}
		seen = append(seen, v)
		select {
		case cut <- struct{}{}:
		default:
		}
	}
	s.change(func() { s.voucher = look })
	for range 4 {
		<-cut
		w.stop() // between that voucher and whatever would have followed
		w.run()
	}
	<-cut
	s.exit(0)
	v := w.wait("one")
	mu.Lock()
	defer mu.Unlock()
	for i := 1; i < len(seen); i++ {
		if err := w.cfg.Notary.Follows(seen[i-1], seen[i]); err != nil {
			t.Errorf("voucher %d: %v", i, err)
		}
	}
	if s.count("lower") > 0 || !v.Attempts[0].Receipt || s.paid(v.Attempts[0].ID) != v.Attempts[0].Usage.DeliveredMS {
		t.Errorf("%d lower ones; %+v", s.count("lower"), v.Attempts[0])
	}
}

func TestRestartBeforeTheJobRan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	hang := make(chan struct{})
	for _, s := range w.town.sellers {
		s.start = func(ctx context.Context) error {
			select {
			case <-hang:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	w.submit(job("one"), renter.Options{})
	w.until("the sending", func() bool { v, _ := w.r.Job("one"); return v.Phase == renter.PhasePull })
	w.stop()
	close(hang)
	w.run()
	w.until("another attempt", func() bool { v, _ := w.r.Job("one"); return len(v.Attempts) == 2 && v.Attempts[1].Ran })
	v, _ := w.r.Job("one")
	if v.Attempts[0].Alloc != market.AllocFailed || v.Attempts[0].Promised.Sign() != 0 {
		t.Errorf("%+v", v.Attempts[0])
	}
	w.until("the first to be let go of", func() bool { return w.r.OpenLeases() == 0 })
	for _, s := range w.town.sellers {
		s.exit(0)
	}
	if v := w.wait("one"); v.Code != 0 || v.ExitBy != "job" {
		t.Errorf("%d: %s", v.Code, v.Reason)
	}
}

func TestAFailedStartIsTriedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	for _, s := range w.town.sellers {
		s.start = func(context.Context) error { return runtime.ErrUnavailable }
	}
	w.submit(job("one"), renter.Options{})
	v := w.wait("one")
	if v.Code != 125 || len(v.Attempts) != 2 || !strings.Contains(v.Reason, "engine unavailable") {
		t.Errorf("%d after %d attempts: %s", v.Code, len(v.Attempts), v.Reason)
	}
}

// What fails on this machine would fail anywhere.
func TestOwnFilesAreTriedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	w.stop()
	w.cfg.Archive = func(_ context.Context, _ string, out io.Writer) error { return errors.New("the file changed") }
	w.run()
	j := job("one")
	j.Inputs = []market.Transfer{{Local: "/tmp/in", Path: "/in"}}
	w.submit(j, renter.Options{})
	v := w.wait("one")
	if v.Code != 125 || len(v.Attempts) != 1 || !strings.Contains(v.Reason, "the file changed") {
		t.Errorf("%d after %d attempts: %s", v.Code, len(v.Attempts), v.Reason)
	}
	j = job("two")
	j.Image = "no image"
	_, err := w.trySubmit(j, renter.Options{})
	is(t, "no image", err, runtime.ErrImage)
}

func TestAProviderThatDoesNotEndInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	w.advance(12 * time.Minute)
	v := w.wait("one")
	if v.Code != 124 || v.ExitBy != "etal" || v.Attempts[0].Usage.DeliveredMS > 600_000 {
		t.Errorf("%d: %s", v.Code, v.Reason)
	}
	w.until("it to be stopped", func() bool { w.advance(time.Second); return s.count("stop") > 0 })
}

// exits says how the code of a job that its provider stopped comes about.
func TestWhyAProviderStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	s.mu.Lock()
	for _, l := range s.leases {
		l.end(market.AllocStopped, 143)
	}
	s.mu.Unlock()
	if v := w.wait("one"); v.Code != 123 || v.ExitBy != "etal" {
		t.Errorf("stopped for no reason: %d by %s: %s", v.Code, v.ExitBy, v.Reason)
	}
	w.submit(job("two"), renter.Options{})
	_, s = w.running("two")
	w.advance(10 * time.Minute)
	s.mu.Lock()
	for _, l := range s.leases {
		l.end(market.AllocStopped, 143)
	}
	s.mu.Unlock()
	if v := w.wait("two"); v.Code != 124 || v.ExitBy != "etal" {
		t.Errorf("at the end of its time: %d by %s: %s", v.Code, v.ExitBy, v.Reason)
	}
}

func TestNonsenseInAStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	s.mu.Lock()
	s.status = func(st *marketpb.JobStatus) { st.Ended = true } // and running
	s.mu.Unlock()
	w.until("another attempt", func() bool { v, _ := w.r.Job("one"); return len(v.Attempts) == 2 })
	_, second := w.running("one")
	second.exit(0)
	s.exit(0)
	if v := w.wait("one"); v.Code != 0 || v.Attempts[0].Alloc != market.AllocLost {
		t.Errorf("%d: %+v", v.Code, v.Attempts[0])
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1", "fr-2")
	w.submit(job("one"), renter.Options{})
	_, first := w.running("one")
	var mu sync.Mutex
	got := ""
	read := make(chan error, 1)
	go func() {
		read <- w.r.Logs(t.Context(), "one", 0, true, func(r runtime.LogRecord) error {
			mu.Lock()
			defer mu.Unlock()
			got += string(r.Data)
			return nil
		})
	}()
	text := func() string { mu.Lock(); defer mu.Unlock(); return got }
	w.until("the first line", func() bool { return text() == "begun\n" })
	// The provider vanishes without a word: the log goes on with the next one.
	first.hush()
	w.until("the second line", func() bool { return text() == "begun\nbegun\n" })
	_, second := w.running("one")
	second.exit(0)
	if err := <-read; err != nil {
		t.Error(err)
	}
	w.wait("one")
	// An error of the reader's is the reader's.
	mine := errors.New("mine")
	is(t, "the reader's error", w.r.Logs(t.Context(), "one", 0, false, func(runtime.LogRecord) error { return mine }), mine)
	is(t, "no such job", w.r.Logs(t.Context(), "none", 0, true, nil), renter.ErrNotFound)
}

func TestOutputsAreBrought(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.stop()
	var brought string
	w.cfg.Extract = func(_ context.Context, r io.Reader, dir string) error {
		b, err := io.ReadAll(r)
		brought = dir + ":" + string(b)
		return err
	}
	w.run()
	j := job("one")
	j.Outputs = []market.Transfer{{Local: "/tmp/out", Path: "/p"}, {Path: "/q"}}
	w.submit(j, renter.Options{})
	_, s := w.running("one")
	s.exit(0)
	if v := w.wait("one"); v.Code != 0 || v.Reason != "" || brought != "/tmp/out:output" {
		t.Errorf("%d %s: %s", v.Code, v.Reason, brought)
	}
}

func TestPriceChangedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.stop()
	s := w.seller("fr-1")
	stale := &lagging{town: w.town, old: price}
	s.offered.Core = market.Atto(1_800_000 * 1_000_000_000_000)
	w.cfg.Book = stale
	w.run()
	w.submit(job("one"), renter.Options{})
	v, _ := w.running("one")
	if v.Attempts[0].Lease.Price != s.offered {
		t.Errorf("leased at %v", v.Attempts[0].Lease.Price)
	}
	s.exit(0)
	w.wait("one")
}

// What may be otherwise in a moment is asked for again, what will not is not.
func TestWhatIsAskedAgain(t *testing.T) {
	t.Parallel()
	for code, again := range map[market.RejectCode]bool{
		market.RejectBusy: true, market.RejectFunds: true, market.RejectCapacity: false, market.RejectClosed: false, market.RejectInvalid: false,
	} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, notary.Limits{}, "fr-1")
			s := w.seller("fr-1")
			s.change(func() { s.refuse = []market.RejectCode{code, code, code} })
			w.submit(job("one"), renter.Options{})
			if again {
				w.running("one")
				s.exit(0)
			}
			if v := w.wait("one"); again && v.Code != 0 || !again && v.Code != 120 {
				t.Errorf("%d: %s", v.Code, v.Reason)
			}
		})
	}
}

// lagging is a book that has an old price until it is asked for the third time.
type lagging struct {
	*town
	mu    sync.Mutex // guards the following field
	asked int
	old   market.Price
}

func (l *lagging) Offers() []market.Offer {
	list := l.town.Offers()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked++; l.asked <= 2 {
		for i := range list {
			list[i].Price = l.old
		}
	}
	return list
}

func TestNamesAndRemoval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	for _, name := range []string{"blue-one", "blue-two", "red"} {
		w.submit(job(name), renter.Options{})
	}
	_, err := w.trySubmit(job("red"), renter.Options{})
	is(t, "a name twice", err, renter.ErrExists)
	if v, err := w.r.Job("r"); err != nil || v.Name != "red" {
		t.Errorf("a beginning: %v, %v", v.Name, err)
	}
	_, err = w.r.Job("blue")
	is(t, "two beginnings", err, renter.ErrNotFound)
	_, err = w.r.Job("")
	is(t, "nothing", err, renter.ErrNotFound)
	_, err = w.r.Job("redder")
	is(t, "more than a name", err, renter.ErrNotFound)
	is(t, "removing a running job", w.r.Remove("red"), renter.ErrRunning)
	for _, name := range []string{"blue-one", "blue-two", "red"} {
		w.running(name)
	}
	w.seller("fr-1").exit(0)
	w.wait("red")
	if err := w.r.Remove("red"); err != nil {
		t.Fatal(err)
	}
	_, err = w.r.Job("red")
	is(t, "a removed job", err, renter.ErrNotFound)
	is(t, "removing it again", w.r.Remove("red"), renter.ErrNotFound)
	if n := len(w.r.Jobs(true)); n != 3 {
		t.Errorf("%d jobs are on the bill", n)
	}
	w.wait("blue-one")
	w.wait("blue-two")
	w.stop()
	w.run()
	if all, shown := len(w.r.Jobs(true)), len(w.r.Jobs(false)); all != 3 || shown != 2 {
		t.Errorf("after a restart %d jobs, %d shown", all, shown)
	}
	// One that removes itself can be asked for a while how it ended.
	w.submit(job("green"), renter.Options{Remove: true})
	w.running("green")
	w.seller("fr-1").exit(4)
	w.until("its removal", func() bool { return len(w.r.Jobs(false)) == 2 })
	if v, err := w.r.Wait(t.Context(), "green"); err != nil || v.Code != 4 {
		t.Errorf("a job that removed itself: %d, %v", v.Code, err)
	}
	// The bill is kept for a month, once no channel can move any more.
	w.advance(31 * 24 * time.Hour)
	w.r.Sweep()
	if n := len(w.r.Jobs(true)); n != 2 {
		t.Errorf("%d jobs are kept after a month", n)
	}
	_, err = w.r.Job("green")
	is(t, "long after", err, renter.ErrNotFound)
}

func TestBadSubmissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	for what, change := range map[string]func(*market.Job, *renter.Options){
		"negative time":   func(j *market.Job, _ *renter.Options) { j.Request.Term = -time.Second },
		"negative memory": func(j *market.Job, _ *renter.Options) { j.Request.Resources.Memory = -1 },
		"a long prepay":   func(_ *market.Job, o *renter.Options) { o.Prepay = time.Hour },
		"a bad name":      func(j *market.Job, _ *renter.Options) { j.Name = "Not A Name" },
	} {
		j, o := job("one"), renter.Options{}
		change(&j, &o)
		_, err := w.trySubmit(j, o)
		is(t, what, err, market.ErrInvalid)
	}
	j := job("one")
	j.Request.MaxPerHour = market.Atto(1)
	_, err := w.trySubmit(j, renter.Options{})
	is(t, "too cheap", err, renter.ErrNoOffer)
	if len(w.r.Jobs(true)) != 0 {
		t.Error("a refused job was kept")
	}
}

func TestPrepayIsPromisedAndNotOwed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{Prepay: 5 * time.Minute})
	v, s := w.running("one")
	w.until("the prepayment", func() bool { return s.paid(v.Attempts[0].ID) >= 300_000 })
	s.exit(0)
	a := w.wait("one").Attempts[0]
	if !a.Receipt || a.Promised.Int64() < 300_000 || a.Owed().Int64() != a.Usage.DeliveredMS {
		t.Errorf("promised %s, owed %s for %d ms", a.Promised, a.Owed(), a.Usage.DeliveredMS)
	}
}

func TestChannelsAreFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, notary.Limits{}, "fr-1")
	w.submit(job("one"), renter.Options{})
	_, s := w.running("one")
	s.exit(0)
	v := w.wait("one")
	ch := v.Attempts[0].Lease.Channel
	show := func(change func(*renter.ChannelState)) {
		w.purse.mu.Lock()
		defer w.purse.mu.Unlock()
		st := renter.ChannelState{Amount: big.NewInt(4 * 600_000), Redeemed: new(big.Int)}
		change(&st)
		w.purse.channels[ch] = st
	}
	show(func(*renter.ChannelState) {})
	// A channel has room for a few such leases, but not for this one.
	long := job("two")
	long.Request.Term = 50 * time.Minute
	w.submit(long, renter.Options{})
	v, _ = w.running("two")
	s.exit(0)
	w.wait("two")
	if v.Attempts[0].Lease.Channel == ch {
		t.Error("a channel was used that does not hold enough any more")
	}
	short := job("three")
	short.Request.Term = time.Minute
	w.submit(short, renter.Options{})
	v, _ = w.running("three")
	s.exit(0)
	w.wait("three")
	if v.Attempts[0].Lease.Channel != ch {
		t.Error("the open channel was not used")
	}
	// A provider that never closes it is gone: we close it ourselves.
	w.advance(3 * time.Hour)
	w.r.Sweep()
	w.purse.mu.Lock()
	started := w.purse.started
	w.purse.mu.Unlock()
	if started == 0 {
		t.Error("the channel of a provider that is gone is not closed")
	}
	show(func(st *renter.ChannelState) { st.Closed = true })
	w.r.Sweep()
	if open, err := w.r.CloseIdle(t.Context()); err != nil || open != 0 {
		t.Errorf("%d open, %v", open, err)
	}
}
