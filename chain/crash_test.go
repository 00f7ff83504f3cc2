package chain_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
)

var errCrash = errors.New("the power is out")

// mortal is a store that fails for ever after a number of updates that put keys
// of one kind, so that a client dies between two steps. The last update is
// either done or not.
type mortal struct {
	chain.Store
	prefix string // of the keys that count
	last   bool   // whether the update that the client dies of is done

	mu   sync.Mutex // guards the following field
	left int
}

func (m *mortal) Update(f func(chain.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left < 0 {
		return errCrash
	}
	err := m.Store.Update(func(tx chain.Tx) error {
		w := &witness{Tx: tx, prefix: m.prefix}
		if err := f(w); err != nil {
			return err
		}
		if w.saw {
			m.left--
		}
		if m.left < 0 && !m.last {
			return errCrash
		}
		return nil
	})
	if err == nil && m.left < 0 {
		return errCrash
	}
	return err
}

// witness notices keys of one kind.
type witness struct {
	chain.Tx
	prefix string
	saw    bool
}

func (w *witness) Put(key, value []byte) error {
	w.saw = w.saw || strings.HasPrefix(string(key), w.prefix)
	return w.Tx.Put(key, value)
}

func TestMortal(t *testing.T) {
	for _, last := range []bool{false, true} {
		inner := new(chain.Memory)
		s := &mortal{Store: inner, prefix: "k", left: 1, last: last}
		put := func(key string) error {
			return s.Update(func(tx chain.Tx) error { return tx.Put([]byte(key), []byte("v")) })
		}
		for _, key := range []string{"other", "k1", "other"} {
			if err := put(key); err != nil {
				t.Fatal(err)
			}
		}
		for _, key := range []string{"k2", "other2"} {
			if err := put(key); !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
		}
		_ = inner.View(func(tx chain.Tx) error {
			if v, _ := tx.Get([]byte("k2")); (v != nil) != last {
				t.Errorf("last %v: %q", last, v)
			}
			return nil
		})
	}
}

// TestCrashWhileFollowing lets a client die at each update in which it takes in
// blocks, and another carry on: no event is lost or taken in twice.
func TestCrashWhileFollowing(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	cl := running(t, config(c, key))
	d := newDeal(t, c, key, c.EmptyAccount(t))
	for i := range int64(3) {
		rec, err := cl.Deposit(string(rune('a'+i)), units(i+1))
		wait(t, cl, rec, err)
		c.Blocks(t, 9)
	}
	rec, err := cl.OpenChannel(d.terms, units(2))
	wait(t, cl, rec, err)
	c.Blocks(t, 300)
	rec, err = cl.TopUp("more", d.terms, units(1))
	wait(t, cl, rec, err)
	head := cl.Healthy().Tip
	crashes := 0
	for n, alive := 0, false; !alive; n++ {
		store := new(chain.Memory)
		cfg := config(c, nil)
		cfg.LogRange = 64
		cfg.Store = &mortal{Store: store, prefix: "chain/b/", left: n, last: n%2 == 0}
		first, stop := start(t, cfg)
		ended := func() bool {
			alive = first.Healthy().Tip >= head
			return alive || errors.Is(first.Healthy().Err, errCrash)
		}
		until(t, first, "it is dead or has seen all", ended)
		if err := stop(); !alive && !errors.Is(err, errCrash) {
			t.Fatalf("update %d: it ended with %v", n, err)
		}
		if !alive {
			crashes++
		}
		cfg.Store = store
		second, stop := start(t, cfg)
		until(t, second, "all is taken in", func() bool { return second.Healthy().Tip >= head })
		equal(t, "deposited", second.Balances(address(key)).Deposited, units(3))
		if ch, ok := second.Channel(second.ID(d.terms)); !ok || ch.Amount.Cmp(units(3)) != 0 {
			t.Errorf("the channel: %+v", ch)
		}
		if err := stop(); err != nil || t.Failed() {
			t.Fatalf("after a crash at update %d: %v", n, err)
		}
	}
	if crashes < 5 {
		t.Errorf("only %d crashes", crashes)
	}
}

// TestCrashAnywhere lets a client die at each step of its outbox in turn, before
// or after the step is stored, while it deposits, opens for somebody and redeems, and lets
// another carry on from the store. Whatever happened, everything was done once.
func TestCrashAnywhere(t *testing.T) {
	c := chaintest.New(t)
	for n, finished := 0, false; !finished; n++ {
		if n > 400 {
			t.Fatal("the work never ends")
		}
		renterKey, key := c.Account(t), c.Account(t)
		d := newDeal(t, c, renterKey, key)
		renter, stopRenter := start(t, config(c, renterKey))
		rec, err := renter.Deposit("d", units(20))
		wait(t, renter, rec, err)
		o, sig := d.openFor(t, c, renter, units(10), units(1))
		red := d.voucher(t, renter, units(3))

		store := new(chain.Memory)
		cfg := config(c, key)
		// work submits everything; what is known already stays as it is.
		work := func(cl *chain.Client) (ids []string, err error) {
			for _, f := range []func() (string, error){
				func() (string, error) { return cl.Deposit("d", units(7)) },
				func() (string, error) { return cl.SubmitOpenFor(o, sig, units(1)) },
				func() (string, error) { return cl.Redeem(red) },
				func() (string, error) { return cl.SendTokens("s", units(2), address(renterKey)) },
			} {
				id, err := f()
				if err != nil {
					return nil, err
				}
				ids = append(ids, id)
			}
			return ids, nil
		}
		cfg.Store = &mortal{Store: store, prefix: "chain/o/", left: n, last: n%2 == 0}
		first, err := chain.New(cfg)
		if err == nil {
			died := make(chan error, 1)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { died <- first.Run(ctx) }()
			ids, err := work(first)
			if err != nil && !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
			if err == nil {
				// Blocks let it count confirmations and give up what is doomed.
				finished = finish(t, c, first, ids, died)
			}
			if finished {
				cancel()
			}
			err = nil
			select {
			case err = <-died:
			case <-time.After(patience):
				t.Error("it neither died nor ended")
			}
			cancel()
			if !finished && !errors.Is(err, chain.ErrStore) {
				t.Fatalf("update %d: it ended with %v", n, err)
			}
		}

		cfg.Store = store
		second, stop := start(t, cfg)
		ids, err := work(second)
		if err != nil {
			t.Fatal(err)
		}
		if !finish(t, c, second, ids, nil) {
			t.Fatalf("update %d: not finished", n)
		}
		for _, id := range ids {
			wait(t, second, id, nil)
		}
		me := second.Address()
		equal(t, "redeemed", c.State(t, second.ID(d.terms)).Redeemed, units(3))
		equal(t, "deposited", c.Deposited(t, me), units(8))
		equal(t, "wallet", c.Tokens(t, me), units(1000-7+3-2))
		equal(t, "deposited, as the client sees it", second.Balances(me).Deposited, units(8))
		if sent, err := c.Eth.NonceAt(t.Context(), me, nil); err != nil || sent != 5 {
			t.Errorf("update %d: %d transactions, want 5, %v", n, sent, err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := stopRenter(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("after a crash at update %d", n)
		}
	}
}

// finish makes blocks until all intents are final, or until the client is dead.
func finish(t testing.TB, c *chaintest.Chain, cl *chain.Client, ids []string, died chan error) bool {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		final := 0
		for _, id := range ids {
			if _, ok, _ := cl.Receipt(id); ok {
				final++
			}
		}
		if final == len(ids) {
			return true
		}
		select {
		case err := <-died:
			died <- err
			return false
		default:
		}
	}
	t.Fatalf("it never ends: %+v", cl.Items())
	return false
}
