package tour_test

import (
	"encoding/json"
	"math/big"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/etal-cloud/etal/node"
)

// given is what the faucet of a local network gives to each node, in base units.
const given = 1000 * 1_000_000

// chainReader reads balances with nothing but an Ethereum client and the two
// contracts' addresses.
type chainReader struct {
	t               *testing.T
	eth             *ethclient.Client
	contract, token common.Address
}

func (c *chainReader) call(to common.Address, signature string, args ...common.Address) *big.Int {
	c.t.Helper()
	data := crypto.Keccak256([]byte(signature))[:4]
	for _, a := range args {
		data = append(data, common.LeftPadBytes(a.Bytes(), 32)...)
	}
	out, err := c.eth.CallContract(c.t.Context(), ethereum.CallMsg{To: &to, Data: data}, nil)
	if err != nil {
		c.t.Fatalf("%s: %v", signature, err)
	}
	return new(big.Int).SetBytes(out)
}

// has is all that an account has: in its wallet, and deposited.
func (c *chainReader) has(a common.Address) *big.Int {
	return new(big.Int).Add(c.call(c.token, "balanceOf(address)", a), c.call(c.contract, "balances(address,address)", a, c.token))
}

// checkMoney holds a report against the chain of the network that was kept.
func checkMoney(t *testing.T, p *place, r report) {
	t.Helper()
	out, _ := p.run(0, "devnet", "status", "-o", "json")
	var net struct {
		RPC string `json:"rpc"`
	}
	if err := json.Unmarshal([]byte(out), &net); err != nil {
		t.Fatal(err)
	}
	profile, err := node.ReadProfile(filepath.Join(p.dir, "home", "networks", "devnet", "profile.toml"))
	if err != nil {
		t.Fatal(err)
	}
	eth, err := ethclient.DialContext(t.Context(), net.RPC)
	if err != nil {
		t.Fatal(err)
	}
	defer eth.Close()
	c := &chainReader{t: t, eth: eth, contract: common.Address(profile.Contract), token: common.Address(profile.Token)}

	// Every payment is a mined transaction whose event says exactly that.
	redeemed := crypto.Keccak256Hash([]byte("Redeemed(bytes32,address,uint256,uint256,bytes32)"))
	total := new(big.Int)
	earned := map[common.Address]*big.Int{}
	killedPaid := false
	for _, s := range r.Settled {
		units, ok := new(big.Int).SetString(s.Units, 10)
		if !ok || units.Sign() <= 0 {
			t.Errorf("paid %q base units", s.Units)
			continue
		}
		account := common.HexToAddress(s.Account)
		receipt, err := eth.TransactionReceipt(t.Context(), common.HexToHash(s.Tx))
		if err != nil || receipt.Status != 1 {
			t.Errorf("transaction %s: %v, %+v", s.Tx, err, receipt)
			continue
		}
		found := 0
		for _, l := range receipt.Logs {
			if l.Address == c.contract && len(l.Topics) == 3 && l.Topics[0] == redeemed && len(l.Data) >= 32 &&
				common.BytesToAddress(l.Topics[2].Bytes()) == account && new(big.Int).SetBytes(l.Data[:32]).Cmp(units) == 0 {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s tells %d times of %s units for %s", s.Tx, found, units, s.Account)
		}
		total.Add(total, units)
		if earned[account] == nil {
			earned[account] = new(big.Int)
		}
		earned[account].Add(earned[account], units)
		killedPaid = killedPaid || s.Provider == r.Killed
	}
	if !killedPaid {
		t.Errorf("%s was killed halfway and got nothing for what it had delivered: %+v", r.Killed, r.Settled)
	}
	// Each provider has what it was given and what it earned, to the unit.
	for account, units := range earned {
		if got, want := c.has(account), new(big.Int).Add(big.NewInt(given), units); got.Cmp(want) != 0 {
			t.Errorf("%s has %s units, want %s", account, got, want)
		}
	}
	out, _ = p.run(0, "wallet", "-o", "json")
	var wallet node.Wallet
	if err := json.Unmarshal([]byte(out), &wallet); err != nil {
		t.Fatal(err)
	}
	// The renter has what it was given but for exactly that: nothing is held,
	// made or lost.
	if got, want := c.has(common.Address(wallet.Account)), new(big.Int).Sub(big.NewInt(given), total); got.Cmp(want) != 0 {
		t.Errorf("the renter has %s units, want %s", got, want)
	}

	// The report's leases are the bill's, and the bill is what was paid.
	out, _ = p.run(0, "bill", "-o", "json")
	var bill node.Bill
	if err := json.Unmarshal([]byte(out), &bill); err != nil {
		t.Fatal(err)
	}
	promised := new(big.Int)
	rows := map[string]node.BillRow{}
	for _, row := range bill.Rows {
		rows[row.Lease] = row
		units, ok := new(big.Int).SetString(row.PaidUnits, 10)
		if !ok {
			t.Fatalf("row %+v", row)
		}
		promised.Add(promised, units)
	}
	if len(bill.Rows) != len(r.Jobs)+1 { // one was leased twice
		t.Errorf("%d leases on the bill", len(bill.Rows))
	}
	if promised.Cmp(total) < 0 {
		t.Errorf("the chain paid %s units, the renter had signed for %s", total, promised)
	}
	for _, j := range r.Jobs {
		row, ok := rows[j.Lease]
		if !ok || row.Provider != j.Provider || row.DeliveredMS != j.DeliveredMS || row.Paid.String() != j.Paid {
			t.Errorf("job %+v\nbill %+v", j, row)
		}
	}
}
