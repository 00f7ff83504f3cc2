// Package marketpb holds the messages of the trade as they cross the wire:
// generated from market.proto, with hand-written Validate methods beside them.
//
// A message is valid when every length, count and range in it is within its
// limit and every required part is there. Validate checks that and nothing
// else: signatures, times against a clock and sense are market's and the
// agents' to judge. Every error matches ErrInvalid and names the field.
//
// Amount is a big-endian integer of 10⁻¹⁸ token; units are a big-endian integer
// of the settlement token's base unit. Both have at most 16 bytes and no leading
// zero byte, so that a value has one encoding only.
//
// A call is what opens a stream of a protocol: a oneof of what may be asked.
// Its protocol reads at most the matching Max…Bytes for one message.
package marketpb

//go:generate sh generate.sh
