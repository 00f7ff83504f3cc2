// Package chain follows etal's contract on an Ethereum chain and sends what an
// account wants done there. It answers from what it has seen and stored, never
// from the network, so it also answers while the chain is away.
//
// A Client belongs to one network: chain id, contract, token. It may have a
// key, and then it can send.
//
// An account is an address; its deposited balance is what it holds inside the
// contract, and the only money that can go into channels. Its wallet holds
// tokens outside the contract, and coin for gas.
//
// A Channel is what the contract knows of a channel: its immutable Terms, the
// amount locked, the part redeemed, and whether it is closing. Amounts are base
// units of the token throughout.
//
// The tip is the last block whose events have been taken in. The head is the
// last block that an RPC server told of. A confirmation counts blocks from the
// one that holds an event up to the tip: in the tip's own block it has one.
//
// An event's effect and the block it came from are stored in one transaction.
// Blocks are undone, effects and all, when the chain reorganises itself; the
// last UndoBlocks blocks can be.
//
// The outbox holds transactions on their way: queued, signed with a nonce,
// sent, mined, then done or failed. Each step is stored before it is acted on,
// so a crash between any two of them repeats a step but never a payment. An
// intent is the name of what a transaction is for; the same intent is never
// sent twice, however often it is submitted.
//
// RPC servers are not trusted to be up, or to make sense: there may be several,
// and an answer that cannot be true is an error and a reason to ask the next.
// They are trusted not to invent events that could have happened; who wants no
// such trust runs a server of his own.
package chain
