package market

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Validate checks the form of the offer. It checks no signature and no clock.
func (o Offer) Validate() error {
	if err := o.proto().Validate(); err != nil {
		return err
	}
	return o.sense()
}

// sense checks what a message's form cannot say.
func (o Offer) sense() error {
	if o.Network == (NetworkID{}) {
		return fmt.Errorf("%w offer: no network", ErrInvalid)
	}
	if life := o.Expires.Sub(o.Issued); life <= 0 || life > MaxOfferLife {
		return fmt.Errorf("%w offer: lives for %s, want at most %s", ErrInvalid, life, MaxOfferLife)
	}
	if err := o.Price.Validate(); err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	return o.Bind.sense()
}

func (o Offer) proto() *marketpb.Offer {
	m := &marketpb.Offer{
		Network: o.Network[:], Bind: o.Bind.Proto(), Boot: o.Boot, Seq: o.Seq,
		IssuedMs: marketpb.Milli(o.Issued), ExpiresMs: marketpb.Milli(o.Expires),
		Name: o.Name, Region: o.Region, Arch: o.Arch, Free: o.Free.Proto(), Price: o.Price.Proto(),
		Limits: o.Limits, Reach: o.Reach, SellsUntilMs: marketpb.Milli(o.SellsUntil), MaxTermMs: o.MaxTerm.Milliseconds(),
		MinChannel: o.MinChannel.Bytes(), CreditMs: o.Credit.Milliseconds(),
	}
	for _, t := range o.Tiers {
		m.Tiers = append(m.Tiers, string(t))
	}
	return m
}

func offerFromProto(m *marketpb.Offer) (Offer, error) {
	if err := m.Validate(); err != nil {
		return Offer{}, err
	}
	bind, err := BindFromProto(m.Bind)
	if err != nil {
		return Offer{}, fmt.Errorf("offer: %w", err)
	}
	free, err := ResourcesFromProto(m.Free)
	if err != nil {
		return Offer{}, fmt.Errorf("offer: %w", err)
	}
	price, err := PriceFromProto(m.Price)
	if err != nil {
		return Offer{}, fmt.Errorf("offer: %w", err)
	}
	minChannel, err := AmountFromBytes(m.MinChannel)
	if err != nil {
		return Offer{}, fmt.Errorf("offer: %w", err)
	}
	o := Offer{
		Network: NetworkID(m.Network), Bind: bind, Boot: m.Boot, Seq: m.Seq,
		Issued: marketpb.FromMilli(m.IssuedMs), Expires: marketpb.FromMilli(m.ExpiresMs),
		Name: m.Name, Region: m.Region, Arch: m.Arch, Free: free, Price: price,
		Limits: m.Limits, Reach: m.Reach, SellsUntil: marketpb.FromMilli(m.SellsUntilMs), MaxTerm: duration(m.MaxTermMs),
		MinChannel: minChannel, Credit: duration(m.CreditMs),
	}
	for _, t := range m.Tiers {
		o.Tiers = append(o.Tiers, Tier(t))
	}
	return o, o.sense()
}

// Validate checks the form of the delta. It checks no signature and no clock.
func (d Delta) Validate() error {
	if err := d.proto().Validate(); err != nil {
		return err
	}
	return d.sense()
}

func (d Delta) sense() error {
	if d.Network == (NetworkID{}) {
		return fmt.Errorf("%w delta: no network", ErrInvalid)
	}
	if err := d.Price.Validate(); err != nil {
		return fmt.Errorf("delta: %w", err)
	}
	return checkPeerID(d.Peer)
}

func (d Delta) proto() *marketpb.Delta {
	return &marketpb.Delta{
		Network: d.Network[:], Peer: []byte(d.Peer), Boot: d.Boot, Seq: d.Seq, IssuedMs: marketpb.Milli(d.Issued),
		Free: d.Free.Proto(), Price: d.Price.Proto(),
	}
}

func deltaFromProto(m *marketpb.Delta) (Delta, error) {
	if err := m.Validate(); err != nil {
		return Delta{}, err
	}
	free, err := ResourcesFromProto(m.Free)
	if err != nil {
		return Delta{}, fmt.Errorf("delta: %w", err)
	}
	price, err := PriceFromProto(m.Price)
	if err != nil {
		return Delta{}, fmt.Errorf("delta: %w", err)
	}
	d := Delta{
		Network: NetworkID(m.Network), Peer: peer.ID(m.Peer), Boot: m.Boot, Seq: m.Seq,
		Issued: marketpb.FromMilli(m.IssuedMs), Free: free, Price: price,
	}
	return d, d.sense()
}

// Applies reports whether d changes o: same provider, same start of it, issued
// after it.
func (d Delta) Applies(o Offer) bool {
	return d.Network == o.Network && d.Peer == o.Bind.Peer && d.Boot == o.Boot && d.Seq > o.Seq
}

// Apply returns the offer with the delta's free capacity and price. The offer's
// end stays: only a new offer extends it.
func (d Delta) Apply(o Offer) Offer {
	o.Seq, o.Free, o.Price = d.Seq, d.Free, d.Price
	return o
}
