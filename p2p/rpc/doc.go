// Package rpc carries requests, answers and byte streams between two peers over
// one libp2p stream each, and trusts neither end's manners.
//
// Protocol names a conversation, the versions of it that are spoken, and its
// limits: bytes per message, how long to wait, how many streams at once and per
// second. Both ends hold the same Protocol value; the highest version that both
// speak is used.
//
// Stream is one conversation. It is a sequence of frames each way: messages
// (protobuf), chunks of bytes with an end mark, and at most one failure, which is
// the last frame. A stream has one reader and any number of writers at a time.
//
// Frame is one byte of kind, the length of the body as a varint, and the body. A
// length beyond the limit ends the stream before anything is read for it.
//
// Failure is how a handler's error travels: a code and a text of at most 256
// bytes. Codes only ever grow. Codes below 100 belong to this package, the others
// to the protocol, whose Codes map says which sentinel a code stands for; so
// errors.Is gives the same answer on both sides. An error without a code crosses
// as "internal error" and its text stays at home.
//
// Server serves protocols. A stranger who sends garbage, too much, too slowly or
// too often loses the stream or is told ErrBusy; a handler that panics loses its
// stream. The peer and the other streams go on.
package rpc
