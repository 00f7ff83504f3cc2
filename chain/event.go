package chain

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/voucher"
)

var (
	contract    = channels.NewChannels()
	contractABI = contract.GetABI()
)

// topics of the events that move money or change a channel.
var (
	topicDeposited    = contractABI.Events["Deposited"].ID
	topicOpened       = contractABI.Events["Opened"].ID
	topicReimbursed   = contractABI.Events["Reimbursed"].ID
	topicToppedUp     = contractABI.Events["ToppedUp"].ID
	topicRedeemed     = contractABI.Events["Redeemed"].ID
	topicCredited     = contractABI.Events["Credited"].ID
	topicCloseStarted = contractABI.Events["CloseStarted"].ID
	topicClosed       = contractABI.Events["Closed"].ID
	topicWithdrawn    = contractABI.Events["Withdrawn"].ID
)

// apply lets one event of the contract act on the draft. Every event is checked
// against what is known, so that a server that leaves one out or makes one up
// is found out where that is possible.
func (d *draft) apply(l *types.Log, block uint64) error {
	if len(l.Topics) == 0 {
		return nil
	}
	err := checkShape(l)
	if err != nil {
		return fmt.Errorf("%w: event %d of block %d: %w", ErrBadAnswer, l.Index, block, err)
	}
	switch l.Topics[0] {
	case topicDeposited:
		var e *channels.ChannelsDeposited
		if e, err = contract.UnpackDepositedEvent(l); err == nil {
			err = d.move(purse{e.Account, e.Token}, e.Amount, 1)
		}
	case topicCredited:
		var e *channels.ChannelsCredited
		if e, err = contract.UnpackCreditedEvent(l); err == nil {
			err = d.move(purse{e.Account, e.Token}, e.Amount, 1)
		}
	case topicWithdrawn:
		var e *channels.ChannelsWithdrawn
		if e, err = contract.UnpackWithdrawnEvent(l); err == nil {
			err = d.move(purse{e.Account, e.Token}, e.Amount, -1)
		}
	case topicOpened:
		err = d.opened(l, block)
	case topicReimbursed:
		err = d.reimbursed(l)
	case topicToppedUp:
		err = d.toppedUp(l)
	case topicRedeemed:
		err = d.redeemed(l)
	case topicCloseStarted:
		err = d.closeStarted(l)
	case topicClosed:
		err = d.closed(l)
	}
	if err != nil {
		return fmt.Errorf("%w: event %d of block %d: %w", ErrBadAnswer, l.Index, block, err)
	}
	return nil
}

// shapes is how many words of data each event of the contract has. All its
// fields have a fixed size.
var shapes = func() map[common.Hash]int {
	m := make(map[common.Hash]int)
	for _, e := range contractABI.Events {
		m[e.ID] = len(e.Inputs.NonIndexed())
	}
	return m
}()

// checkShape refuses a known event whose data is too short or too long, which
// the decoder would let pass.
func checkShape(l *types.Log) error {
	if words, ok := shapes[l.Topics[0]]; ok && len(l.Data) != 32*words {
		return fmt.Errorf("%d bytes of data instead of %d words", len(l.Data), words)
	}
	return nil
}

// maxAmountBits bounds what one channel holds: 96 bits in the contract.
const maxAmountBits = 96

// checkAmount refuses values that the contract cannot have written.
func checkAmount(v *big.Int, bits int) error {
	if v == nil || v.Sign() < 0 || v.BitLen() > bits {
		return fmt.Errorf("an impossible amount %v", v)
	}
	return nil
}

// move adds amount times sign to a purse, which cannot become negative.
func (d *draft) move(p purse, amount *big.Int, sign int) error {
	if err := checkAmount(amount, 256); err != nil {
		return err
	}
	v := new(big.Int)
	if sign < 0 {
		v.Sub(d.purse(p), amount)
	} else {
		v.Add(d.purse(p), amount)
	}
	if v.Sign() < 0 || v.BitLen() > 256 {
		return fmt.Errorf("the balance of %v would be %v", p.account, v)
	}
	d.purses[p] = v
	return nil
}

// known finds the channel that an event speaks of, which must not be closed.
func (d *draft) known(id ChannelID) (channelRecord, error) {
	r, ok := d.channel(id)
	if !ok {
		return r, fmt.Errorf("channel %v was never opened", id)
	}
	if r.Closed {
		return r, fmt.Errorf("channel %v is closed", id)
	}
	return r, nil
}

func (d *draft) opened(l *types.Log, block uint64) error {
	e, err := contract.UnpackOpenedEvent(l)
	if err != nil {
		return err
	}
	id := ChannelID(e.Channel)
	if _, ok := d.channel(id); ok {
		return fmt.Errorf("channel %v was opened before", id)
	}
	if err := checkAmount(e.Amount, maxAmountBits); err != nil {
		return err
	}
	d.channels[id] = channelRecord{
		Terms: voucher.Terms{
			Renter: e.Renter, Payee: e.Payee, Signer: e.Signer,
			Token: e.Token, Window: e.Window, Salt: e.Salt,
		},
		Amount:   e.Amount,
		Redeemed: new(big.Int),
		OpenedAt: block,
	}
	return d.move(purse{e.Renter, e.Token}, e.Amount, -1)
}

func (d *draft) reimbursed(l *types.Log) error {
	e, err := contract.UnpackReimbursedEvent(l)
	if err != nil {
		return err
	}
	r, err := d.known(e.Channel)
	if err != nil {
		return err
	}
	if err := d.move(purse{r.Terms.Renter, r.Terms.Token}, e.Fee, -1); err != nil {
		return err
	}
	return d.move(purse{e.Submitter, r.Terms.Token}, e.Fee, 1)
}

func (d *draft) toppedUp(l *types.Log) error {
	e, err := contract.UnpackToppedUpEvent(l)
	if err != nil {
		return err
	}
	r, err := d.known(e.Channel)
	if err != nil {
		return err
	}
	if err := checkAmount(e.Amount, maxAmountBits); err != nil {
		return err
	}
	r.Amount = new(big.Int).Add(r.Amount, e.Amount)
	if e.Total == nil || e.Total.Cmp(r.Amount) != 0 {
		return fmt.Errorf("channel %v holds %v, not %v", ChannelID(e.Channel), r.Amount, e.Total)
	}
	d.channels[e.Channel] = r
	return d.move(purse{r.Terms.Renter, r.Terms.Token}, e.Amount, -1)
}

func (d *draft) redeemed(l *types.Log) error {
	e, err := contract.UnpackRedeemedEvent(l)
	if err != nil {
		return err
	}
	r, err := d.known(e.Channel)
	if err != nil {
		return err
	}
	if err := checkAmount(e.Amount, maxAmountBits); err != nil {
		return err
	}
	r.Redeemed = new(big.Int).Add(r.Redeemed, e.Amount)
	if e.Total == nil || e.Total.Cmp(r.Redeemed) != 0 || r.Redeemed.Cmp(r.Amount) > 0 || e.Payee != r.Terms.Payee {
		return fmt.Errorf("channel %v with %v cannot have paid %v in total to %v", ChannelID(e.Channel), r.Amount, e.Total, e.Payee)
	}
	kept := r.Payments[max(0, len(r.Payments)+1-keepPayments):]
	r.Payments = append(slices.Clip(kept), Payment{Tx: l.TxHash, Block: l.BlockNumber, Amount: e.Amount})
	d.channels[e.Channel] = r
	return nil
}

func (d *draft) closeStarted(l *types.Log) error {
	e, err := contract.UnpackCloseStartedEvent(l)
	if err != nil {
		return err
	}
	r, err := d.known(e.Channel)
	if err != nil {
		return err
	}
	if r.ClosesAt != 0 || e.ClosesAt == 0 {
		return fmt.Errorf("channel %v cannot begin to close", ChannelID(e.Channel))
	}
	r.ClosesAt = e.ClosesAt
	d.channels[e.Channel] = r
	return nil
}

func (d *draft) closed(l *types.Log) error {
	e, err := contract.UnpackClosedEvent(l)
	if err != nil {
		return err
	}
	r, err := d.known(e.Channel)
	if err != nil {
		return err
	}
	rest := new(big.Int).Sub(r.Amount, r.Redeemed)
	if e.Refunded == nil || e.Refunded.Cmp(rest) != 0 {
		return fmt.Errorf("channel %v has %v left, not %v", ChannelID(e.Channel), rest, e.Refunded)
	}
	r.Closed = true
	d.channels[e.Channel] = r
	return d.move(purse{r.Terms.Renter, r.Terms.Token}, rest, 1)
}

// moved sums up what a receipt's events say about the contract's money.
func moved(logs []*types.Log, at common.Address) (redeemed, refunded *big.Int, err error) {
	redeemed, refunded = new(big.Int), new(big.Int)
	for _, l := range logs {
		if l.Address != at || len(l.Topics) == 0 {
			continue
		}
		switch l.Topics[0] {
		case topicRedeemed:
			e, err := contract.UnpackRedeemedEvent(l)
			if err != nil || checkShape(l) != nil || checkAmount(e.Amount, maxAmountBits) != nil {
				return nil, nil, fmt.Errorf("%w: an unreadable Redeemed event", ErrBadAnswer)
			}
			redeemed.Add(redeemed, e.Amount)
		case topicClosed:
			e, err := contract.UnpackClosedEvent(l)
			if err != nil || checkShape(l) != nil || checkAmount(e.Refunded, maxAmountBits) != nil {
				return nil, nil, fmt.Errorf("%w: an unreadable Closed event", ErrBadAnswer)
			}
			refunded.Add(refunded, e.Refunded)
		}
	}
	return redeemed, refunded, nil
}
