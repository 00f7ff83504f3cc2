package market_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/etal-cloud/etal/market"
)

var (
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	network = market.NetworkID(sha256.Sum256([]byte("test network")))
)

// keyed is a deterministic source for keys, so that a failure repeats.
type keyed struct{ r *rand.Rand }

func (k keyed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(k.r.Uint32())
	}
	return len(p), nil
}

func newPeer(t testing.TB, seed uint64) (crypto.PrivKey, peer.ID) {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(keyed{rand.New(rand.NewPCG(seed, 1))})
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, id
}

func newBind(t testing.TB, key crypto.PrivKey, account byte) market.Bind {
	t.Helper()
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b := market.Bind{
		Account: market.Account{account, 1}, Signer: market.Account{account, 2}, Peer: id,
		ValidUntil: noon.Add(24 * time.Hour), AccountSig: make([]byte, 65),
	}
	b.PeerSig, err = key.Sign(market.BindPeerBytes(network, b))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newOffer(t testing.TB, seed uint64) (market.Offer, crypto.PrivKey) {
	t.Helper()
	key, _ := newPeer(t, seed)
	return market.Offer{
		Network: network, Bind: newBind(t, key, byte(seed)), Boot: 7, Seq: 3,
		Issued: noon, Expires: noon.Add(time.Minute), Name: "fr-2", Region: "fr", Arch: "amd64",
		Free:  market.Resources{MilliCPU: 4000, Memory: 8 << 30, Disk: 50 << 30},
		Price: price(t, "0.1", "0.02", "0.001", "0", "0"),
		Tiers: []market.Tier{market.TierSandbox}, Limits: "cgroup2", Reach: "direct",
		SellsUntil: noon.Add(time.Hour), MaxTerm: 24 * time.Hour, MinChannel: amount(t, "0.5"), Credit: time.Minute,
	}, key
}

func newLease(t testing.TB) market.Lease {
	t.Helper()
	_, renter := newPeer(t, 100)
	_, provider := newPeer(t, 101)
	return market.Lease{
		Network: network, Renter: market.Account{1}, Provider: market.Account{2}, RenterPeer: renter, ProviderPeer: provider,
		RenterSigner: market.Account{3}, ProviderSigner: market.Account{4}, ResourceID: 9, Sequence: 1,
		Resources: market.Resources{MilliCPU: 1000, Memory: 512 << 20, Disk: 1 << 30}, Price: price(t, "0.1", "0.02", "0.001", "0", "0"),
		Tier: market.TierSandbox, Accepted: noon, Term: 10 * time.Minute, Channel: market.ChannelID{5}, Credit: time.Minute,
		UnpaidPause: 20 * time.Second, UnpaidStop: 10 * time.Minute,
	}
}

func amount(t testing.TB, s string) market.Amount {
	t.Helper()
	a, err := market.ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func price(t testing.TB, core, memory, disk, gpu, egress string) market.Price {
	t.Helper()
	return market.Price{
		Core: amount(t, core), Memory: amount(t, memory), Disk: amount(t, disk), GPU: amount(t, gpu), Egress: amount(t, egress),
	}
}

// seeded returns a source whose seed is printed when the test fails.
func seeded(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 2))
}
