// Package notary signs in a node's name and checks what others signed. It
// translates between the trade's plain values (package market) and the typed data
// that a contract can read (package voucher), which do not know each other.
//
// The wallet is the key of the account: it signs binds and the opening of
// channels. The signer is the key that a bind lets speak for the account day by
// day: leases, vouchers, receipts. The peer key signs offers.
//
// Limits bound what the signer gives away: per lease and per day. A voucher's
// spend is what it adds to the voucher before it. The day's sum is saved before a
// signature leaves this package, so a crash can only make it too high.
package notary

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/etal-cloud/etal/chain/voucher"
	"github.com/etal-cloud/etal/market"
	"github.com/ethereum/go-ethereum/common"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// ErrLimit means that a spending limit forbids the signature.
var ErrLimit = errors.New("spending limit")

// Limits are the most that the signer gives away. Zero means no limit.
type Limits struct {
	PerLease market.Amount
	PerDay   market.Amount // UTC days
}

// Store keeps the day's sum. Save is durable and atomic when it returns nil.
type Store interface {
	Save(changes map[string][]byte) error
	Load(prefix string, fn func(key string, value []byte) error) error
}

// Config is who the notary signs for. All fields but Limits are required.
type Config struct {
	Network  market.NetworkID
	ChainID  uint64
	Contract market.Account
	Token    market.Account
	Decimals int // of the token
	Wallet   *ecdsa.PrivateKey
	Signer   *ecdsa.PrivateKey
	Peer     crypto.PrivKey
	Store    Store
	Limits   Limits
}

// Notary signs and checks. It is safe for concurrent use.
type Notary struct {
	cfg    Config
	domain voucher.Domain
	peer   peer.ID

	mu    sync.Mutex // guards the following fields
	bind  market.Bind
	day   string   // UTC day of spent
	spent *big.Int // base units
}

// New reads the day's sum and checks the keys.
func New(cfg Config) (*Notary, error) {
	if cfg.Wallet == nil || cfg.Signer == nil || cfg.Peer == nil || cfg.Store == nil {
		return nil, fmt.Errorf("notary: %w: a key or the store is missing", market.ErrInvalid)
	}
	id, err := peer.IDFromPrivateKey(cfg.Peer)
	if err != nil {
		return nil, fmt.Errorf("notary: peer key: %w", err)
	}
	n := &Notary{
		cfg: cfg, peer: id, spent: new(big.Int),
		domain: voucher.Domain{ChainID: cfg.ChainID, Contract: common.Address(cfg.Contract)},
	}
	if err := n.domain.Validate(); err != nil {
		return nil, fmt.Errorf("notary: %w", err)
	}
	err = cfg.Store.Load(spentPrefix, func(key string, v []byte) error {
		n.day, n.spent = key[len(spentPrefix):], new(big.Int).SetBytes(v)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("notary: spent today: %w", err)
	}
	return n, nil
}

// Network returns the id of the network that everything signed begins with.
func (n *Notary) Network() market.NetworkID { return n.cfg.Network }

// Account returns the wallet's address: it pays and is paid.
func (n *Notary) Account() market.Account { return market.Account(voucher.Address(n.cfg.Wallet)) }

// Signer returns the address of the day-to-day key.
func (n *Notary) Signer() market.Account { return market.Account(voucher.Address(n.cfg.Signer)) }

// Token returns the settlement token's address.
func (n *Notary) Token() market.Account { return n.cfg.Token }

// Decimals returns the settlement token's decimals.
func (n *Notary) Decimals() int { return n.cfg.Decimals }

// Peer returns the node's peer id.
func (n *Notary) Peer() peer.ID { return n.peer }

// SignPeer signs with the peer key.
func (n *Notary) SignPeer(msg []byte) ([]byte, error) { return n.cfg.Peer.Sign(msg) }

// Bind returns our bind, valid at least until half of the time to until is over.
// Signing it anew each time would cost more than an offer is worth.
func (n *Notary) Bind(now, until time.Time) (market.Bind, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.bind.ValidUntil.After(now.Add(until.Sub(now) / 2)) {
		return n.bind, nil
	}
	b := market.Bind{Account: n.Account(), Signer: n.Signer(), Peer: n.peer, ValidUntil: until.UTC().Truncate(time.Second)}
	var err error
	if b.AccountSig, err = n.bindOf(b).Sign(n.domain, n.cfg.Wallet); err != nil {
		return market.Bind{}, fmt.Errorf("notary: bind: %w", err)
	}
	if b.PeerSig, err = n.SignPeer(market.BindPeerBytes(n.cfg.Network, b)); err != nil {
		return market.Bind{}, fmt.Errorf("notary: bind: %w", err)
	}
	n.bind = b
	return b, nil
}

func (n *Notary) bindOf(b market.Bind) voucher.Bind {
	return voucher.Bind{
		Network: n.cfg.Network, Peer: []byte(b.Peer), Signer: common.Address(b.Signer),
		Account: common.Address(b.Account), ValidUntil: uint64(max(b.ValidUntil.Unix(), 0)),
	}
}

// CheckBind checks both halves of somebody's bind at now.
func (n *Notary) CheckBind(b market.Bind, now time.Time) error {
	if err := b.Validate(now); err != nil {
		return err
	}
	if err := b.CheckPeer(n.cfg.Network); err != nil {
		return err
	}
	return bad(n.bindOf(b).Verify(n.domain, b.AccountSig))
}

// bad gives an error of the chain's vocabulary the trade's sentinel.
func bad(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", market.ErrSignature, err)
}

// signedBy reports market.ErrSignature unless sig is who's over digest.
func signedBy(digest [32]byte, sig []byte, who market.Account) error {
	got, err := voucher.Recover(digest, sig)
	if err != nil {
		return bad(err)
	}
	if market.Account(got) != who {
		return fmt.Errorf("%w: made by %s, not by %s", market.ErrSignature, market.Account(got), who)
	}
	return nil
}
