// Package provider is the selling agent: it quotes, accepts, runs, meters and
// collects.
//
// Sell is what the owner offers: resources, price, terms. What is free is Sell
// less what leases reserve and holds keep. Offers count leases only: a hold is too
// short to be told, and whoever meets one is asked to come back.
//
// A hold keeps capacity for one proposal for a few seconds. It becomes a lease
// at Commit, in one step under one lock, so nothing is sold twice.
//
// A record is a lease with all that belongs to it: who signed what, its job and
// allocation, what was delivered and what was paid. It is saved before anything
// is done about it.
//
// Delivered time is counted by the engine from the shim's times, so a restart of
// this process neither bills nor loses.
//
// Reconcile compares the records with what the engine runs, at start and on a
// timer, and acts on the difference. Events only make it look sooner.
//
// What is due about a lease (a pause, a stop) is done beside the metering of the
// others: a job may take its time to end.
//
// Leftovers are container, log, inputs and outputs: kept for an hour after the
// end. The record stays a month for the bill, or that hour where nothing ran.
//
// Collect redeems the best voucher of a channel: when the channel has served no
// lease for a while, when its renter asks to close it, or when it is closing.
package provider
