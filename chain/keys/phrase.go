package keys

import (
	"crypto/ecdsa"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/tyler-smith/go-bip39"
)

// Words is the number of words in a phrase.
const Words = 12

// entropySize is the number of random bytes behind twelve words.
const entropySize = 16

// Phrase is the twelve words. It prints as a placeholder, so that it cannot
// reach a log by accident; Reveal returns the words.
type Phrase struct{ words string }

// NewPhrase draws a phrase from random, which must be a cryptographic source.
func NewPhrase(random io.Reader) (Phrase, error) {
	var b [entropySize]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Phrase{}, fmt.Errorf("keys: draw a phrase: %w", err)
	}
	words, err := bip39.NewMnemonic(b[:])
	if err != nil {
		return Phrase{}, fmt.Errorf("keys: draw a phrase: %w", err)
	}
	return Phrase{words}, nil
}

// ParsePhrase reads twelve words in any case and spacing. It returns
// ErrWordCount, ErrWord or ErrChecksum.
func ParsePhrase(s string) (Phrase, error) {
	// A phrase is at most 12 × 8 letters; far more is not worth splitting.
	if len(s) > 4096 {
		return Phrase{}, fmt.Errorf("keys: %w, not %d bytes", ErrWordCount, len(s))
	}
	words := strings.Fields(strings.ToLower(s))
	if len(words) != Words {
		return Phrase{}, fmt.Errorf("keys: %w, here are %d", ErrWordCount, len(words))
	}
	for i, w := range words {
		if _, ok := bip39.GetWordIndex(w); !ok {
			return Phrase{}, fmt.Errorf("keys: word %d: %w", i+1, ErrWord)
		}
	}
	p := strings.Join(words, " ")
	if _, err := bip39.EntropyFromMnemonic(p); err != nil {
		return Phrase{}, fmt.Errorf("keys: %w", ErrChecksum)
	}
	return Phrase{p}, nil
}

// Reveal returns the words, separated by single spaces. It is for the eyes of
// the owner and for the file.
func (p Phrase) Reveal() string { return p.words }

// IsZero reports whether p holds no words.
func (p Phrase) IsZero() bool { return p.words == "" }

// String hides the words.
func (p Phrase) String() string { return "[12 words]" }

// GoString hides the words from %#v too.
func (p Phrase) GoString() string { return "keys.Phrase{…}" }

// LogValue hides the words from structured logs.
func (p Phrase) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText refuses, so that no encoder writes a phrase where nobody expects
// one.
func (p Phrase) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("keys: a phrase is not written by encoders")
}

// Wallet derives the key of the account: m/44'/60'/0'/0/0.
func (p Phrase) Wallet() (*ecdsa.PrivateKey, error) {
	return p.derive(hardened|44, hardened|60, hardened, 0, 0)
}

// Signer derives the key that signs vouchers on one device:
// m/44'/60'/1'/0/device. Devices of 2³¹ and more return ErrPath.
func (p Phrase) Signer(device uint32) (*ecdsa.PrivateKey, error) {
	if device >= hardened {
		return nil, fmt.Errorf("keys: device %d: %w", device, ErrPath)
	}
	return p.derive(hardened|44, hardened|60, hardened|1, 0, device)
}

// Derive derives the key at a path such as m/44'/60'/0'/0/0.
func (p Phrase) Derive(path string) (*ecdsa.PrivateKey, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	return p.derive(steps...)
}

func (p Phrase) derive(path ...uint32) (*ecdsa.PrivateKey, error) {
	if p.IsZero() {
		return nil, fmt.Errorf("keys: %w, here are 0", ErrWordCount)
	}
	n, err := master(bip39.NewSeed(p.words, ""))
	if err != nil {
		return nil, err
	}
	for _, i := range path {
		if n, err = n.child(i); err != nil {
			return nil, err
		}
	}
	return n.key()
}
