package chain_test

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain"
)

// A renter's node puts 100 test$ aside for channels, and waits until that is
// final. The deposit is named, so a node that crashes here and does the same
// again deposits once.
func Example() {
	deposit := func(ctx context.Context, store chain.Store, wallet *ecdsa.PrivateKey) error {
		c, err := chain.New(chain.Config{
			RPC:      []string{"http://127.0.0.1:8545"},
			ChainID:  1337,
			Contract: common.HexToAddress("0x1111111111111111111111111111111111111111"),
			Token:    common.HexToAddress("0x2222222222222222222222222222222222222222"),
			Decimals: 6,
			Key:      wallet,
			Store:    store,
		})
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		defer func() { cancel(); <-done }()
		select {
		case <-c.Ready():
		case err := <-done:
			done <- nil
			return err
		}
		id, err := c.Deposit("first", big.NewInt(100_000_000))
		if err != nil {
			return err
		}
		receipt, err := c.Wait(ctx, id)
		if err != nil {
			return err
		}
		fmt.Println("deposited in block", receipt.Block, "now", c.Balances(c.Address()).Deposited)
		return nil
	}
	_ = deposit
}
