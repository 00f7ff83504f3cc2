package ledger_test

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"

	"github.com/etal-cloud/etal/node/ledger"
	bolt "go.etcd.io/bbolt"
)

func open(t *testing.T, path string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSavedIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "ledger.db")
	l := open(t, path)
	p, err := l.Part("renter")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Save(map[string][]byte{"job/a": []byte("1"), "job/b": []byte("2"), "voucher/a": []byte("3")}); err != nil {
		t.Fatal(err)
	}
	if err := p.Save(map[string][]byte{"job/a": nil}); err != nil {
		t.Fatal(err)
	}
	other, err := l.Part("provider")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_ = other

	l = open(t, path)
	defer l.Close()
	p, _ = l.Part("renter")
	got := map[string]string{}
	if err := p.Load("job/", func(k string, v []byte) error { got[k] = string(v); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got["job/b"] != "2" {
		t.Fatalf("jobs after reopening: %v", got)
	}
	other, _ = l.Part("provider")
	if err := other.Load("", func(k string, _ []byte) error { return errors.New(k) }); err != nil {
		t.Fatalf("another part sees key %v", err)
	}
}

func TestFailedUpdateLeavesNothing(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer l.Close()
	p, _ := l.Part("x")
	boom := errors.New("boom")
	err := p.Update(func(tx *ledger.Tx) error {
		if err := tx.Put([]byte("k"), []byte("v")); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	_ = p.View(func(tx *ledger.Tx) error {
		if tx.Get([]byte("k")) != nil {
			t.Error("a failed update left its key")
		}
		return nil
	})
}

func TestBoundsAreRefused(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer l.Close()
	p, _ := l.Part("x")
	for _, c := range []map[string][]byte{
		{"": {1}},
		{string(make([]byte, ledger.MaxKey+1)): {1}},
		{"k": make([]byte, ledger.MaxValue+1)},
	} {
		if err := p.Save(c); !errors.Is(err, ledger.ErrRange) {
			t.Errorf("got %v", err)
		}
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	defer l.Close()
	if _, err := ledger.Open(path); !errors.Is(err, ledger.ErrBusy) {
		t.Fatalf("got %v, want ErrBusy", err)
	}
}

func TestNewerFileIsRefusedUnharmed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	set := func(n uint64) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("schema"), binary.BigEndian.AppendUint64(nil, n))
		}
	}
	if err := db.Update(set(ledger.Schema + 1)); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, err := ledger.Open(path); !errors.Is(err, ledger.ErrNewer) {
		t.Fatalf("got %v, want ErrNewer", err)
	}
}
