package marketpb

// Validate checks the form of a lease's terms. The channel may be missing.
func (m *LeaseTerms) Validate() error {
	if m == nil {
		return missing("lease terms")
	}
	c := check{of: "lease terms"}
	c.size("network", m.Network, 32)
	c.size("renter", m.Renter, 20)
	c.size("provider", m.Provider, 20)
	c.between("renter_peer", m.RenterPeer, 1, maxPeerBytes)
	c.between("provider_peer", m.ProviderPeer, 1, maxPeerBytes)
	c.size("renter_signer", m.RenterSigner, 20)
	c.size("provider_signer", m.ProviderSigner, 20)
	c.part("resources", m.Resources)
	c.part("price", m.Price)
	c.word("tier", m.Tier, 1, 16)
	c.inRange("accepted_s", m.AcceptedS, 1, maxTimeS)
	c.inRange("term_s", m.TermS, 1, maxDurationS)
	c.optSize("channel", m.Channel, 32)
	c.inRange("credit_ms", m.CreditMs, 0, maxDurationMS)
	c.inRange("unpaid_pause_ms", m.UnpaidPauseMs, 0, maxDurationMS)
	c.inRange("unpaid_stop_ms", m.UnpaidStopMs, 0, maxDurationMS)
	return c.err
}

// Validate checks the form of a proposal; its signature must be there.
func (m *Proposal) Validate() error {
	if m == nil {
		return missing("proposal")
	}
	c := check{of: "proposal"}
	c.size("network", m.Network, 32)
	c.part("bind", m.Bind)
	c.size("nonce", m.Nonce, 16)
	c.part("resources", m.Resources)
	c.part("price", m.Price)
	c.inRange("term_s", m.TermS, 1, maxDurationS)
	c.word("tier", m.Tier, 1, 16)
	c.optSize("channel", m.Channel, 32)
	c.inRange("issued_ms", m.IssuedMs, 1, maxTimeMS)
	c.size("sig", m.Sig, accountSigSize)
	return c.err
}

func (c *check) hold(b []byte) { c.between("hold", b, 8, 32) }

// Validate checks the form of an accept.
func (m *Accept) Validate() error {
	if m == nil {
		return missing("accept")
	}
	c := check{of: "accept"}
	c.hold(m.Hold)
	c.part("terms", m.Terms)
	c.inRange("hold_until_ms", m.HoldUntilMs, 1, maxTimeMS)
	c.part("bind", m.Bind)
	c.inRange("close_window_s", m.CloseWindowS, minCloseWindow, maxCloseWindow)
	c.integer("max_open_fee", m.MaxOpenFee)
	return c.err
}

// Validate checks the form of a reject. The delta is optional, and sealed.
func (m *Reject) Validate() error {
	if m == nil {
		return missing("reject")
	}
	c := check{of: "reject"}
	c.that(m.Code != 0, "code", "is 0")
	c.text("text", m.Text, MaxTextBytes)
	c.between("delta", m.Delta, 0, MaxSealedBytes)
	return c.err
}

// Validate checks that there is one valid answer.
func (m *ProposalAnswer) Validate() error {
	if m == nil {
		return missing("proposal answer")
	}
	c := check{of: "proposal answer"}
	switch a := m.Answer.(type) {
	case *ProposalAnswer_Accept:
		c.part("accept", a.Accept)
	case *ProposalAnswer_Reject:
		c.part("reject", a.Reject)
	default:
		c.fail("answer", "is missing")
	}
	return c.err
}

// Validate checks lengths, and that the window is one that the contract takes.
func (m *ChannelTerms) Validate() error {
	if m == nil {
		return missing("channel terms")
	}
	c := check{of: "channel terms"}
	c.size("renter", m.Renter, 20)
	c.size("payee", m.Payee, 20)
	c.size("signer", m.Signer, 20)
	c.size("token", m.Token, 20)
	c.inRange("window_s", m.WindowS, minCloseWindow, maxCloseWindow)
	c.size("salt", m.Salt, 32)
	return c.err
}

// Validate checks the form of an opening that the provider submits.
func (m *OpenFor) Validate() error {
	if m == nil {
		return missing("open for")
	}
	c := check{of: "open for"}
	c.between("amount_units", m.AmountUnits, 1, amountBytes)
	c.integer("amount_units", m.AmountUnits)
	c.integer("fee_cap_units", m.FeeCapUnits)
	c.inRange("deadline_s", m.DeadlineS, 1, maxTimeS)
	c.size("sig", m.Sig, accountSigSize)
	return c.err
}

// Validate checks the form of a commit. Its terms must name a channel; how to
// open it is there only where it is not open yet.
func (m *Commit) Validate() error {
	if m == nil {
		return missing("commit")
	}
	c := check{of: "commit"}
	c.hold(m.Hold)
	c.part("terms", m.Terms)
	c.size("terms.channel", m.GetTerms().GetChannel(), 32)
	c.size("renter_sig", m.RenterSig, accountSigSize)
	if m.Channel != nil {
		c.part("channel", m.Channel)
	}
	if m.Open != nil {
		c.part("open", m.Open)
		c.that(m.Channel != nil, "open", "comes without the terms of its channel")
	}
	return c.err
}

// Validate checks lengths. The transaction is there only where one was sent.
func (m *Committed) Validate() error {
	if m == nil {
		return missing("committed")
	}
	c := check{of: "committed"}
	c.size("provider_sig", m.ProviderSig, accountSigSize)
	c.optSize("open_tx", m.OpenTx, 32)
	return c.err
}

// Validate checks the hold's length.
func (m *Release) Validate() error {
	if m == nil {
		return missing("release")
	}
	c := check{of: "release"}
	c.hold(m.Hold)
	return c.err
}

// Validate accepts every Released: it is empty.
func (m *Released) Validate() error {
	if m == nil {
		return missing("released")
	}
	return nil
}

// Validate checks that there is one valid call.
func (m *LeaseCall) Validate() error {
	if m == nil {
		return missing("lease call")
	}
	c := check{of: "lease call"}
	switch call := m.Call.(type) {
	case *LeaseCall_Propose:
		c.part("propose", call.Propose)
	case *LeaseCall_Commit:
		c.part("commit", call.Commit)
	case *LeaseCall_Release:
		c.part("release", call.Release)
	default:
		c.fail("call", "is missing")
	}
	return c.err
}
