package chain

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/ethereum/go-ethereum/common"
)

// blockRecord is a block whose events have been taken in, with what its undoing
// needs. Blocks without events may be missing between two records.
type blockRecord struct {
	Number uint64      `json:"number"`
	Hash   common.Hash `json:"hash"`
	Time   uint64      `json:"time"`
	// Undo are the values that the block's events replaced.
	Undo []undo `json:"undo,omitempty"`
	// Floor marks the end of a long stretch that was taken in at once: what lies
	// below cannot be undone.
	Floor bool `json:"floor,omitempty"`
}

// undo is one replaced value; nil where there was none.
type undo struct {
	Key  []byte `json:"key"`
	Prev []byte `json:"prev"`
}

func blockKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(keyBlock), number)
}

// history is the recent past, oldest first. The last record is the tip.
type history struct {
	records []blockRecord
	stored  int // how many of records are in the store; the rest has no effects
}

// flushEvery is how many blocks without events are taken in before they are
// stored. A crash forgets at most so many, and they are asked for again.
const flushEvery = 16

func (h *history) tip() (blockRecord, bool) {
	if len(h.records) == 0 {
		return blockRecord{}, false
	}
	return h.records[len(h.records)-1], true
}

// since returns the values that key had before the blocks from number on,
// the oldest last, as stored; a value of nil means that there was none.
func (h *history) since(key string, number uint64) (values [][]byte) {
	for _, r := range slices.Backward(h.records) {
		if r.Number < number {
			break
		}
		for _, u := range r.Undo {
			if string(u.Key) == key {
				values = append(values, u.Prev)
			}
		}
	}
	return values
}

// save stores a block with what its events changed, and the records that were
// not stored yet; it fills in rec.Undo. A block without effects is not worth a
// transaction of its own: stored is false then. It leaves h as it is, for push.
func (h *history) save(store Store, rec *blockRecord, changes map[string][]byte) (stored bool, err error) {
	if len(changes) == 0 && !rec.Floor && len(h.records)+1-h.stored < flushEvery {
		return false, nil
	}
	err = store.Update(func(tx Tx) error {
		rec.Undo = nil // the function may run again
		for _, key := range slices.Sorted(maps.Keys(changes)) {
			if !rec.Floor {
				prev, err := tx.Get([]byte(key))
				if err != nil {
					return err
				}
				rec.Undo = append(rec.Undo, undo{[]byte(key), slices.Clone(prev)})
			}
			if err := tx.Put([]byte(key), changes[key]); err != nil {
				return err
			}
		}
		for _, r := range append(slices.Clone(h.records[h.stored:]), *rec) {
			b, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if err := tx.Put(blockKey(r.Number), b); err != nil {
				return err
			}
		}
		return forget(tx, *rec)
	})
	if err != nil {
		return false, fmt.Errorf("%w: take in block %d: %w", ErrStore, rec.Number, err)
	}
	return true, nil
}

// push makes a block that save has dealt with the tip.
func (h *history) push(rec blockRecord, stored bool) {
	h.records = append(h.records, rec)
	if stored {
		h.stored = len(h.records)
	}
	limit := undoLimit(rec)
	n := 0
	for n < len(h.records)-1 && h.records[n].Number < limit {
		n++
	}
	h.records = slices.Delete(h.records, 0, n)
	h.stored = max(h.stored-n, 0)
}

// forget deletes stored records that lie too deep to be undone, or below a
// floor.
func forget(tx Tx, tip blockRecord) error {
	limit := undoLimit(tip)
	var old [][]byte
	err := tx.Each([]byte(keyBlock), func(k, _ []byte) error {
		if len(k) == len(keyBlock)+8 && binary.BigEndian.Uint64(k[len(keyBlock):]) < limit {
			old = append(old, slices.Clone(k))
		}
		return nil
	})
	for _, k := range old {
		if err == nil {
			err = tx.Delete(k)
		}
	}
	return err
}

// undoLimit is the lowest block that is worth keeping under a tip.
func undoLimit(tip blockRecord) uint64 {
	if tip.Floor {
		return tip.Number
	}
	if tip.Number < UndoBlocks {
		return 0
	}
	return tip.Number - UndoBlocks
}

// saveUndo stores that all blocks above index keep never were, and returns the
// values that come back, in the order in which they must be set. It leaves h as
// it is, for cut.
func (h *history) saveUndo(store Store, keep int) ([]undo, error) {
	var back []undo
	for _, r := range slices.Backward(h.records[keep+1:]) {
		for _, u := range slices.Backward(r.Undo) {
			back = append(back, u)
		}
	}
	err := store.Update(func(tx Tx) error {
		for _, u := range back {
			var err error
			if u.Prev == nil {
				err = tx.Delete(u.Key)
			} else {
				err = tx.Put(u.Key, u.Prev)
			}
			if err != nil {
				return err
			}
		}
		for _, r := range h.records[keep+1:] {
			if err := tx.Delete(blockKey(r.Number)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: undo blocks above %d: %w", ErrStore, h.records[keep].Number, err)
	}
	return back, nil
}

// cut drops all blocks above index keep.
func (h *history) cut(keep int) {
	h.records = h.records[:keep+1]
	h.stored = min(h.stored, keep+1)
}

// loadHistory reads the stored records. They are few: the store forgets deep
// ones.
func loadHistory(tx Tx) (history, error) {
	var h history
	err := tx.Each([]byte(keyBlock), func(k, v []byte) error {
		var r blockRecord
		if err := json.Unmarshal(v, &r); err != nil || string(blockKey(r.Number)) != string(k) {
			return fmt.Errorf("%w: unreadable block record", ErrStore)
		}
		h.records = append(h.records, r)
		return nil
	})
	h.stored = len(h.records)
	return h, err
}
