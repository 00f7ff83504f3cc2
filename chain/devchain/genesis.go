package devchain

import (
	"crypto/ecdsa"
	"maps"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

// GasLimit of a block, as on the main network.
const GasLimit = 60_000_000

// deployer is the key that everyone knows. It deploys the contracts with its
// first two transactions, which fixes their addresses.
var deployer = func() *ecdsa.PrivateKey {
	k, err := crypto.ToECDSA(crypto.Keccak256([]byte("etal dev chain: the deployer")))
	if err != nil {
		panic(err) // a constant: either it always works or never
	}
	return k
}()

var (
	// TokenAddress is where test$ is on every dev chain.
	TokenAddress = crypto.CreateAddress(addressOf(deployer), 0)
	// ContractAddress is where Channels is on every dev chain.
	ContractAddress = crypto.CreateAddress(addressOf(deployer), 1)
)

func addressOf(k *ecdsa.PrivateKey) common.Address { return crypto.PubkeyToAddress(k.PublicKey) }

// rules are those of the main network today, all in force from the first block.
// The version is pinned here: a default that moved on would change gas figures.
func rules(chainID uint64) *params.ChainConfig {
	zero := new(uint64)
	block := new(big.Int)
	return &params.ChainConfig{
		ChainID:                 new(big.Int).SetUint64(chainID),
		HomesteadBlock:          block,
		EIP150Block:             block,
		EIP155Block:             block,
		EIP158Block:             block,
		ByzantiumBlock:          block,
		ConstantinopleBlock:     block,
		PetersburgBlock:         block,
		IstanbulBlock:           block,
		MuirGlacierBlock:        block,
		BerlinBlock:             block,
		LondonBlock:             block,
		ArrowGlacierBlock:       block,
		GrayGlacierBlock:        block,
		MergeNetsplitBlock:      block,
		TerminalTotalDifficulty: block,
		ShanghaiTime:            zero,
		CancunTime:              zero,
		PragueTime:              zero,
		OsakaTime:               zero,
		BPO1Time:                zero,
		BPO2Time:                zero,
		BlobScheduleConfig: &params.BlobScheduleConfig{
			Cancun: params.DefaultCancunBlobConfig,
			Prague: params.DefaultPragueBlobConfig,
			BPO1:   params.DefaultBPO1BlobConfig,
			BPO2:   params.DefaultBPO2BlobConfig,
		},
	}
}

// genesis gives the faucet more coin than anybody will ask for, and the
// deployer enough for two transactions. It must be the same at every start.
func genesis(chainID uint64, faucet common.Address) *core.Genesis {
	alloc := maps.Clone(core.SystemContractAllocs())
	coins := func(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.Ether)) }
	alloc[faucet] = types.Account{Balance: coins(1e12)}
	alloc[addressOf(deployer)] = types.Account{Balance: coins(1)}
	return &core.Genesis{
		Config:     rules(chainID),
		GasLimit:   GasLimit,
		BaseFee:    big.NewInt(params.InitialBaseFee),
		Difficulty: new(big.Int),
		Alloc:      alloc,
	}
}
