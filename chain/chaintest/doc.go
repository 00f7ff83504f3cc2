// Package chaintest is a chain in one line of a test:
//
//	c := chaintest.New(t)
//	renter := c.Account(t)
//
// The chain is a dev chain in memory with etal's contracts deployed. It makes a
// block as soon as a transaction waits and ends with the test. An account is a
// fresh key with coin for gas and 1,000 test$.
package chaintest
