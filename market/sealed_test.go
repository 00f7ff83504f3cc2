package market_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

func sealOffer(t testing.TB, seed uint64) (market.Offer, []byte) {
	t.Helper()
	o, key := newOffer(t, seed)
	raw, err := o.Seal(key.Sign)
	if err != nil {
		t.Fatal(err)
	}
	return o, raw
}

func sealDelta(t testing.TB, seed uint64) (market.Delta, []byte) {
	t.Helper()
	key, id := newPeer(t, seed)
	d := market.Delta{
		Network: network, Peer: id, Boot: 7, Seq: 4, Issued: noon.Add(time.Second),
		Free: market.Resources{MilliCPU: 1000}, Price: price(t, "0.2", "0", "0", "0", "0"),
	}
	raw, err := d.Seal(key.Sign)
	if err != nil {
		t.Fatal(err)
	}
	return d, raw
}

func TestOfferRoundTrip(t *testing.T) {
	o, raw := sealOffer(t, 1)
	s, err := market.ParseSealed(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*s.Offer, o) || s.Delta != nil || !bytes.Equal(s.Raw, raw) {
		t.Errorf("came back as %+v", s.Offer)
	}
	if err := s.CheckSignature(); err != nil {
		t.Error(err)
	}
	if err := s.CheckWindow(noon); err != nil {
		t.Error(err)
	}
	if boot, seq := s.Order(); boot != 7 || seq != 3 || s.Peer() != o.Bind.Peer || s.Network() != network {
		t.Errorf("boot %d, seq %d, peer %s", boot, seq, s.Peer())
	}
}

func TestDeltaRoundTrip(t *testing.T) {
	d, raw := sealDelta(t, 1)
	s, err := market.ParseSealed(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*s.Delta, d) || s.Offer != nil {
		t.Errorf("came back as %+v", s.Delta)
	}
	if err := s.CheckSignature(); err != nil {
		t.Error(err)
	}
	if boot, seq := s.Order(); boot != 7 || seq != 4 || s.Peer() != d.Peer || s.Network() != network {
		t.Errorf("boot %d, seq %d, peer %s", boot, seq, s.Peer())
	}
	o, _ := newOffer(t, 1)
	if !d.Applies(o) {
		t.Fatal("the delta is of this offer")
	}
	if got := d.Apply(o); got.Free != d.Free || got.Price != d.Price || got.Seq != 4 || got.Expires != o.Expires {
		t.Errorf("applied: %+v", got)
	}
	o.Boot++
	if d.Applies(o) {
		t.Error("a delta of an earlier start of the provider applies to nothing")
	}
}

// The largest offer that the rules allow must fit into MaxOfferBytes, and the
// largest delta into MaxDeltaBytes.
func TestLargestObjectsFit(t *testing.T) {
	o, key := newOffer(t, 1)
	full := market.Price{Core: market.MaxPrice, Memory: market.MaxPrice, Disk: market.MaxPrice, GPU: market.MaxPrice, Egress: market.MaxPrice}
	free := market.Resources{MilliCPU: market.MaxMilliCPU, Memory: market.MaxBytes, Disk: market.MaxBytes, GPUs: market.MaxGPUs, GPU: strings.Repeat("x", 64)}
	o.Name, o.Region, o.Arch = strings.Repeat("n", 32), strings.Repeat("r", 32), strings.Repeat("a", 16)
	o.Price, o.Free, o.Boot, o.Seq = full, free, 1<<64-1, 1<<64-1
	o.Tiers = []market.Tier{"sandbox-sandbox1", "sandbox-sandbox2", "sandbox-sandbox3", "sandbox-sandbox4"}
	o.Limits, o.Reach, o.MinChannel = strings.Repeat("l", 16), strings.Repeat("r", 16), market.MaxPrice
	if _, err := o.Seal(key.Sign); err != nil {
		t.Error(err)
	}
	d := market.Delta{Network: network, Peer: o.Bind.Peer, Boot: 1<<64 - 1, Seq: 1<<64 - 1, Issued: noon, Free: free, Price: full}
	if _, err := d.Seal(key.Sign); err != nil {
		t.Error(err)
	}
}

func TestSealRefuses(t *testing.T) {
	for name, change := range map[string]func(*market.Offer){
		"no network":     func(o *market.Offer) { o.Network = market.NetworkID{} },
		"no account":     func(o *market.Offer) { o.Bind.Account = market.Account{} },
		"no peer":        func(o *market.Offer) { o.Bind.Peer = "" },
		"another peer":   func(o *market.Offer) { o.Bind.Peer = "12D3" },
		"no account sig": func(o *market.Offer) { o.Bind.AccountSig = nil },
		"no peer sig":    func(o *market.Offer) { o.Bind.PeerSig = nil },
		"never expires":  func(o *market.Offer) { o.Expires = o.Issued.Add(market.MaxOfferLife + time.Millisecond) },
		"expired before": func(o *market.Offer) { o.Expires = o.Issued },
		"no name":        func(o *market.Offer) { o.Name = "" },
		"rude name":      func(o *market.Offer) { o.Name = "a\x1b[2J" },
		"upper case":     func(o *market.Offer) { o.Region = "FR" },
		"no tier":        func(o *market.Offer) { o.Tiers = nil },
		"tier twice":     func(o *market.Offer) { o.Tiers = append(o.Tiers, o.Tiers[0]) },
		"less than free": func(o *market.Offer) { o.Free.Memory = -1 },
		"dear":           func(o *market.Offer) { o.Price.Core = market.Units(1_000_001) },
		"no term":        func(o *market.Offer) { o.MaxTerm = 0 },
		"negative time":  func(o *market.Offer) { o.SellsUntil = time.Unix(-1, 0) },
		"rude gpu":       func(o *market.Offer) { o.Free.GPU = "\n" },
	} {
		o, key := newOffer(t, 1)
		change(&o)
		if _, err := o.Seal(key.Sign); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("no key")
	o, _ := newOffer(t, 1)
	if _, err := o.Seal(func([]byte) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("a signer that fails: %v", err)
	}
}

func TestWindow(t *testing.T) {
	_, rawOffer := sealOffer(t, 1)
	_, rawDelta := sealDelta(t, 1) // issued a second after the offer
	for _, c := range []struct {
		raw []byte
		at  time.Duration
		ok  bool
	}{
		{rawOffer, -market.MaxClockSkew, true},
		{rawOffer, -market.MaxClockSkew - time.Millisecond, false},
		{rawOffer, time.Minute - time.Millisecond, true},
		{rawOffer, time.Minute, false},
		{rawDelta, time.Second - market.MaxClockSkew, true},
		{rawDelta, time.Second - market.MaxClockSkew - time.Millisecond, false},
		{rawDelta, market.MaxOfferLife, true},
		{rawDelta, market.MaxOfferLife + time.Second, false},
	} {
		s, err := market.ParseSealed(c.raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckWindow(noon.Add(c.at)); (err == nil) != c.ok || (err != nil && !errors.Is(err, market.ErrExpired)) {
			t.Errorf("offer %t at %s: %v", s.Offer != nil, c.at, err)
		}
	}
}

func TestForgeries(t *testing.T) {
	o, key := newOffer(t, 1)
	other, _ := newPeer(t, 2)
	forged := func(name string, o market.Offer, sign func([]byte) ([]byte, error)) {
		t.Helper()
		raw, err := o.Seal(sign)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, err := market.ParseSealed(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.CheckSignature(); !errors.Is(err, market.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	forged("another's key", o, other.Sign)
	forged("another's words", o, func(b []byte) ([]byte, error) { return key.Sign(append(b, 0)) })
	stolen := o
	stolen.Bind.Account = market.Account{99}
	forged("an account the peer never took", stolen, key.Sign)
	moved := o
	moved.Network[0]++
	forged("a bind of another network", moved, key.Sign)

	// Not a bit of a sealed object may change.
	_, raw := sealOffer(t, 1)
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		s, err := market.ParseSealed(bad)
		if err == nil {
			err = s.CheckSignature()
		}
		if err == nil {
			t.Fatalf("byte %d of %d may change", i, len(raw))
		}
	}
}

// An offer's signature does not make a delta of the same bytes.
func TestKindsAreApart(t *testing.T) {
	key, id := newPeer(t, 1)
	d := market.Delta{Network: network, Peer: id, Issued: noon}
	var signed []byte
	if _, err := d.Seal(func(b []byte) ([]byte, error) { signed = b; return key.Sign(b) }); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(signed, network[:]) || bytes.HasPrefix(signed[32:], []byte("etal offer 1")) {
		t.Errorf("signed %x", signed)
	}
}

// The same signed object in other bytes is refused: else anyone could make new
// gossip of old.
func TestSealedIsCanonical(t *testing.T) {
	_, raw := sealOffer(t, 1)
	var m marketpb.Sealed
	if err := proto.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	body, sig := raw[:len(raw)-66], raw[len(raw)-66:]
	for name, bad := range map[string][]byte{
		"unknown field": append(bytes.Clone(raw), 0x78, 1),
		"field twice":   append(bytes.Clone(raw), sig...),
		"empty":         {},
		"garbage":       []byte("garbage"),
		"sig first":     append(bytes.Clone(sig), body...),
		"too long":      make([]byte, market.MaxOfferBytes+1),
	} {
		if _, err := market.ParseSealed(bad); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBind(t *testing.T) {
	key, _ := newPeer(t, 1)
	b := newBind(t, key, 1)
	if err := b.Validate(noon); err != nil {
		t.Error(err)
	}
	if err := b.CheckPeer(network); err != nil {
		t.Error(err)
	}
	if err := b.Validate(b.ValidUntil); !errors.Is(err, market.ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
	if back, err := market.BindFromProto(b.Proto()); err != nil || !reflect.DeepEqual(back, b) {
		t.Errorf("%+v, %v", back, err)
	}
	for name, change := range map[string]func(*market.Bind){
		"account": func(b *market.Bind) { b.Account[0]++ },
		"signer":  func(b *market.Bind) { b.Signer[0]++ },
		"until":   func(b *market.Bind) { b.ValidUntil = b.ValidUntil.Add(time.Second) },
		"sig":     func(b *market.Bind) { b.PeerSig = make([]byte, 64) },
	} {
		c := b
		change(&c)
		if err := c.CheckPeer(network); !errors.Is(err, market.ErrSignature) {
			t.Errorf("changed %s: %v", name, err)
		}
	}
	if err := b.CheckPeer(market.NetworkID{1}); !errors.Is(err, market.ErrSignature) {
		t.Errorf("another network: %v", err)
	}
}

func FuzzParseSealed(f *testing.F) {
	_, offer := sealOffer(f, 1)
	_, delta := sealDelta(f, 1)
	f.Add(offer)
	f.Add(delta)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := market.ParseSealed(raw)
		if err != nil {
			if !errors.Is(err, market.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
			return
		}
		if (s.Offer == nil) == (s.Delta == nil) {
			t.Fatal("neither or both")
		}
		_ = s.CheckWindow(noon)
		_ = s.CheckSignature()
		if s.Offer != nil && s.Offer.Validate() != nil || s.Delta != nil && s.Delta.Validate() != nil {
			t.Fatal("parsed but not valid")
		}
	})
}
