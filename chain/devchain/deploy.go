package devchain

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"

	"github.com/etal-cloud/etal/chain/contracts/channels"
	"github.com/etal-cloud/etal/chain/contracts/testtoken"
)

// deploy puts the contracts where they belong. Each is sent with a nonce of its
// own, so a start that was cut short is continued by the next one.
func (c *Chain) deploy(ctx context.Context) error {
	token := append(common.FromHex(testtoken.TestTokenMetaData.Bin),
		testtoken.NewTestToken().PackConstructor(c.info.Faucet)...)
	for nonce, contract := range []struct {
		name string
		code []byte
		at   common.Address
	}{
		{"test$", token, TokenAddress},
		{"Channels", common.FromHex(channels.ChannelsMetaData.Bin), ContractAddress},
	} {
		there, err := c.client.CodeAt(ctx, contract.at, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", contract.name, err)
		}
		if len(there) > 0 {
			continue
		}
		tx, err := types.SignNewTx(deployer, types.LatestSignerForChainID(new(big.Int).SetUint64(c.info.ChainID)), &types.DynamicFeeTx{
			Nonce:     uint64(nonce),
			GasTipCap: big.NewInt(params.GWei),
			GasFeeCap: big.NewInt(20 * params.GWei),
			Gas:       8_000_000,
			Data:      contract.code,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", contract.name, err)
		}
		if err := c.client.SendTransaction(ctx, tx); err != nil {
			return fmt.Errorf("%s: %w", contract.name, err)
		}
		if _, err := c.Mine(1); err != nil {
			return fmt.Errorf("%s: %w", contract.name, err)
		}
		r, err := c.client.TransactionReceipt(ctx, tx.Hash())
		if err != nil {
			return fmt.Errorf("%s: %w", contract.name, err)
		}
		if r.Status != types.ReceiptStatusSuccessful || r.ContractAddress != contract.at {
			return fmt.Errorf("%s: the constructor failed", contract.name)
		}
	}
	return nil
}
