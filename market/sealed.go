package market

import (
	"bytes"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Sealed is a signed Offer or Delta as it travels: exactly one of the two is
// set. It carries the very bytes that were signed, so that whoever passes it on
// changes nothing.
type Sealed struct {
	Raw   []byte // as received; never changed
	Offer *Offer
	Delta *Delta

	body, sig []byte
}

var (
	canonical = proto.MarshalOptions{Deterministic: true}
	// known drops fields that this version does not know.
	known = proto.UnmarshalOptions{DiscardUnknown: true}
)

// signedBytes returns what a peer signs: the network id, a word for the kind of
// object, and the object as it travels.
func signedBytes(network NetworkID, kind string, body []byte) []byte {
	msg := append(network[:len(network):len(network)], kind...)
	return append(msg, body...)
}

const (
	offerKind = "etal offer 1"
	deltaKind = "etal delta 1"
)

// Seal signs the offer with the provider peer's Ed25519 key and returns what
// travels. It refuses an invalid offer, and one above MaxOfferBytes.
func (o Offer) Seal(sign func([]byte) ([]byte, error)) ([]byte, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("seal offer: %w", err)
	}
	body, err := canonical.Marshal(o.proto())
	if err != nil {
		return nil, fmt.Errorf("seal offer: %w", err)
	}
	return seal(o.Network, offerKind, body, sign, &marketpb.Sealed{Body: &marketpb.Sealed_Offer{Offer: body}}, MaxOfferBytes)
}

// Seal signs the delta as Offer.Seal does, within MaxDeltaBytes.
func (d Delta) Seal(sign func([]byte) ([]byte, error)) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, fmt.Errorf("seal delta: %w", err)
	}
	body, err := canonical.Marshal(d.proto())
	if err != nil {
		return nil, fmt.Errorf("seal delta: %w", err)
	}
	return seal(d.Network, deltaKind, body, sign, &marketpb.Sealed{Body: &marketpb.Sealed_Delta{Delta: body}}, MaxDeltaBytes)
}

func seal(network NetworkID, kind string, body []byte, sign func([]byte) ([]byte, error), m *marketpb.Sealed, limit int) ([]byte, error) {
	sig, err := sign(signedBytes(network, kind, body))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	m.Sig = sig
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	raw, err := canonical.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if len(raw) > limit {
		return nil, fmt.Errorf("%w: sealed %d bytes, want at most %d", ErrInvalid, len(raw), limit)
	}
	return raw, nil
}

// ParseSealed reads what Seal returns. It checks size and form only, which is
// cheap: CheckWindow and CheckSignature come next. Raw bytes that say the same
// in another way than Seal would are refused, so that nobody can make new
// messages out of another's old ones. The result keeps raw.
func ParseSealed(raw []byte) (Sealed, error) {
	if len(raw) > MaxOfferBytes {
		return Sealed{}, fmt.Errorf("%w: sealed %d bytes, want at most %d", ErrInvalid, len(raw), MaxOfferBytes)
	}
	var m marketpb.Sealed
	if err := known.Unmarshal(raw, &m); err != nil {
		return Sealed{}, fmt.Errorf("%w sealed: %w", ErrInvalid, err)
	}
	if err := m.Validate(); err != nil {
		return Sealed{}, err
	}
	if again, err := canonical.Marshal(&m); err != nil || !bytes.Equal(again, raw) {
		return Sealed{}, fmt.Errorf("%w sealed: not in its canonical form", ErrInvalid)
	}
	s := Sealed{Raw: raw, sig: m.Sig}
	switch body := m.Body.(type) {
	case *marketpb.Sealed_Offer:
		var pb marketpb.Offer
		if err := proto.Unmarshal(body.Offer, &pb); err != nil {
			return Sealed{}, fmt.Errorf("%w offer: %w", ErrInvalid, err)
		}
		o, err := offerFromProto(&pb)
		if err != nil {
			return Sealed{}, err
		}
		s.Offer, s.body = &o, body.Offer
	case *marketpb.Sealed_Delta:
		if len(raw) > MaxDeltaBytes {
			return Sealed{}, fmt.Errorf("%w: sealed delta of %d bytes, want at most %d", ErrInvalid, len(raw), MaxDeltaBytes)
		}
		var pb marketpb.Delta
		if err := proto.Unmarshal(body.Delta, &pb); err != nil {
			return Sealed{}, fmt.Errorf("%w delta: %w", ErrInvalid, err)
		}
		d, err := deltaFromProto(&pb)
		if err != nil {
			return Sealed{}, err
		}
		s.Delta, s.body = &d, body.Delta
	}
	return s, nil
}

// Network returns the network that the object belongs to.
func (s Sealed) Network() NetworkID {
	if s.Offer != nil {
		return s.Offer.Network
	}
	return s.Delta.Network
}

// Peer returns the provider that signed, or is said to have.
func (s Sealed) Peer() peer.ID {
	if s.Offer != nil {
		return s.Offer.Bind.Peer
	}
	return s.Delta.Peer
}

// Order returns the boot and the sequence number. A reader keeps the highest.
func (s Sealed) Order() (boot, seq uint64) {
	if s.Offer != nil {
		return s.Offer.Boot, s.Offer.Seq
	}
	return s.Delta.Boot, s.Delta.Seq
}

// CheckWindow returns ErrExpired where the object was issued more than
// MaxClockSkew after now, or is over: an offer at its end, a delta once every
// offer that it could change is.
func (s Sealed) CheckWindow(now time.Time) error {
	var issued, expires time.Time
	if s.Offer != nil {
		issued, expires = s.Offer.Issued, s.Offer.Expires
	} else {
		issued, expires = s.Delta.Issued, s.Delta.Issued.Add(MaxOfferLife)
	}
	if issued.After(now.Add(MaxClockSkew)) {
		return fmt.Errorf("%w: issued %s ahead of the clock", ErrExpired, issued.Sub(now).Round(time.Second))
	}
	if !expires.After(now) {
		return fmt.Errorf("%w %s ago", ErrExpired, now.Sub(expires).Round(time.Second))
	}
	if s.Offer != nil && !s.Offer.Bind.ValidUntil.After(now) {
		return fmt.Errorf("bind: %w", ErrExpired)
	}
	return nil
}

// CheckSignature returns ErrSignature unless the provider's peer signed this
// object, and, in an offer, its bind. The account's half of the bind is the
// agents' to check.
func (s Sealed) CheckSignature() error {
	kind := deltaKind
	if s.Offer != nil {
		kind = offerKind
	}
	if err := verify(s.Peer(), signedBytes(s.Network(), kind, s.body), s.sig); err != nil {
		return err
	}
	if s.Offer != nil {
		return s.Offer.Bind.CheckPeer(s.Offer.Network)
	}
	return nil
}
