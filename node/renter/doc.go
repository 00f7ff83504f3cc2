// Package renter is the buying agent: it requests, chooses, pays, watches and
// replaces.
//
// A job is what its user asked for. It is carried out in attempts: one lease and
// one allocation each, with a rising epoch. A lost provider ends an attempt, not
// the job: the next attempt runs elsewhere.
//
// A phase is where an attempt is: match, lease, pull, run, settle.
//
// A channel here is the renter's side of it: what was locked, and the voucher
// with the parts that were signed last. It is saved before a voucher is sent, so
// no lower and no second one of the same sum can ever be signed.
//
// Jobs take turns to look for a provider: providers hold for an account once at a
// time.
//
// An attempt is open while its provider may still hold the lease though we are
// done with it: the answer to a commit was lost, a job could not be sent, a
// provider fell silent. It is told until it answers.
//
// Lost means that a provider did not answer for LostAfter. It may be running
// still; it is paid for what it proved and the new attempt's epoch fences it.
package renter
