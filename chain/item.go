package chain

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// ItemState says how far a transaction has come, and what that means for money.
type ItemState string

const (
	// Queued: stored, not signed. Nothing has happened and it can still fail for
	// free.
	Queued ItemState = "queued"
	// Signed: signed with a nonce and stored. It may have been sent: from here on
	// it is delivered whatever happens.
	Signed ItemState = "signed"
	// Sent: a server has taken it. It is sent again when the servers forget it,
	// and with a higher fee when it waits too long.
	Sent ItemState = "sent"
	// Mined: in a block that may still be undone.
	Mined ItemState = "mined"
	// Done: it had its effect, with enough confirmations. Final.
	Done ItemState = "done"
	// Failed: it had no effect, either because it was given up unsent or because
	// the contract refused it in a block, which cost a fee. Final; submitting the
	// same intent again starts over.
	Failed ItemState = "failed"
)

// final reports whether nothing more will happen.
func (s ItemState) final() bool { return s == Done || s == Failed }

// Kind is what a transaction does.
type Kind string

// The kinds of transactions, after the contract's functions.
const (
	KindApprove  Kind = "approve"
	KindDeposit  Kind = "deposit"
	KindWithdraw Kind = "withdraw"
	KindOpen     Kind = "open"
	KindOpenFor  Kind = "open_for"
	KindTopUp    Kind = "top_up"
	KindRedeem   Kind = "redeem"
	KindSettle   Kind = "settle" // redeem and close
	KindClose    Kind = "close"
	KindStart    Kind = "start_close"
	KindFinalize Kind = "finalize"
	KindTokens   Kind = "send_tokens"
	KindCoin     Kind = "send_coin"
)

// Item is a transaction in the outbox, as it is now.
type Item struct {
	// ID is the intent.
	ID string
	// Kind is what it does.
	Kind Kind
	// State is how far it has come.
	State ItemState
	// Hash of the transaction that was signed last; zero while queued.
	Hash common.Hash
	// QueuedAt is when it was submitted, by this client's clock.
	QueuedAt time.Time
	// Trouble is what keeps it from going on, or why it failed; empty when all is
	// well.
	Trouble string
}

// Receipt is what became of a transaction. Amounts are exact: they are read from
// the block.
type Receipt struct {
	// ID is the intent.
	ID string `json:"id"`
	// Kind is what it did.
	Kind Kind `json:"kind"`
	// Hash of the transaction.
	Hash common.Hash `json:"hash"`
	// Block it is in.
	Block uint64 `json:"block"`
	// BlockHash of that block.
	BlockHash common.Hash `json:"block_hash"`
	// GasUsed by it.
	GasUsed uint64 `json:"gas_used"`
	// Fee paid for it, in wei.
	Fee *big.Int `json:"fee"`
	// Redeemed is what it moved from channels to payees, in base units: the sum of
	// its Redeemed events.
	Redeemed *big.Int `json:"redeemed"`
	// Refunded is what it moved from channels back to renters, in base units: the
	// sum of its Closed events.
	Refunded *big.Int `json:"refunded"`
	// OK says that it had its effect.
	OK bool `json:"ok"`
}

// item is an Item as it is kept. Items are replaced, never changed, so that a
// reader may keep one.
type item struct {
	ID     string         `json:"id"`
	Seq    uint64         `json:"seq"` // order of submission
	Kind   Kind           `json:"kind"`
	After  string         `json:"after,omitempty"` // the intent that must be done first
	To     common.Address `json:"to"`
	Value  *big.Int       `json:"value"`
	Data   hexutil.Bytes  `json:"data,omitempty"`
	Named  bool           `json:"named,omitempty"` // by the caller: another content is a conflict
	State  ItemState      `json:"state"`
	Nonce  uint64         `json:"nonce"`
	Gas    uint64         `json:"gas,omitempty"`
	Tries  []attempt      `json:"tries,omitempty"` // the same nonce with rising fees
	Mined  common.Hash    `json:"mined"`           // which of the tries
	Queued time.Time      `json:"queued"`
	Sent   time.Time      `json:"sent"` // when the last try was made
	Why    string         `json:"why,omitempty"`

	Receipt *Receipt `json:"receipt,omitempty"`

	// Not stored: what a restart may find out again.
	trouble string
	doomed  int         // in how many heads in a row it would have been reverted
	judged  common.Hash // the last of those heads
}

// attempt is one signed transaction.
type attempt struct {
	Hash   common.Hash   `json:"hash"`
	Raw    hexutil.Bytes `json:"raw"`
	Tip    *big.Int      `json:"tip"`
	FeeCap *big.Int      `json:"fee_cap"`
}

func (i *item) key() []byte { return []byte(keyItem + i.ID) }

func (i *item) last() attempt { return i.Tries[len(i.Tries)-1] }

// same reports whether two items would do the same.
func (i *item) same(o *item) bool {
	return i.Kind == o.Kind && i.To == o.To && i.Value.Cmp(o.Value) == 0 && string(i.Data) == string(o.Data)
}

// public is what the world sees of an item.
func (i *item) public() Item {
	p := Item{ID: i.ID, Kind: i.Kind, State: i.State, QueuedAt: i.Queued, Trouble: i.Why}
	if p.Trouble == "" {
		p.Trouble = i.trouble
	}
	if i.Receipt != nil {
		p.Hash = i.Receipt.Hash
	} else if len(i.Tries) > 0 {
		p.Hash = i.last().Hash
	}
	return p
}

// loadItems reads the stored items.
func loadItems(tx Tx) (map[string]*item, error) {
	all := make(map[string]*item)
	err := tx.Each([]byte(keyItem), func(k, v []byte) error {
		i := new(item)
		if err := json.Unmarshal(v, i); err != nil {
			return fmt.Errorf("%w: unreadable outbox item: %w", ErrStore, err)
		}
		if err := i.check(); err != nil || string(i.key()) != string(k) {
			return fmt.Errorf("%w: senseless outbox item %.80q", ErrStore, i.ID)
		}
		all[i.ID] = i
		return nil
	})
	return all, err
}

// check refuses items that later steps could stumble over.
func (i *item) check() error {
	ok := i.Value != nil && i.Value.Sign() >= 0
	for _, t := range i.Tries {
		ok = ok && t.Tip != nil && t.FeeCap != nil && len(t.Raw) > 0
	}
	switch i.State {
	case Queued, Failed:
	case Signed, Sent, Mined:
		ok = ok && len(i.Tries) > 0
	case Done:
		ok = ok && i.Receipt != nil
	default:
		ok = false
	}
	if !ok {
		return ErrStore
	}
	return nil
}

// storeError marks what a store said as ErrStore, unless it is marked.
func storeError(err error) error {
	if err == nil || errors.Is(err, ErrStore) || errors.Is(err, ErrOtherNetwork) || errors.Is(err, ErrConfig) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrStore, err)
}
