package node

import "errors"

// The outcomes that are etal's own, not a job's. Match them with errors.Is; the
// command line turns each into the exit code in its comment.
var (
	// ErrNoOffer: nothing on the market fits the request. Exit code 120.
	ErrNoOffer = errors.New("no offer fits")
	// ErrLimit: a spending limit or the funds do not allow it. Exit code 121.
	ErrLimit = errors.New("limit or funds")
	// ErrNoNetwork: no network, or no node of it, can be reached. Exit code 122.
	ErrNoNetwork = errors.New("no network")
	// ErrProviderLost: the provider vanished and no other took over. Exit code 123.
	ErrProviderLost = errors.New("provider lost")
	// ErrTime: the lease's term or a deadline is over. Exit code 124.
	ErrTime = errors.New("time is up")
	// ErrBadRequest: the request itself is wrong. Exit code 125 of run and exec, else 2.
	ErrBadRequest = errors.New("bad request")
	// ErrNotFound: nothing has that name. Exit code 1.
	ErrNotFound = errors.New("not found")
	// ErrConflict: not in the present state, such as removing a running job. Exit code 1.
	ErrConflict = errors.New("not now")
)
