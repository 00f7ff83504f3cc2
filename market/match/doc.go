// Package match ranks the offers that a renter knows of for what it wants. It
// is a policy: a pure function of its arguments, deterministic under a seed.
//
// A candidate is an offer with what the renter knows of its provider besides:
// trust, round-trip time, address prefix.
//
// A constraint is one rule that a candidate must pass. They are tried in a fixed
// order, so each removed candidate counts once, for the first that it fails. A
// near miss is a removed candidate that came closest to passing.
//
// The score of what is left is a weighted sum of parts from 0 to 1:
//
//	0.60 × price     cheapest price ÷ this price, for the resources wanted
//	0.25 × trust     as market/trust scores it
//	0.07 × headroom  1 − the largest share of anything free that is wanted
//	0.03 × nearness  1 ÷ (1 + round trip ÷ 100 ms), 0.5 where it is not known
//	0.05 × jitter    drawn by the seed and the provider's peer id
//
// Headroom makes it likely that the capacity is still free when the proposal
// arrives; jitter keeps renters from all running to one provider.
//
// A failure domain is what fails together: one account, one address prefix, one
// region. Pick takes n candidates over as many domains as there are.
package match
