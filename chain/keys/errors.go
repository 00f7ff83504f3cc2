package keys

import "errors"

var (
	// ErrWordCount says that a phrase does not have twelve words.
	ErrWordCount = errors.New("a phrase has 12 words")
	// ErrWord says that a word is not on the list of BIP-39. The word itself is
	// not repeated, since errors end up in logs; its position is.
	ErrWord = errors.New("not a word of the list")
	// ErrChecksum says that all twelve words are known but do not belong
	// together: one is wrong or two are swapped.
	ErrChecksum = errors.New("the words do not belong together: one is wrong or the order is")
	// ErrTruncated says that a phrase file ends too early.
	ErrTruncated = errors.New("the file is cut short")
	// ErrExists says that a file is already there; a phrase is never
	// overwritten.
	ErrExists = errors.New("a file is already there")
	// ErrPath says that a derivation path cannot be read.
	ErrPath = errors.New("not a derivation path")
	// ErrSeed says that a seed is shorter than 16 or longer than 64 bytes, or
	// that it leads to no valid key (chance 2⁻¹²⁷).
	ErrSeed = errors.New("unusable seed")
)
