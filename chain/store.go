package chain

// Store keeps the client's state: byte keys and values inside transactions. The
// client is the only user of its keys, which all begin with "chain/".
type Store interface {
	// View runs f in a transaction that only reads.
	View(f func(Tx) error) error
	// Update runs f in a transaction. When it returns nil, everything that f did
	// is on the disk; when f or the disk fails, nothing of it is.
	Update(f func(Tx) error) error
}

// Tx is a transaction of a Store. It must not be used after the function it was
// given to has returned.
type Tx interface {
	// Get returns a key's value, or nil when there is none. The value must not be
	// changed, nor used after the transaction.
	Get(key []byte) ([]byte, error)
	// Put sets a key's value, which is never empty. The store copies both.
	Put(key, value []byte) error
	// Delete removes a key; a missing one is no error.
	Delete(key []byte) error
	// Each calls f for all keys that begin with prefix, in ascending order, until
	// f returns an error, and returns that. f must not change the store.
	Each(prefix []byte, f func(key, value []byte) error) error
}
