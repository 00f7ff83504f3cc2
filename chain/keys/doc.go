// Package keys makes, keeps and derives the keys that move money.
//
// A Phrase is twelve English words (BIP-39): 128 random bits and a checksum.
// It is the root of everything an account owns, and all that a person needs
// to write down.
//
// The wallet key (m/44'/60'/0'/0/0) owns the account: deposits, channels and
// earnings belong to its address, and other wallets find the same address from
// the same words.
//
// A signer key (m/44'/60'/1'/0/device) signs vouchers for one device. Two
// machines with the same phrase never sign for one channel, because each has
// its own device number.
//
// A phrase file holds the words on one line and is written atomically: a
// temporary file, fsync, rename, fsync of the folder. A crash leaves the old
// file, the new one or none, never half of one.
package keys
