package contracts_test

import (
	"crypto/ecdsa"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"

	"github.com/etal-cloud/etal/chain/voucher"
)

// gasLimit is what a transaction may use: Osaka's cap.
const gasLimit = params.MaxTxGas

// osaka is the fork that gas and behaviour are promised for. It is written out here, because a library's default moves.
func osaka() *params.ChainConfig {
	zero, at := big.NewInt(0), uint64(0)
	return &params.ChainConfig{
		ChainID:        big.NewInt(31337),
		HomesteadBlock: zero, EIP150Block: zero, EIP155Block: zero, EIP158Block: zero, ByzantiumBlock: zero,
		ConstantinopleBlock: zero, PetersburgBlock: zero, IstanbulBlock: zero, MuirGlacierBlock: zero, BerlinBlock: zero,
		LondonBlock: zero, ArrowGlacierBlock: zero, GrayGlacierBlock: zero, MergeNetsplitBlock: zero,
		TerminalTotalDifficulty: zero, ShanghaiTime: &at, CancunTime: &at, PragueTime: &at, OsakaTime: &at,
		BlobScheduleConfig: &params.BlobScheduleConfig{
			Cancun: params.DefaultCancunBlobConfig, Prague: params.DefaultPragueBlobConfig,
		},
	}
}

// machine is a chain of one transaction per block, without a chain: state, a clock, and the EVM.
type machine struct {
	t      testing.TB
	config *params.ChainConfig
	state  *state.StateDB
	now    uint64
	height int64
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	db, err := state.New(types.EmptyRootHash, state.NewDatabaseForTesting())
	if err != nil {
		t.Fatal(err)
	}
	return &machine{t: t, config: osaka(), state: db, now: 1_800_000_000}
}

func (m *machine) rules() params.Rules { return m.config.Rules(big.NewInt(m.height), true, m.now) }

// outcome is what became of a transaction.
type outcome struct {
	gas    uint64
	err    error // nil, or why the EVM reverted
	answer []byte
	logs   []*types.Log
	made   common.Address // the contract, when one was deployed
}

// send runs a transaction. Money is wei and may be nil.
func (m *machine) send(from common.Address, to *common.Address, wei *big.Int, data []byte) outcome {
	m.t.Helper()
	return m.sendGas(from, to, wei, data, gasLimit)
}

func (m *machine) sendGas(from common.Address, to *common.Address, wei *big.Int, data []byte, limit uint64) outcome {
	m.t.Helper()
	m.height++
	value := new(uint256.Int)
	if wei != nil {
		value = uint256.MustFromBig(wei)
	}
	random := common.Hash{1}
	evm := vm.NewEVM(vm.BlockContext{
		CanTransfer: core.CanTransfer, Transfer: core.Transfer,
		GetHash:  func(uint64) common.Hash { return common.Hash{} },
		Coinbase: common.HexToAddress("0xc0"), GasLimit: 4 * gasLimit, BlockNumber: big.NewInt(m.height), Time: m.now,
		Difficulty: new(big.Int), BaseFee: new(big.Int), BlobBaseFee: big.NewInt(1), Random: &random,
	}, m.state, m.config, vm.Config{})
	tx := common.BigToHash(big.NewInt(m.height))
	m.state.SetTxContext(tx, 0, 0)
	nonce := m.state.GetNonce(from)
	res, err := core.ApplyMessage(evm, &core.Message{
		From: from, To: to, Nonce: nonce, Value: value, GasLimit: limit, Data: data,
		GasPrice: new(uint256.Int), GasFeeCap: new(uint256.Int), GasTipCap: new(uint256.Int), BlobGasFeeCap: new(uint256.Int),
	}, core.NewGasPool(limit))
	if err != nil {
		m.t.Fatalf("the transaction is not acceptable: %v", err)
	}
	m.state.Finalise(m.rules())
	o := outcome{gas: res.UsedGas, err: res.Err, answer: res.ReturnData}
	o.logs = m.state.GetLogs(tx, uint64(m.height), common.Hash{}, m.now)
	if to == nil {
		o.made = crypto.CreateAddress(from, nonce)
	}
	return o
}

// read calls a view and undoes whatever it did.
func (m *machine) read(to common.Address, data []byte) []byte {
	m.t.Helper()
	snapshot := m.state.Copy()
	o := m.send(common.Address{}, &to, nil, data)
	m.state = snapshot
	if o.err != nil {
		m.t.Fatalf("read: %v", o.err)
	}
	return o.answer
}

// fund gives an account coin out of nothing.
func (m *machine) fund(who common.Address, wei *big.Int) {
	m.state.AddBalance(who, uint256.MustFromBig(wei), tracing.BalanceChangeUnspecified)
	m.state.Finalise(m.rules())
}

func (m *machine) coin(who common.Address) *big.Int { return m.state.GetBalance(who).ToBig() }

// artifact is a compiled contract as build.sh leaves it.
type artifact struct {
	abi  abi.ABI
	code []byte
}

func load(t testing.TB, path string) artifact {
	t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ABI      abi.ABI `json:"abi"`
		Bytecode string  `json:"bytecode"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return artifact{abi: file.ABI, code: common.FromHex(file.Bytecode)}
}

// contract is a deployed artifact.
type contract struct {
	m    *machine
	abi  abi.ABI
	addr common.Address
	also []abi.ABI // of contracts whose errors pass through this one
}

func (m *machine) deploy(a artifact, args ...any) contract {
	m.t.Helper()
	packed, err := a.abi.Pack("", args...)
	if err != nil {
		m.t.Fatal(err)
	}
	o := m.send(common.HexToAddress("0xdeb107e4"), nil, nil, append(append([]byte{}, a.code...), packed...))
	if o.err != nil {
		m.t.Fatalf("deploy: %v", o.err)
	}
	return contract{m: m, abi: a.abi, addr: o.made}
}

func (c contract) pack(method string, args ...any) []byte {
	c.m.t.Helper()
	data, err := c.abi.Pack(method, args...)
	if err != nil {
		c.m.t.Fatalf("%s: %v", method, err)
	}
	return data
}

// do runs a transaction and demands that it is refused with the named error, or succeeds for the empty name.
func (c contract) do(from common.Address, want, method string, args ...any) outcome {
	c.m.t.Helper()
	return c.pay(from, nil, want, method, args...)
}

func (c contract) pay(from common.Address, wei *big.Int, want, method string, args ...any) outcome {
	c.m.t.Helper()
	o := c.m.send(from, &c.addr, wei, c.pack(method, args...))
	if got := c.reason(o); got != want {
		c.m.t.Fatalf("%s: %q, want %q", method, got, want)
	}
	return o
}

// reason names the error of an outcome; it is empty for success.
func (c contract) reason(o outcome) string {
	if o.err == nil {
		return ""
	}
	if len(o.answer) >= 4 {
		for _, a := range append([]abi.ABI{c.abi}, c.also...) {
			if e, err := a.ErrorByID([4]byte(o.answer[:4])); err == nil {
				return e.Name
			}
		}
		if text, err := abi.UnpackRevert(o.answer); err == nil {
			return text
		}
	}
	return o.err.Error()
}

// get reads a view with one result.
func get[T any](c contract, method string, args ...any) T {
	c.m.t.Helper()
	list, err := c.abi.Unpack(method, c.m.read(c.addr, c.pack(method, args...)))
	if err != nil {
		c.m.t.Fatalf("%s: %v", method, err)
	}
	return list[0].(T)
}

// person is a party with a key, the same in every run.
type person struct {
	key  *ecdsa.PrivateKey
	addr common.Address
}

func newPerson(t testing.TB, name string) person {
	t.Helper()
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("etal test key of "), []byte(name)))
	if err != nil {
		t.Fatal(err)
	}
	return person{key: key, addr: voucher.Address(key)}
}

func units(n int64) *big.Int { return big.NewInt(n) }
