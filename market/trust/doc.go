// Package trust turns what a node has been through with a provider into a
// number. It is a policy: a pure function of receipts and the time.
//
// Evidence is a receipt that both parties signed. A receipt with one signature
// is one side's word and weighs nothing; so nobody can talk another down, and
// whoever refuses to sign a fair receipt gains nothing by it. Whether the
// signatures are good is for whoever hands the receipt over to have checked.
//
// A good end is one that the renter or the job chose: exited or stopped. A bad
// end is one that the provider answers for: failed to start, or lost. A good
// end weighs by what was delivered, half after Half of delivered time and never
// more than 1, so that a thousand leases of a second do not make a name. A bad
// end weighs BadWeight.
//
// Evidence fades: its weight halves every HalfLife.
//
// The score is the mean of the beta distribution that the evidence leaves of
// the prior: (good + Prior × PriorWeight) ÷ (good + bad + PriorWeight), as in
// A. Jøsang and R. Ismail, "The Beta Reputation System", 2002, with forgetting.
// Somebody nobody knows scores Prior; the score moves from there only as far as
// there is evidence.
package trust
