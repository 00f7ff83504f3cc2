// Package gossip spreads small objects to everyone who wants them, and spreads
// only what it would itself accept.
//
// Topic is a named stream of objects of one type within one etal network. The
// objects carry their own signatures: gossip adds none, and the same bytes are
// the same object whoever sends them.
//
// Validation happens before an object is passed on, cheap checks first: size,
// rate, decoding, then the topic's own Validate. Its Verdict is Accept (keep and
// pass on), Ignore (drop without blame: stale, duplicate, over a rate) or Reject
// (provably bad: whoever passed it on is punished, so it must be certain that no
// honest node would have).
//
// Rate counts the objects that one neighbour passes on, whoever made them; it
// bounds the work that a neighbour can cause. What one author may say is for
// Validate, which sees the author's signature.
//
// Deliver receives each accepted object of others once, in one goroutine. When
// it is slow the topic's buffer fills and objects are lost: gossip is a hint, and
// the sender repeats what matters.
package gossip
