// Package ledger keeps what must survive a crash, in one bbolt file with sync
// on: a change is durable when the call that made it returns.
//
// A Part is one owner's share of the file (the provider's leases, the renter's
// jobs, the chain's cursor). A Part maps keys to values; what they mean is the
// owner's business. Save changes many keys in one transaction.
//
// The schema number says which binary may open the file: an older binary
// refuses a newer file rather than misread it.
package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Schema is the number of the layout that this binary writes.
const Schema = 1

// The errors of a ledger. Match them with errors.Is.
var (
	// ErrNewer means a newer etal wrote the file. Use that etal.
	ErrNewer = errors.New("written by a newer etal")
	// ErrBusy means another process has the file open: a node runs on this folder.
	ErrBusy = errors.New("in use by another process")
	// ErrRange means a key or a value passes its bounds.
	ErrRange = errors.New("key or value out of bounds")
)

// Bounds of a key and of a value.
const (
	MaxKey   = 512
	MaxValue = 4 << 20
)

var (
	metaBucket = []byte("meta")
	schemaKey  = []byte("schema")
)

// Ledger is an open file. Its methods are safe for concurrent use.
type Ledger struct{ db *bolt.DB }

// Open opens or makes the ledger at path. It waits a second for another process
// to let go of the file, then returns ErrBusy.
func Open(path string) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("ledger %s: %w", path, ErrBusy)
	}
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	l := &Ledger{db}
	if err := db.Update(checkSchema); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	return l, nil
}

func checkSchema(tx *bolt.Tx) error {
	b, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	v := b.Get(schemaKey)
	if v == nil {
		return b.Put(schemaKey, binary.BigEndian.AppendUint64(nil, Schema))
	}
	if len(v) != 8 {
		return fmt.Errorf("%w: a schema number of %d bytes", ErrRange, len(v))
	}
	if n := binary.BigEndian.Uint64(v); n > Schema {
		return fmt.Errorf("schema %d, this binary knows %d: %w", n, Schema, ErrNewer)
	}
	return nil
}

// Close closes the file. Parts must not be used any more.
func (l *Ledger) Close() error { return l.db.Close() }

// Part returns the share of the file with that name, made if missing.
func (l *Ledger) Part(name string) (*Part, error) {
	p := &Part{db: l.db, name: []byte("part/" + name)}
	err := l.db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(p.name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: part %s: %w", name, err)
	}
	return p, nil
}

// Part is one owner's share of a Ledger.
type Part struct {
	db   *bolt.DB
	name []byte
}

// Save writes every key of changes in one transaction; a nil value deletes its
// key. All of it is durable when Save returns nil, and none when it does not.
func (p *Part) Save(changes map[string][]byte) error {
	return p.Update(func(tx *Tx) error {
		for k, v := range changes {
			if v == nil {
				if err := tx.Delete([]byte(k)); err != nil {
					return err
				}
			} else if err := tx.Put([]byte(k), v); err != nil {
				return err
			}
		}
		return nil
	})
}

// Load calls fn for every key with the prefix, in order of the keys, inside one
// read transaction. The value is fn's to keep.
func (p *Part) Load(prefix string, fn func(key string, value []byte) error) error {
	return p.View(func(tx *Tx) error {
		return tx.Each([]byte(prefix), func(k, v []byte) error {
			return fn(string(k), append([]byte(nil), v...))
		})
	})
}

// Update runs fn in a read-write transaction: durable when Update returns nil.
func (p *Part) Update(fn func(*Tx) error) error {
	err := p.db.Update(func(tx *bolt.Tx) error { return fn(&Tx{tx.Bucket(p.name)}) })
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// View runs fn in a read transaction.
func (p *Part) View(fn func(*Tx) error) error {
	return p.db.View(func(tx *bolt.Tx) error { return fn(&Tx{tx.Bucket(p.name)}) })
}

// Tx is a transaction on a Part. Values it returns are valid until it ends.
type Tx struct{ b *bolt.Bucket }

// Get returns the value of key, nil where there is none.
func (t *Tx) Get(key []byte) []byte { return t.b.Get(key) }

// Put sets the value of key.
func (t *Tx) Put(key, value []byte) error {
	if len(key) == 0 || len(key) > MaxKey || len(value) > MaxValue {
		return fmt.Errorf("%w: key of %d bytes, value of %d", ErrRange, len(key), len(value))
	}
	return t.b.Put(key, value)
}

// Delete removes key; a missing one is no error.
func (t *Tx) Delete(key []byte) error { return t.b.Delete(key) }

// Each calls fn for every key with the prefix, in order.
func (t *Tx) Each(prefix []byte, fn func(k, v []byte) error) error {
	c := t.b.Cursor()
	for k, v := c.Seek(prefix); k != nil && strings.HasPrefix(string(k), string(prefix)); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}
