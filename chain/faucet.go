package chain

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/rpc"
)

// Faucet asks the dev chain at an RPC URL for play money, coin for gas and
// test$, and returns when it is there: it waits for the network. It returns
// ErrFaucet on a chain without a faucet, and when asked too often.
func Faucet(ctx context.Context, url string, to common.Address) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	c, err := rpc.DialOptions(ctx, url, rpc.WithHTTPClient(&http.Client{Transport: bounded{transport}}))
	if err != nil {
		return fmt.Errorf("chain: %w: %w", ErrFaucet, err)
	}
	defer c.Close()
	var grant struct {
		Transactions []common.Hash `json:"transactions"`
	}
	if err := c.CallContext(ctx, &grant, "etal_faucet", to); err != nil {
		return fmt.Errorf("chain: %w: %w", ErrFaucet, err)
	}
	if len(grant.Transactions) == 0 {
		return fmt.Errorf("chain: %w", ErrFaucet)
	}
	return nil
}
