package chain

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Memory is a Store that forgets everything with the process: for tests, and
// for clients that only look. Its zero value is empty and ready.
type Memory struct {
	mu sync.RWMutex // guards the following field
	m  map[string][]byte
}

// View implements Store.
func (s *Memory) View(f func(Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return f(memoryTx{s.m})
}

// Update implements Store.
func (s *Memory) Update(f func(Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A copy makes a failed transaction easy to forget.
	m := maps.Clone(s.m)
	if m == nil {
		m = make(map[string][]byte)
	}
	if err := f(memoryTx{m}); err != nil {
		return err
	}
	s.m = m
	return nil
}

type memoryTx struct{ m map[string][]byte }

func (t memoryTx) Get(key []byte) ([]byte, error) { return t.m[string(key)], nil }

func (t memoryTx) Put(key, value []byte) error {
	t.m[string(key)] = bytes.Clone(value)
	return nil
}

func (t memoryTx) Delete(key []byte) error {
	delete(t.m, string(key))
	return nil
}

func (t memoryTx) Each(prefix []byte, f func(key, value []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(t.m)) {
		if strings.HasPrefix(k, string(prefix)) {
			if err := f([]byte(k), t.m[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
