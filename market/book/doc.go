// Package book keeps the offers that a node has heard of. It is a policy: it
// does no I/O, starts no goroutine and reads no clock. A Book is safe for
// concurrent use.
//
// An entry is one provider's newest offer with its newest delta applied. There
// is at most one per provider, at most Config.PerAccount per account and at most
// Config.Cap in all, so that a flood costs a fixed amount of memory.
//
// A verdict is what Insert thinks of an object that arrived. Gossip passes on
// what is new, drops without blame what is stale, known or too much, and blames
// the sender only for what is provably bad: an honest node may well forward
// what has just expired, but never what has a wrong signature.
//
// Eviction is fair between accounts: once the book is full, the account with
// the most entries loses one first, and among its entries a keyed hash of the
// provider decides, not the time of arrival. So a flooder gains nothing by being
// first, last or loud; it only gets its share by number.
//
// Expiry is the reader's: an expired entry is never returned, whenever it is
// swept out.
package book
