package keys_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"github.com/etal-cloud/etal/chain/keys"
)

// junk is a phrase that every Ethereum developer knows, with addresses that
// many other programs print.
const junk = "test test test test test test test test test test test junk"

func TestWalletAddress(t *testing.T) {
	p, err := keys.ParsePhrase("  Test test test test TEST test test test test\ntest\ttest junk ")
	if err != nil {
		t.Fatal(err)
	}
	w, err := p.Wallet()
	if err != nil {
		t.Fatal(err)
	}
	if got := crypto.PubkeyToAddress(w.PublicKey).Hex(); got != "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" {
		t.Errorf("wallet %s", got)
	}
	second, err := p.Derive("m/44'/60'/0'/0/1")
	if err != nil {
		t.Fatal(err)
	}
	if got := crypto.PubkeyToAddress(second.PublicKey).Hex(); got != "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" {
		t.Errorf("second account %s", got)
	}
}

func TestSigners(t *testing.T) {
	p, err := keys.ParsePhrase(junk)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, path := range []string{"m/44'/60'/0'/0/0", "m/44'/60'/1'/0/0", "m/44'/60'/1'/0/1"} {
		k, err := p.Derive(path)
		if err != nil {
			t.Fatal(err)
		}
		seen[crypto.PubkeyToAddress(k.PublicKey).Hex()] = path
	}
	if len(seen) != 3 {
		t.Fatalf("keys repeat: %v", seen)
	}
	for device, want := range []string{"m/44'/60'/1'/0/0", "m/44'/60'/1'/0/1"} {
		k, err := p.Signer(uint32(device))
		if err != nil {
			t.Fatal(err)
		}
		if got := seen[crypto.PubkeyToAddress(k.PublicKey).Hex()]; got != want {
			t.Errorf("device %d signs with %q, want %q", device, got, want)
		}
	}
}

func TestParsePhraseErrors(t *testing.T) {
	eleven := strings.TrimSuffix(junk, " junk")
	for _, c := range []struct {
		in   string
		want error
	}{
		{"", keys.ErrWordCount},
		{eleven, keys.ErrWordCount},
		{junk + " junk", keys.ErrWordCount},
		{strings.Repeat("test ", 10_000), keys.ErrWordCount},
		{eleven + " jnuk", keys.ErrWord},
		{eleven + " test", keys.ErrChecksum},
		{"junk " + eleven, keys.ErrChecksum},
	} {
		if _, err := keys.ParsePhrase(c.in); !errors.Is(err, c.want) {
			t.Errorf("%.40q: %v, want %v", c.in, err, c.want)
		}
	}
	if _, err := keys.ParsePhrase(eleven + " jnuk"); strings.Contains(err.Error(), "jnuk") || !strings.Contains(err.Error(), "12") {
		t.Errorf("the error must name the place, not the word: %v", err)
	}
}

func TestNewPhrase(t *testing.T) {
	a, err := keys.NewPhrase(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := keys.NewPhrase(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if a.Reveal() == b.Reveal() || len(strings.Fields(a.Reveal())) != keys.Words {
		t.Fatalf("two phrases: equal or of the wrong length")
	}
	if _, err := keys.NewPhrase(strings.NewReader("too short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("short randomness: %v", err)
	}
}

func TestPhraseDoesNotLeak(t *testing.T) {
	p, err := keys.ParsePhrase(junk)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(p), fmt.Sprintf("%v %+v %#v %s %q", p, p, p, p, p), p.LogValue().String()} {
		if strings.Contains(s, "junk") {
			t.Errorf("the words leak: %s", s)
		}
	}
	if b, err := json.Marshal(p); err == nil {
		t.Errorf("a phrase was encoded: %s", b)
	}
	var zero keys.Phrase
	if _, err := zero.Wallet(); !errors.Is(err, keys.ErrWordCount) {
		t.Errorf("no words: %v", err)
	}
}

func FuzzParsePhrase(f *testing.F) {
	f.Add(junk)
	f.Add("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong")
	f.Add(strings.Repeat("\x00 ", 12))
	f.Fuzz(func(t *testing.T, s string) {
		p, err := keys.ParsePhrase(s)
		if err != nil {
			return
		}
		again, err := keys.ParsePhrase(p.Reveal())
		if err != nil || again != p {
			t.Fatalf("%q does not read back: %v", s, err)
		}
	})
}

func ExamplePhrase_Wallet() {
	p, err := keys.ParsePhrase(junk)
	if err != nil {
		panic(err)
	}
	wallet, err := p.Wallet()
	if err != nil {
		panic(err)
	}
	fmt.Println(crypto.PubkeyToAddress(wallet.PublicKey), p)
	// Output: 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 [12 words]
}
