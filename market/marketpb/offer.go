package marketpb

// Validate checks the quantities. All may be 0: a provider that is sold out
// has nothing free.
func (m *Resources) Validate() error {
	if m == nil {
		return missing("resources")
	}
	c := check{of: "resources"}
	c.inRange("milli_cpu", m.MilliCpu, 0, maxMilliCPU)
	c.inRange("memory", m.Memory, 0, maxQuantity)
	c.inRange("disk", m.Disk, 0, maxQuantity)
	c.inRange("gpus", m.Gpus, 0, maxGPUs)
	c.text("gpu", m.Gpu, 64)
	return c.err
}

// Validate checks the form of every part of the price.
func (m *Price) Validate() error {
	if m == nil {
		return missing("price")
	}
	c := check{of: "price"}
	c.integer("core", m.Core)
	c.integer("memory", m.Memory)
	c.integer("disk", m.Disk)
	c.integer("gpu", m.Gpu)
	c.integer("egress", m.Egress)
	return c.err
}

// Validate checks lengths and the range of the time. Both signatures must be there.
func (m *Bind) Validate() error {
	if m == nil {
		return missing("bind")
	}
	c := check{of: "bind"}
	c.size("account", m.Account, 20)
	c.size("signer", m.Signer, 20)
	c.between("peer", m.Peer, 1, maxPeerBytes)
	c.inRange("valid_until_s", m.ValidUntilS, 1, maxTimeS)
	c.size("account_sig", m.AccountSig, accountSigSize)
	c.size("peer_sig", m.PeerSig, peerSigSize)
	return c.err
}

// Validate checks the form of an offer, not its times against a clock.
func (m *Offer) Validate() error {
	if m == nil {
		return missing("offer")
	}
	c := check{of: "offer"}
	c.size("network", m.Network, 32)
	c.part("bind", m.Bind)
	c.inRange("issued_ms", m.IssuedMs, 1, maxTimeMS)
	c.inRange("expires_ms", m.ExpiresMs, 1, maxTimeMS)
	c.word("name", m.Name, 1, 32)
	c.word("region", m.Region, 0, 32)
	c.word("arch", m.Arch, 1, 16)
	c.part("free", m.Free)
	c.part("price", m.Price)
	c.count("tiers", len(m.Tiers), 1, 4)
	for _, t := range m.Tiers {
		c.word("tiers", t, 1, 16)
	}
	c.that(unique(m.Tiers, func(s string) string { return s }), "tiers", "repeats one")
	c.word("limits", m.Limits, 1, 16)
	c.word("reach", m.Reach, 1, 16)
	c.inRange("sells_until_ms", m.SellsUntilMs, 0, maxTimeMS)
	c.inRange("max_term_ms", m.MaxTermMs, 1, maxDurationMS)
	c.integer("min_channel", m.MinChannel)
	c.inRange("credit_ms", m.CreditMs, 0, maxDurationMS)
	return c.err
}

// Validate checks the form of a delta.
func (m *Delta) Validate() error {
	if m == nil {
		return missing("delta")
	}
	c := check{of: "delta"}
	c.size("network", m.Network, 32)
	c.between("peer", m.Peer, 1, maxPeerBytes)
	c.inRange("issued_ms", m.IssuedMs, 1, maxTimeMS)
	c.part("free", m.Free)
	c.part("price", m.Price)
	return c.err
}

// Validate checks the envelope only; market.ParseSealed looks inside.
func (m *Sealed) Validate() error {
	if m == nil {
		return missing("sealed")
	}
	c := check{of: "sealed"}
	switch body := m.Body.(type) {
	case *Sealed_Offer:
		c.between("offer", body.Offer, 1, MaxSealedBytes)
	case *Sealed_Delta:
		c.between("delta", body.Delta, 1, MaxSealedBytes)
	default:
		c.fail("body", "is missing")
	}
	c.size("sig", m.Sig, peerSigSize)
	return c.err
}

// Validate checks what is wanted, where something is, and the limit.
func (m *BookQuery) Validate() error {
	if m == nil {
		return missing("book query")
	}
	c := check{of: "book query"}
	if m.Want != nil {
		c.part("want", m.Want)
	}
	c.inRange("limit", int64(m.Limit), 1, MaxBookOffers)
	return c.err
}

// Validate checks the number and the lengths of the sealed objects.
func (m *BookAnswer) Validate() error {
	if m == nil {
		return missing("book answer")
	}
	c := check{of: "book answer"}
	c.count("offers", len(m.Offers), 0, MaxBookOffers)
	for _, o := range m.Offers {
		c.between("offers", o, 1, MaxSealedBytes)
	}
	return c.err
}
