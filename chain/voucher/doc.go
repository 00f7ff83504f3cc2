// Package voucher holds the statements that etal's parties sign with Ethereum keys, and nothing that does I/O: each is a
// plain value with a Validate, a Digest, a Sign and a Verify. All of them are EIP-712, so that a wallet can show them and
// a contract can check them.
//
// A Domain says where a statement counts: the chain and the Channels contract. A signature made for one domain says
// nothing in another.
//
// Terms are what never changes about a channel: who pays, who is paid, which key signs, in which token, how long the
// closing window is, and a salt that carries the channel's purpose. Their hash in a domain is the channel's id.
//
// A Voucher says that so many base units, in total since the channel was opened, belong to the payee. A later voucher
// replaces an earlier one; it can only say more. It is the money itself: whoever holds it can have the payee paid.
//
// A Part is one lease's share of a voucher, also a total. The parts of a voucher sum to it, and each only grows, so that
// the parties can always tell what was paid for which lease. The contract sees only the parts' hash.
//
// An Open is a renter's permission to open a channel out of its balance, submitted by somebody else, who is repaid up to
// a cap. A StartClose is the same for beginning to close.
//
// A Bind says who is who: an account names a peer, and the key that signs vouchers for it, until a moment. The peer signs
// the account in return.
//
// A Lease is the agreement itself, signed by the renter's and the provider's accounts. Its digest is its id. Two leases of
// one provider with the same resource id and sequence are a double sale that the two signatures prove.
//
// A base unit is the smallest amount of a token that the chain knows. Amounts are whole, not negative, and below 2⁹⁶.
package voucher
