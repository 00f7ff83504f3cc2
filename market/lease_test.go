package market_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
)

func TestLeaseRoundTrip(t *testing.T) {
	for name, change := range map[string]func(*market.Lease){
		"plain":      func(*market.Lease) {},
		"no channel": func(l *market.Lease) { l.Channel = market.ChannelID{} },
		"gpu":        func(l *market.Lease) { l.Resources.GPUs, l.Resources.GPU = 1, "NVIDIA L4" },
		"largest": func(l *market.Lease) {
			l.ResourceID, l.Sequence, l.Term = 1<<64-1, 1<<64-1, market.MaxDuration
			l.Credit, l.UnpaidPause, l.UnpaidStop = market.MaxDuration, market.MaxDuration, market.MaxDuration
			l.Price.Core = market.MaxPrice
			l.Resources.GPUs, l.Resources.GPU = market.MaxGPUs, strings.Repeat("g", 64)
		},
	} {
		l := newLease(t)
		change(&l)
		if err := l.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		back, err := market.DecodeLease(l.Encode())
		if err != nil || !reflect.DeepEqual(back, l) {
			t.Errorf("%s: bytes come back as %+v, %v", name, back, err)
		}
		back, err = market.LeaseFromProto(l.Proto())
		if err != nil || !reflect.DeepEqual(back, l) || back.TermsHash() != l.TermsHash() {
			t.Errorf("%s: message comes back as %+v, %v", name, back, err)
		}
	}
}

// The hash is what the two parties sign: it may never change for the same terms.
func TestTermsHashIsFixed(t *testing.T) {
	const want = "586676dbd9d6d37214c43b12f7c772e6c03db9eed7d8c9265fc9a5dfcdef29f3"
	if h := newLease(t).TermsHash(); hex.EncodeToString(h[:]) != want {
		t.Errorf("terms hash %x, want %s", h, want)
	}
}

func TestEveryTermIsHashed(t *testing.T) {
	_, other := newPeer(t, 5)
	changes := map[string]func(*market.Lease){
		"network": func(l *market.Lease) { l.Network[31]++ }, "renter": func(l *market.Lease) { l.Renter[19]++ },
		"provider": func(l *market.Lease) { l.Provider[19]++ }, "renter signer": func(l *market.Lease) { l.RenterSigner[0]++ },
		"provider signer": func(l *market.Lease) { l.ProviderSigner[0]++ }, "channel": func(l *market.Lease) { l.Channel[3]++ },
		"renter peer": func(l *market.Lease) { l.RenterPeer = other }, "provider peer": func(l *market.Lease) { l.ProviderPeer = other },
		"resource id": func(l *market.Lease) { l.ResourceID++ }, "sequence": func(l *market.Lease) { l.Sequence++ },
		"cpu": func(l *market.Lease) { l.Resources.MilliCPU++ }, "memory": func(l *market.Lease) { l.Resources.Memory++ },
		"disk": func(l *market.Lease) { l.Resources.Disk++ }, "gpus": func(l *market.Lease) { l.Resources.GPUs++ },
		"gpu": func(l *market.Lease) { l.Resources.GPU = "x" }, "core": func(l *market.Lease) { l.Price.Core = market.Atto(1) },
		"price memory": func(l *market.Lease) { l.Price.Memory = market.Atto(1) }, "price disk": func(l *market.Lease) { l.Price.Disk = market.Atto(1) },
		"price gpu": func(l *market.Lease) { l.Price.GPU = market.Atto(1) }, "egress": func(l *market.Lease) { l.Price.Egress = market.Atto(1) },
		"tier": func(l *market.Lease) { l.Tier = market.TierNative }, "accepted": func(l *market.Lease) { l.Accepted = l.Accepted.Add(time.Second) },
		"term": func(l *market.Lease) { l.Term += time.Second }, "credit": func(l *market.Lease) { l.Credit += time.Millisecond },
		"pause": func(l *market.Lease) { l.UnpaidPause += time.Millisecond }, "stop": func(l *market.Lease) { l.UnpaidStop += time.Millisecond },
	}
	// A field that is added to Lease must be added to Encode, and here: Resources
	// and Price count as their five parts each.
	if fields := reflect.TypeFor[market.Lease]().NumField() - 2 + 5 + 5; fields != len(changes) {
		t.Errorf("a lease has %d terms, %d are tried", fields, len(changes))
	}
	seen := map[[32]byte]string{newLease(t).TermsHash(): "nothing"}
	for name, change := range changes {
		l := newLease(t)
		change(&l)
		h := l.TermsHash()
		if was, dup := seen[h]; dup {
			t.Errorf("a change of %s hashes as one of %s", name, was)
		}
		seen[h] = name
	}
}

func TestLeaseValidate(t *testing.T) {
	for name, change := range map[string]func(*market.Lease){
		"no network":       func(l *market.Lease) { l.Network = market.NetworkID{} },
		"no renter":        func(l *market.Lease) { l.Renter = market.Account{} },
		"no signer":        func(l *market.Lease) { l.ProviderSigner = market.Account{} },
		"no peer":          func(l *market.Lease) { l.RenterPeer = "" },
		"no sequence":      func(l *market.Lease) { l.Sequence = 0 },
		"no cpu":           func(l *market.Lease) { l.Resources.MilliCPU = 0 },
		"dear":             func(l *market.Lease) { l.Price.Core = market.Units(1_000_001) },
		"no tier":          func(l *market.Lease) { l.Tier = "" },
		"not accepted":     func(l *market.Lease) { l.Accepted = time.Time{} },
		"half a second":    func(l *market.Lease) { l.Accepted = noon.Add(time.Second / 2) },
		"far future":       func(l *market.Lease) { l.Accepted = noon.AddDate(9000, 0, 0) },
		"no term":          func(l *market.Lease) { l.Term = 0 },
		"odd term":         func(l *market.Lease) { l.Term = 1500 * time.Millisecond },
		"long term":        func(l *market.Lease) { l.Term = market.MaxDuration + time.Second },
		"negative credit":  func(l *market.Lease) { l.Credit = -1 },
		"odd pause":        func(l *market.Lease) { l.UnpaidPause = 1 },
		"negative stop":    func(l *market.Lease) { l.UnpaidStop = -time.Second },
		"control in model": func(l *market.Lease) { l.Resources.GPU = "\x1b" },
	} {
		l := newLease(t)
		change(&l)
		if err := l.Validate(); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodeLease(f *testing.F) {
	f.Add(newLease(f).Encode())
	f.Add([]byte("etal lease 1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := market.DecodeLease(b)
		if err != nil {
			if !errors.Is(err, market.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
			return
		}
		if !bytes.Equal(l.Encode(), b) {
			t.Fatal("two encodings of one lease")
		}
		if _, err := market.LeaseFromProto(l.Proto()); err != nil {
			t.Fatalf("valid, but no message: %v", err)
		}
		if _, err := l.MaxCost(); err != nil {
			t.Fatalf("valid, but its cost overflows: %v", err)
		}
	})
}

func TestProposal(t *testing.T) {
	key, _ := newPeer(t, 1)
	p := market.Proposal{
		Network: network, Bind: newBind(t, key, 1), Nonce: [16]byte{1}, Resources: market.Resources{MilliCPU: 1000, Memory: 1 << 29},
		Price: price(t, "0.1", "0", "0", "0", "0"), Term: time.Minute, Tier: market.TierSandbox, Issued: noon, Sig: make([]byte, 65),
	}
	if err := p.Validate(noon); err != nil {
		t.Fatal(err)
	}
	if back, err := market.ProposalFromProto(p.Proto()); err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("comes back as %+v, %v", back, err)
	}
	for _, d := range []time.Duration{-31 * time.Second, 31 * time.Second} {
		if err := p.Validate(noon.Add(d)); !errors.Is(err, market.ErrExpired) {
			t.Errorf("at %s: %v", d, err)
		}
	}
	if err := p.Validate(noon.Add(25 * time.Hour)); !errors.Is(err, market.ErrExpired) {
		t.Errorf("after its bind: %v", err)
	}
	words := string(p.SigningBytes())
	for name, change := range map[string]func(*market.Proposal){
		"network": func(p *market.Proposal) { p.Network[0]++ }, "account": func(p *market.Proposal) { p.Bind.Account[0]++ },
		"signer": func(p *market.Proposal) { p.Bind.Signer[0]++ }, "peer": func(p *market.Proposal) { p.Bind.Peer += "x" },
		"nonce": func(p *market.Proposal) { p.Nonce[0]++ }, "cpu": func(p *market.Proposal) { p.Resources.MilliCPU++ },
		"price": func(p *market.Proposal) { p.Price.Egress = market.Atto(1) }, "term": func(p *market.Proposal) { p.Term += time.Second },
		"tier": func(p *market.Proposal) { p.Tier = market.TierNative }, "channel": func(p *market.Proposal) { p.Channel[0]++ },
		"issued": func(p *market.Proposal) { p.Issued = p.Issued.Add(time.Millisecond) },
	} {
		c := p
		change(&c)
		if string(c.SigningBytes()) == words {
			t.Errorf("%s is not signed", name)
		}
	}
}

// A missing channel has one form on the wire: no bytes.
func TestZeroChannelOnTheWire(t *testing.T) {
	m := newLease(t).Proto()
	m.Channel = make([]byte, 32)
	if _, err := market.LeaseFromProto(m); !errors.Is(err, market.ErrInvalid) {
		t.Errorf("32 zeros: %v", err)
	}
	m.Channel = nil
	if l, err := market.LeaseFromProto(m); err != nil || l.Channel != (market.ChannelID{}) {
		t.Errorf("none: %v", err)
	}
}
