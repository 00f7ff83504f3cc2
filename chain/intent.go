package chain

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/voucher"
)

// The methods in this file store what is wanted and return its intent at once;
// Run does the rest, and Wait waits for it. They must not be called inside a
// transaction of the store. Errors are ErrConfig for impossible arguments,
// ErrConflict, ErrNoKey and ErrStore.

// Redemption is a voucher on its way to the contract.
type Redemption struct {
	// Terms of the channel.
	Terms voucher.Terms
	// Amount is the new total that the payee will have taken, in base units: at
	// most the voucher's. Nil means all of it.
	Amount *big.Int
	// Voucher that the channel's signer signed.
	Voucher voucher.Voucher
	// Sig is its signature, 65 bytes.
	Sig []byte
	// Receipts is a root over the receipts that this settles; zero for none.
	Receipts [32]byte
}

// Deposit moves tokens of the account into its deposited balance, in two
// transactions: the token is told to allow it, then the contract to take them.
// name tells one deposit from another.
func (c *Client) Deposit(name string, amount *big.Int) (string, error) {
	if err := positive(amount, 256); err != nil {
		return "", err
	}
	id, err := named("deposit", name)
	if err != nil {
		return "", err
	}
	take, err := contract.TryPackDeposit(c.cfg.Token, amount)
	if err != nil {
		return "", packError(err)
	}
	if c.cfg.Token == (common.Address{}) {
		return c.submit(&item{ID: id, Kind: KindDeposit, To: c.cfg.Contract, Value: amount, Data: take, Named: true})
	}
	// The most a deposit may need is allowed, not the sum: two deposits at once
	// would overwrite each other's allowance.
	allow, err := token.TryPackApprove(c.cfg.Contract, unlimited)
	if err != nil {
		return "", packError(err)
	}
	return c.submit(
		&item{ID: "approve", Kind: KindApprove, To: c.cfg.Token, Value: new(big.Int), Data: allow},
		&item{ID: id, Kind: KindDeposit, To: c.cfg.Contract, Value: new(big.Int), Data: take, Named: true, After: "approve"},
	)
}

// unlimited is an allowance that never runs out. The contract takes tokens only
// from whoever calls deposit, so it endangers nobody who trusts the contract
// with a deposit at all.
var unlimited = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))

// Withdraw moves deposited tokens to an address outside the contract. name tells
// one withdrawal from another.
func (c *Client) Withdraw(name string, amount *big.Int, to common.Address) (string, error) {
	if err := positive(amount, 256); err != nil {
		return "", err
	}
	if to == (common.Address{}) {
		return "", fmt.Errorf("chain: %w: withdraw to nobody", ErrConfig)
	}
	data, err := contract.TryPackWithdraw(c.cfg.Token, amount, to)
	return c.toContract("withdraw", name, KindWithdraw, data, err)
}

// SendTokens moves tokens of the account's wallet to another address. name tells
// one payment from another.
func (c *Client) SendTokens(name string, amount *big.Int, to common.Address) (string, error) {
	if err := positive(amount, 256); err != nil {
		return "", err
	}
	if to == (common.Address{}) {
		return "", fmt.Errorf("chain: %w: send to nobody", ErrConfig)
	}
	id, err := named("tokens", name)
	if err != nil {
		return "", err
	}
	if c.cfg.Token == (common.Address{}) {
		return c.SendCoin(name, amount, to)
	}
	data, err := token.TryPackTransfer(to, amount)
	if err != nil {
		return "", packError(err)
	}
	return c.submit(&item{ID: id, Kind: KindTokens, To: c.cfg.Token, Value: new(big.Int), Data: data, Named: true})
}

// SendCoin moves coin (wei) of the account to another address. name tells one
// payment from another.
func (c *Client) SendCoin(name string, wei *big.Int, to common.Address) (string, error) {
	if err := positive(wei, 256); err != nil {
		return "", err
	}
	if to == (common.Address{}) {
		return "", fmt.Errorf("chain: %w: send to nobody", ErrConfig)
	}
	id, err := named("coin", name)
	if err != nil {
		return "", err
	}
	return c.submit(&item{ID: id, Kind: KindCoin, To: to, Value: new(big.Int).Set(wei), Named: true})
}

// OpenChannel opens a channel with the account's own deposited balance.
func (c *Client) OpenChannel(t voucher.Terms, amount *big.Int) (string, error) {
	if err := c.usable(t, amount); err != nil {
		return "", err
	}
	data, err := contract.TryPackOpen(abiTerms(t), amount)
	return c.toContract("open", c.ID(t).String(), KindOpen, data, err)
}

// SubmitOpenFor opens a channel that its renter signed for, and takes fee, at
// most the signed cap, in base units for it. The signature is checked first.
func (c *Client) SubmitOpenFor(o voucher.Open, sig []byte, fee *big.Int) (string, error) {
	if err := o.Verify(c.Domain(), sig); err != nil {
		return "", fmt.Errorf("chain: %w: %w", ErrConfig, err)
	}
	if err := c.usable(o.Terms, o.Amount); err != nil {
		return "", err
	}
	if fee == nil || fee.Sign() < 0 || fee.Cmp(o.FeeCap) > 0 {
		return "", fmt.Errorf("chain: %w: a fee of %v is above the signed %v", ErrConfig, fee, o.FeeCap)
	}
	data, err := contract.TryPackOpenFor(abiTerms(o.Terms), o.Amount, fee, o.FeeCap, o.Deadline, sig)
	return c.toContract("openfor", c.ID(o.Terms).String(), KindOpenFor, data, err)
}

// TopUp moves more of the account's deposited balance into its channel. name
// tells one top-up from another.
func (c *Client) TopUp(name string, t voucher.Terms, amount *big.Int) (string, error) {
	if err := c.usable(t, amount); err != nil {
		return "", err
	}
	if len(name) > 64 {
		return "", fmt.Errorf("chain: %w: a name of %d bytes", ErrConfig, len(name))
	}
	data, err := contract.TryPackTopUp(abiTerms(t), amount)
	return c.toContract("topup", c.ID(t).String()+"/"+name, KindTopUp, data, err)
}

// Redeem takes what a voucher allows to the payee. The voucher is checked first.
func (c *Client) Redeem(r Redemption) (string, error) {
	amount, err := c.redeemable(r)
	if err != nil {
		return "", err
	}
	data, err := contract.TryPackRedeem(abiTerms(r.Terms), amount, r.Voucher.Cumulative, voucher.PartsHash(r.Voucher.Parts), r.Receipts, r.Sig)
	return c.toContract("redeem", fmt.Sprintf("%v/%v", c.ID(r.Terms), amount), KindRedeem, data, err)
}

// Settle redeems a last voucher and closes the channel at once. Only the payee
// can.
func (c *Client) Settle(r Redemption) (string, error) {
	amount, err := c.redeemable(r)
	if err != nil {
		return "", err
	}
	data, err := contract.TryPackRedeemAndClose(abiTerms(r.Terms), amount, r.Voucher.Cumulative, voucher.PartsHash(r.Voucher.Parts), r.Receipts, r.Sig)
	return c.toContract("settle", fmt.Sprintf("%v/%v", c.ID(r.Terms), amount), KindSettle, data, err)
}

// Close closes a channel at once; what was not redeemed goes back to the renter.
// Only the payee can, and it gives up every voucher it has not redeemed.
func (c *Client) Close(t voucher.Terms) (string, error) {
	data, err := contract.TryPackCloseByPayee(abiTerms(t))
	return c.toContract("close", c.ID(t).String(), KindClose, data, err)
}

// StartClose begins the closing window of the account's own channel.
func (c *Client) StartClose(t voucher.Terms) (string, error) {
	data, err := contract.TryPackStartClose(abiTerms(t))
	return c.toContract("startclose", c.ID(t).String(), KindStart, data, err)
}

// Finalize closes a channel whose window is over; what was not redeemed goes
// back to the renter. It fails before Channel.ClosesAt by the chain's clock.
func (c *Client) Finalize(t voucher.Terms) (string, error) {
	data, err := contract.TryPackFinalize(abiTerms(t))
	return c.toContract("finalize", c.ID(t).String(), KindFinalize, data, err)
}

// ID is the id of the channel with these terms on this network.
func (c *Client) ID(t voucher.Terms) ChannelID { return t.ID(c.Domain()) }

// toContract submits a call of the contract. Where the name fixes the effect,
// however it is brought about, a second submission with another content is the
// same intent; elsewhere it is a conflict.
func (c *Client) toContract(verb, name string, kind Kind, data []byte, err error) (string, error) {
	if err != nil {
		return "", packError(err)
	}
	id, err := named(verb, name)
	if err != nil {
		return "", err
	}
	return c.submit(&item{
		ID: id, Kind: kind, To: c.cfg.Contract, Value: new(big.Int), Data: data,
		Named: kind == KindWithdraw || kind == KindTopUp || kind == KindOpen,
	})
}

// redeemable checks a redemption as the contract will, and returns its amount.
func (c *Client) redeemable(r Redemption) (*big.Int, error) {
	if err := r.Terms.Validate(); err != nil {
		return nil, fmt.Errorf("chain: %w: %w", ErrConfig, err)
	}
	if r.Voucher.Channel != c.ID(r.Terms) {
		return nil, fmt.Errorf("chain: %w: the voucher is for another channel", ErrConfig)
	}
	if err := r.Voucher.Verify(c.Domain(), r.Terms.Signer, r.Sig); err != nil {
		return nil, fmt.Errorf("chain: %w: %w", ErrConfig, err)
	}
	amount := r.Amount
	if amount == nil {
		amount = r.Voucher.Cumulative
	}
	if err := positive(amount, maxAmountBits); err != nil {
		return nil, err
	}
	if amount.Cmp(r.Voucher.Cumulative) > 0 {
		return nil, fmt.Errorf("chain: %w: %v is more than the voucher's %v", ErrConfig, amount, r.Voucher.Cumulative)
	}
	return new(big.Int).Set(amount), nil
}

// usable checks terms and an amount that goes into their channel.
func (c *Client) usable(t voucher.Terms, amount *big.Int) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("chain: %w: %w", ErrConfig, err)
	}
	if t.Token != c.cfg.Token {
		return fmt.Errorf("chain: %w: token %v is not the network's", ErrConfig, t.Token)
	}
	return positive(amount, maxAmountBits)
}

func positive(v *big.Int, bits int) error {
	if v == nil || v.Sign() <= 0 || v.BitLen() > bits {
		return fmt.Errorf("chain: %w: an amount of %v", ErrConfig, v)
	}
	return nil
}

func named(verb, name string) (string, error) {
	if name == "" || len(verb)+1+len(name) > maxID {
		return "", fmt.Errorf("chain: %w: a name of %d bytes", ErrConfig, len(name))
	}
	return verb + "/" + name, nil
}

func packError(err error) error { return fmt.Errorf("chain: %w: %w", ErrConfig, err) }

func abiTerms(t voucher.Terms) channels.ChannelsTerms {
	return channels.ChannelsTerms{
		Renter: t.Renter, Payee: t.Payee, Signer: t.Signer,
		Token: t.Token, Window: t.Window, Salt: t.Salt,
	}
}
