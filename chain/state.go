package chain

import (
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/voucher"
)

// Keys of the store.
const (
	keyMeta    = "chain/meta"
	keyPurse   = "chain/a/" // account and token → amount
	keyChannel = "chain/c/" // channel id → channelRecord
	keyBlock   = "chain/b/" // number, big endian → blockRecord
	keyItem    = "chain/o/" // intent → item
)

// purse is one account's balance of one token inside the contract.
type purse struct{ account, token common.Address }

func (p purse) key() string { return keyPurse + string(p.account[:]) + string(p.token[:]) }

// channelRecord is a channel as it is kept. Records are values: a change makes
// a new one, and the big.Ints inside are never changed in place.
type channelRecord struct {
	Terms    voucher.Terms `json:"terms"`
	Amount   *big.Int      `json:"amount"`
	Redeemed *big.Int      `json:"redeemed"`
	ClosesAt uint64        `json:"closes_at,omitempty"`
	Closed   bool          `json:"closed,omitempty"`
	OpenedAt uint64        `json:"opened_at"`
	// Payments are the last few redemptions, oldest first.
	Payments []Payment `json:"payments,omitempty"`
}

// keepPayments is how many redemptions of a channel are remembered.
const keepPayments = 64

func (id ChannelID) key() string { return keyChannel + string(id[:]) }

// state is everything that events have made so far.
type state struct {
	purses   map[purse]*big.Int
	channels map[ChannelID]channelRecord
}

func newState() *state {
	return &state{purses: make(map[purse]*big.Int), channels: make(map[ChannelID]channelRecord)}
}

// set puts an encoded value into the state, or removes it when value is nil.
// Keys of other kinds are not its business and refused.
func (s *state) set(key string, value []byte) error {
	switch {
	case len(key) == len(keyPurse)+40 && key[:len(keyPurse)] == keyPurse:
		var p purse
		copy(p.account[:], key[len(keyPurse):])
		copy(p.token[:], key[len(keyPurse)+20:])
		if value == nil {
			delete(s.purses, p)
			return nil
		}
		v, err := decodeAmount(value)
		if err != nil {
			return err
		}
		s.purses[p] = v
	case len(key) == len(keyChannel)+32 && key[:len(keyChannel)] == keyChannel:
		var id ChannelID
		copy(id[:], key[len(keyChannel):])
		if value == nil {
			delete(s.channels, id)
			return nil
		}
		r, err := decodeChannel(value)
		if err != nil {
			return err
		}
		s.channels[id] = r
	default:
		return fmt.Errorf("%w: unknown key %.80q", ErrStore, key)
	}
	return nil
}

func encodeAmount(v *big.Int) []byte { return []byte(v.String()) }

func decodeAmount(b []byte) (*big.Int, error) {
	v, ok := new(big.Int).SetString(string(b), 10)
	if !ok || v.Sign() < 0 {
		return nil, fmt.Errorf("%w: unreadable amount %.80q", ErrStore, b)
	}
	return v, nil
}

func decodeChannel(b []byte) (channelRecord, error) {
	var r channelRecord
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%w: unreadable channel: %w", ErrStore, err)
	}
	if r.Amount == nil || r.Redeemed == nil || r.Redeemed.Sign() < 0 || r.Redeemed.Cmp(r.Amount) > 0 {
		return r, fmt.Errorf("%w: a channel without sensible amounts", ErrStore)
	}
	return r, nil
}

// draft is what the events of some blocks would make of a state. The state
// itself stays as it is until the draft has been stored.
type draft struct {
	base     *state
	purses   map[purse]*big.Int
	channels map[ChannelID]channelRecord
}

func (s *state) draft() *draft {
	return &draft{base: s, purses: make(map[purse]*big.Int), channels: make(map[ChannelID]channelRecord)}
}

func (d *draft) purse(p purse) *big.Int {
	if v, ok := d.purses[p]; ok {
		return v
	}
	if v, ok := d.base.purses[p]; ok {
		return v
	}
	return new(big.Int)
}

func (d *draft) channel(id ChannelID) (channelRecord, bool) {
	if r, ok := d.channels[id]; ok {
		return r, true
	}
	r, ok := d.base.channels[id]
	return r, ok
}

// changes encodes the draft as keys and values.
func (d *draft) changes() (map[string][]byte, error) {
	m := make(map[string][]byte, len(d.purses)+len(d.channels))
	for p, v := range d.purses {
		m[p.key()] = encodeAmount(v)
	}
	for id, r := range d.channels {
		b, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		m[id.key()] = b
	}
	return m, nil
}

// commit makes the draft the state.
func (d *draft) commit() {
	for p, v := range d.purses {
		d.base.purses[p] = v
	}
	for id, r := range d.channels {
		d.base.channels[id] = r
	}
}
