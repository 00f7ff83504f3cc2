package notary

import (
	"fmt"

	"github.com/etal-cloud/etal/chain/voucher"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

func (n *Notary) leaseOf(l market.Lease) voucher.Lease {
	return voucher.Lease{
		Network: l.Network, Renter: common.Address(l.Renter), Provider: common.Address(l.Provider),
		ResourceID: l.ResourceID, Sequence: l.Sequence, Channel: l.Channel,
		Accepted: uint64(max(l.Accepted.Unix(), 0)), Term: uint64(max(l.Term.Seconds(), 0)), Terms: l.TermsHash(),
	}
}

// LeaseID returns the digest that both parties of l sign.
func (n *Notary) LeaseID(l market.Lease) market.LeaseID {
	return market.LeaseID(n.leaseOf(l).Digest(n.domain))
}

// SignLease signs a lease with the signer. A renter's notary refuses one that
// could cost more than its limit per lease.
func (n *Notary) SignLease(l market.Lease) ([]byte, error) {
	if l.RenterSigner == n.Signer() && !n.cfg.Limits.PerLease.IsZero() {
		cost, err := l.MaxCost()
		if err != nil {
			return nil, err
		}
		if n.cfg.Limits.PerLease.Less(cost) {
			return nil, fmt.Errorf("%w: the lease may cost %s, the limit per lease is %s", ErrLimit, cost, n.cfg.Limits.PerLease)
		}
	}
	sig, err := n.leaseOf(l).Sign(n.domain, n.cfg.Signer)
	if err != nil {
		return nil, fmt.Errorf("notary: lease: %w", err)
	}
	return sig, nil
}

// CheckLease checks that signer signed l.
func (n *Notary) CheckLease(l market.Lease, sig []byte, signer market.Account) error {
	if l.Network != n.cfg.Network {
		return market.ErrNetwork
	}
	if err := n.leaseOf(l).Validate(); err != nil {
		return bad(err)
	}
	return signedBy(n.leaseOf(l).Digest(n.domain), sig, signer)
}

// digest of what only peers read, not a contract.
func digest(b []byte) [32]byte { return crypto.Keccak256Hash(b) }

// SignProposal fills in a proposal's signature.
func (n *Notary) SignProposal(p *market.Proposal) error {
	sig, err := voucher.Sign(digest(p.SigningBytes()), n.cfg.Signer)
	if err != nil {
		return fmt.Errorf("notary: proposal: %w", err)
	}
	p.Sig = sig
	return nil
}

// CheckProposal checks a proposal's signature by the signer of its bind.
func (n *Notary) CheckProposal(p market.Proposal) error {
	return signedBy(digest(p.SigningBytes()), p.Sig, p.Bind.Signer)
}

// SignReceipt signs a receipt with the signer.
func (n *Notary) SignReceipt(r market.Receipt) ([]byte, error) {
	sig, err := voucher.Sign(digest(r.SigningBytes()), n.cfg.Signer)
	if err != nil {
		return nil, fmt.Errorf("notary: receipt: %w", err)
	}
	return sig, nil
}

// CheckReceipt checks those signatures of a receipt that are there against the
// parties of its lease, and that what it costs follows from what it says was
// delivered.
func (n *Notary) CheckReceipt(r market.Receipt, l market.Lease) error {
	if r.Network != n.cfg.Network {
		return market.ErrNetwork
	}
	if r.Lease != n.LeaseID(l) {
		return fmt.Errorf("%w: the receipt is of another lease", market.ErrInvalid)
	}
	cost, err := l.CostUnits(r.Usage, n.cfg.Decimals)
	if err != nil {
		return err
	}
	if r.CostUnits == nil || cost.Cmp(r.CostUnits) != 0 {
		return fmt.Errorf("%w: %d ms cost %s units, the receipt says %s", market.ErrInvalid, r.Usage.DeliveredMS, cost, r.CostUnits)
	}
	d := digest(r.SigningBytes())
	if len(r.ProviderSig) > 0 {
		if err := signedBy(d, r.ProviderSig, l.ProviderSigner); err != nil {
			return fmt.Errorf("provider: %w", err)
		}
	}
	if len(r.RenterSig) > 0 {
		if err := signedBy(d, r.RenterSig, l.RenterSigner); err != nil {
			return fmt.Errorf("renter: %w", err)
		}
	}
	return nil
}

// Terms converts a channel's terms for the chain.
func Terms(t *marketpb.ChannelTerms) voucher.Terms {
	return voucher.Terms{
		Renter: common.Address(t.Renter), Payee: common.Address(t.Payee), Signer: common.Address(t.Signer),
		Token: common.Address(t.Token), Window: uint64(max(t.WindowS, 0)), Salt: [32]byte(t.Salt),
	}
}
