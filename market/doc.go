// Package market holds the words and the rules of the trade. It does no I/O,
// starts no goroutine and reads no clock: now is always an argument.
//
// Amount is money: an integer of 10⁻¹⁸ of the settlement token. A chain knows
// only base units of its token; Amount.BaseUnits rounds down to them.
//
// Resources are what a provider sells and a request asks for: CPU, memory,
// disk, GPUs. Price is what they cost per hour, one Amount per kind.
//
// Usage is what was delivered: milliseconds of running, bytes of egress. Cost
// of a Usage is summed unrounded over the whole lease and rounded down once.
//
// Offer is a provider's signed, expiring statement of its free capacity and its
// prices: a firm quote. Delta is a small signed change to it.
//
// Sealed is an Offer or a Delta as it travels: the very bytes that were signed.
//
// Bind says who is who: an account (an address on the chain) vouches for a peer
// and a signer key until a time, and the peer vouches for the account.
//
// Request is what a renter wants, for how long, at most at what price, where.
//
// Proposal asks a provider to hold capacity at the price it offered. It commits
// nobody.
//
// Lease is an accepted Offer: resources, price, term, channel, and the pair
// (resource id, sequence) which no provider may sell twice. Both sign it.
//
// Job is the workload: image, command, environment, inputs, restart policy.
// Allocation is one replica of a Job on one Lease, with an epoch that fences
// an older copy of it.
//
// Meter counts the delivered time of an allocation from what is observed of it.
// PaidThrough is how much delivered time is paid for: the one truth about a
// lease's money. Standing puts the two together, and Lease.Due says what they
// ask for: run on, pause, resume or stop.
//
// Receipt is signed by both at a lease's end: delivered time, failures, amount.
package market
