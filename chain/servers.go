package chain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/ethereum/go-ethereum/common"
)

// servers is a list of RPC servers of which the last good one is used first.
type servers struct {
	chainID   uint64
	contract  common.Address
	all       []*server
	transport *http.Transport

	mu   sync.Mutex // guards the following field
	next int        // index of the server to try first
}

// try runs f on the servers in turn until it succeeds with one. Errors that no
// server can mend, those of the store and of ctx, end the round at once.
// Otherwise the error is ErrUnavailable with every server's own joined to it.
func (s *servers) try(ctx context.Context, f func(*server) error) error {
	s.mu.Lock()
	first := s.next
	s.mu.Unlock()
	var all []error
	for i := range s.all {
		n := (first + i) % len(s.all)
		sv := s.all[n]
		err := sv.check(ctx, s.chainID, s.contract)
		if err == nil {
			err = f(sv)
		}
		if err == nil {
			s.mu.Lock()
			s.next = n
			s.mu.Unlock()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrStore) {
			return err
		}
		sv.failed()
		all = append(all, fmt.Errorf("%s: %w", sv.url, err))
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, errors.Join(all...))
}

// current is the URL of the server that is tried first.
func (s *servers) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[s.next].url
}

func (s *servers) close() {
	for _, sv := range s.all {
		sv.client.Close()
	}
	s.transport.CloseIdleConnections()
}
