package notary_test

import (
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/ethereum/go-ethereum/crypto"
	libcrypto "github.com/libp2p/go-libp2p/core/crypto"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is the time at which the tests begin.
var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// store keeps what is saved, and can be told to fail.
type store struct {
	mu   sync.Mutex // guards the following fields
	keys map[string][]byte
	fail error
}

func (s *store) Save(changes map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	if s.keys == nil {
		s.keys = map[string][]byte{}
	}
	for k, v := range changes {
		if v == nil {
			delete(s.keys, k)
		} else {
			s.keys[k] = append([]byte(nil), v...)
		}
	}
	return nil
}

func (s *store) Load(prefix string, fn func(string, []byte) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range s.keys {
		if strings.HasPrefix(k, prefix) {
			if err := fn(k, v); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	contract = market.Account{1}
	token    = market.Account{2}
	network  = market.NewNetworkID(7, contract, token, "test")
)

// config makes a notary's configuration with fresh keys.
func config(t *testing.T) notary.Config {
	t.Helper()
	wallet, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	peer, _, err := libcrypto.GenerateEd25519Key(nil)
	if err != nil {
		t.Fatal(err)
	}
	return notary.Config{
		Network: network, ChainID: 7, Contract: contract, Token: token, Decimals: 6,
		Wallet: wallet, Signer: signer, Peer: peer, Store: &store{},
	}
}

func open(t *testing.T, cfg notary.Config) *notary.Notary {
	t.Helper()
	n, err := notary.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// units is an amount in base units.
func units(n int64) *big.Int { return big.NewInt(n) }

// is reports it unless err is want.
func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// leaseOf is a lease between two notaries.
func leaseOf(renter, provider *notary.Notary) market.Lease {
	return market.Lease{
		Network: network, Renter: renter.Account(), Provider: provider.Account(), RenterPeer: renter.Peer(), ProviderPeer: provider.Peer(),
		RenterSigner: renter.Signer(), ProviderSigner: provider.Signer(), ResourceID: 1, Sequence: 5,
		Resources: market.Resources{MilliCPU: 1000, Memory: 1 << 30, Disk: 1 << 30}, Price: market.Price{Core: market.Units(1)},
		Tier: market.TierSandbox, Accepted: start, Term: time.Hour, Channel: market.ChannelID{9},
		Credit: time.Minute, UnpaidPause: 20 * time.Second, UnpaidStop: 10 * time.Minute,
	}
}
