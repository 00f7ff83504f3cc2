package renter

import "errors"

// The errors of a renter. Match them with errors.Is.
var (
	// ErrNoOffer: nothing fits, or every provider that fits declined.
	ErrNoOffer = errors.New("no offer fits")
	// ErrFunds: the deposit does not cover it.
	ErrFunds = errors.New("not enough money")
	// ErrNotFound: no job has that name.
	ErrNotFound = errors.New("no such job")
	// ErrRunning: the job has not ended.
	ErrRunning = errors.New("the job has not ended")
	// ErrExists: a job has that name already.
	ErrExists = errors.New("a job has that name")
	// ErrLost: the provider does not answer.
	ErrLost = errors.New("provider lost")
)
