package marketpb

// Validate checks a part's lengths.
func (m *Part) Validate() error {
	if m == nil {
		return missing("part")
	}
	c := check{of: "part"}
	c.size("lease", m.Lease, 32)
	c.integer("units", m.Units)
	return c.err
}

// Validate checks a voucher's form, and that no lease is paid twice in it. That
// the parts sum to the cumulative amount is for chain/voucher to check.
func (m *Voucher) Validate() error {
	if m == nil {
		return missing("voucher")
	}
	c := check{of: "voucher"}
	c.size("channel", m.Channel, 32)
	c.integer("cumulative_units", m.CumulativeUnits)
	c.count("parts", len(m.Parts), 0, MaxParts)
	if c.err != nil {
		return c.err
	}
	for _, p := range m.Parts {
		c.part("parts", p)
	}
	c.that(unique(m.Parts, func(p *Part) string { return string(p.GetLease()) }), "parts", "repeats a lease")
	c.size("sig", m.Sig, accountSigSize)
	return c.err
}

// Validate checks the lease id and the voucher.
func (m *PayCall) Validate() error {
	if m == nil {
		return missing("pay call")
	}
	c := check{of: "pay call"}
	c.size("lease", m.Lease, 32)
	c.part("voucher", m.Voucher)
	return c.err
}

// Validate checks the status.
func (m *PayAnswer) Validate() error {
	if m == nil {
		return missing("pay answer")
	}
	c := check{of: "pay answer"}
	c.part("status", m.Status)
	return c.err
}

// Validate checks a receipt's form. Either signature may be missing: a receipt
// with one is one side's word.
func (m *Receipt) Validate() error {
	if m == nil {
		return missing("receipt")
	}
	c := check{of: "receipt"}
	c.size("network", m.Network, 32)
	c.size("lease", m.Lease, 32)
	c.inRange("delivered_ms", m.DeliveredMs, 0, maxDurationMS)
	c.inRange("egress_bytes", m.EgressBytes, 0, maxQuantity)
	c.word("end_state", m.EndState, 1, 16)
	c.text("reason", m.Reason, MaxTextBytes)
	c.integer("cost_units", m.CostUnits)
	c.inRange("ended_ms", m.EndedMs, 1, maxTimeMS)
	c.optSize("provider_sig", m.ProviderSig, accountSigSize)
	c.optSize("renter_sig", m.RenterSig, accountSigSize)
	return c.err
}

// Validate checks what settles a lease. The voucher is there only where
// something is still owed.
func (m *SettleCall) Validate() error {
	if m == nil {
		return missing("settle call")
	}
	c := check{of: "settle call"}
	c.size("lease", m.Lease, 32)
	c.part("receipt", m.Receipt)
	if m.Voucher != nil {
		c.part("voucher", m.Voucher)
	}
	return c.err
}

// Validate checks the receipt.
func (m *SettleAnswer) Validate() error {
	if m == nil {
		return missing("settle answer")
	}
	c := check{of: "settle answer"}
	c.part("receipt", m.Receipt)
	return c.err
}

// Validate checks the channel's length.
func (m *CloseCall) Validate() error {
	if m == nil {
		return missing("close call")
	}
	c := check{of: "close call"}
	c.size("channel", m.Channel, 32)
	return c.err
}

// Validate checks the transaction's length, where there is one.
func (m *CloseAnswer) Validate() error {
	if m == nil {
		return missing("close answer")
	}
	c := check{of: "close answer"}
	c.optSize("tx", m.Tx, 32)
	return c.err
}

// Validate checks that there is one valid call.
func (m *TradeCall) Validate() error {
	if m == nil {
		return missing("trade call")
	}
	c := check{of: "trade call"}
	switch call := m.Call.(type) {
	case *TradeCall_Pay:
		c.part("pay", call.Pay)
	case *TradeCall_Settle:
		c.part("settle", call.Settle)
	case *TradeCall_Receipt:
		c.part("receipt", call.Receipt)
	case *TradeCall_Close:
		c.part("close", call.Close)
	default:
		c.fail("call", "is missing")
	}
	return c.err
}
