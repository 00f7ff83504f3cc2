package node

import (
	"errors"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/ledger"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/node/provider"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/ethereum/go-ethereum/common"
)

// chainStore keeps the chain client's state in the node's ledger, so that a
// cursor and its effects share a transaction.
type chainStore struct{ part *ledger.Part }

func (s chainStore) View(f func(chain.Tx) error) error {
	return s.part.View(func(tx *ledger.Tx) error { return f(chainTx{tx}) })
}

func (s chainStore) Update(f func(chain.Tx) error) error {
	return s.part.Update(func(tx *ledger.Tx) error { return f(chainTx{tx}) })
}

type chainTx struct{ tx *ledger.Tx }

func (t chainTx) Get(key []byte) ([]byte, error) { return t.tx.Get(key), nil }
func (t chainTx) Put(key, value []byte) error    { return t.tx.Put(key, value) }
func (t chainTx) Delete(key []byte) error        { return t.tx.Delete(key) }
func (t chainTx) Each(prefix []byte, f func(key, value []byte) error) error {
	return t.tx.Each(prefix, f)
}

// deposited is what both agents may rely upon of an account.
func deposited(c *chain.Client, a market.Account) *big.Int {
	return c.Balances(common.Address(a)).Confirmed
}

// sellerChain is the chain as the provider sees it.
type sellerChain struct{ c *chain.Client }

func (s sellerChain) Deposited(a market.Account) *big.Int { return deposited(s.c, a) }

func (s sellerChain) Channel(id market.ChannelID) (provider.ChannelState, bool) {
	ch, ok := s.c.Channel(chain.ChannelID(id))
	if !ok {
		return provider.ChannelState{}, false
	}
	return provider.ChannelState{
		Amount: ch.Amount, Redeemed: ch.Redeemed, ClosesAt: ch.ClosesAt,
		Closed: ch.Phase == chain.Closed, Confirmed: ch.ConfirmedAmount.Sign() > 0,
	}, true
}

func (s sellerChain) OpenFor(t *marketpb.ChannelTerms, o *marketpb.OpenFor) error {
	_, err := s.c.SubmitOpenFor(notary.Open(t, o), o.Sig, new(big.Int))
	return err
}

func (s sellerChain) Redeem(t *marketpb.ChannelTerms, v *marketpb.Voucher, amount *big.Int, closing bool) error {
	terms := notary.Terms(t)
	if amount.Sign() == 0 {
		if !closing {
			return nil
		}
		_, err := s.c.Close(terms)
		return err
	}
	r := chain.Redemption{Terms: terms, Amount: amount, Voucher: notary.Voucher(v), Sig: v.Sig}
	var err error
	if closing {
		_, err = s.c.Settle(r)
	} else {
		_, err = s.c.Redeem(r)
	}
	return err
}

// buyerChain is the chain as the renter sees it.
type buyerChain struct{ c *chain.Client }

func (b buyerChain) Deposited(a market.Account) *big.Int { return deposited(b.c, a) }

func (b buyerChain) Channel(id market.ChannelID) (renter.ChannelState, bool) {
	ch, ok := b.c.Channel(chain.ChannelID(id))
	if !ok {
		return renter.ChannelState{}, false
	}
	st := renter.ChannelState{Amount: ch.Amount, Redeemed: ch.Redeemed, Closed: ch.Phase == chain.Closed}
	if ch.Phase == chain.Closing {
		st.ClosesAt = ch.ClosesAt
	}
	return st, true
}

func (b buyerChain) StartClose(t *marketpb.ChannelTerms) error {
	_, err := b.c.StartClose(notary.Terms(t))
	return err
}

func (b buyerChain) Finalize(t *marketpb.ChannelTerms) error {
	_, err := b.c.Finalize(notary.Terms(t))
	return err
}

// money converts base units to an amount; what the chain shows always fits.
func money(units *big.Int, decimals int) market.Amount {
	if units == nil {
		return market.Amount{}
	}
	a, err := market.AmountFromBaseUnits(units, decimals)
	if errors.Is(err, market.ErrOverflow) {
		return market.MaxPrice
	}
	return a
}

// chainClock gives the chain client the node's clock.
type chainClock struct{ now func() time.Time }

func (c chainClock) Now() time.Time                         { return c.now() }
func (c chainClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
