package chain_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
)

var errCrash = errors.New("the power is out")

// mortal is a store that fails for ever after a number of updates, so that a
// client dies between two steps. The last update is either done or not.
type mortal struct {
	chain.Store
	last bool // whether the update that the client dies of is done

	mu   sync.Mutex // guards the following field
	left int
}

func (m *mortal) Update(f func(chain.Tx) error) error {
	m.mu.Lock()
	left := m.left
	m.left--
	m.mu.Unlock()
	if left < 0 || (left == 0 && !m.last) {
		return errCrash
	}
	if err := m.Store.Update(f); err != nil {
		return err
	}
	if left == 0 {
		return errCrash
	}
	return nil
}

var _ chain.Store = (*mortal)(nil)

func TestMortal(t *testing.T) {
	for _, last := range []bool{false, true} {
		s := &mortal{Store: new(chain.Memory), left: 1, last: last}
		put := func() error { return s.Update(func(tx chain.Tx) error { return tx.Put([]byte("k"), []byte("v")) }) }
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if err := put(); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
	}
}

// TestCrashAnywhere lets a client die at each of its updates in turn, before or
// after the update, while it deposits, opens for somebody and redeems, and lets
// another carry on from the store. Whatever happened, everything was done once.
func TestCrashAnywhere(t *testing.T) {
	c := chaintest.New(t)
	step := 1
	if testing.Short() {
		step = 7
	}
	for n, finished := 1, false; !finished; n += step {
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
		cfg.Store = &mortal{Store: store, left: n, last: n%2 == 0}
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
