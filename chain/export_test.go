package chain

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rpc"
)

var fuzzKey = func() *ecdsa.PrivateKey {
	k, err := crypto.ToECDSA(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		panic(err)
	}
	return k
}()

// parrot answers every request with the same bytes, except that it is honest
// about the first few methods, so that the bytes reach all the way in.
type parrot struct {
	answer []byte
	honest byte
}

func (p parrot) RoundTrip(r *http.Request) (*http.Response, error) {
	var q struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return nil, err
	}
	result := string(p.answer)
	block := `{"number":"0x1","hash":"` + common.Hash{1}.Hex() + `","parentHash":"` + common.Hash{}.Hex() + `","timestamp":"0x1","logsBloom":"0x` +
		fmt.Sprintf("%x", bytes.Repeat([]byte{0xff}, 256)) + `"}`
	for bit, known := range []struct{ method, result string }{
		{"eth_chainId", `"0x7"`},
		{"eth_getCode", `"0x01"`},
		{"eth_getBlockByNumber", block},
		{"eth_getLogs", `[]`},
		{"eth_getBalance", `"0x1"`},
		{"eth_getTransactionCount", `"0x0"`},
		{"eth_estimateGas", `"0x5208"`},
		{"eth_sendRawTransaction", `"` + common.Hash{}.Hex() + `"`},
	} {
		if known.method == q.Method && p.honest&(1<<bit) != 0 {
			result = known.result
		}
	}
	body := `{"jsonrpc":"2.0","id":` + string(q.ID) + `,"result":` + result + `}`
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
}

// Answers runs a client's rounds, of following and of delivering, against a
// server that answers with given bytes.
func Answers(t *testing.T, answer []byte, honest byte) {
	hc := &http.Client{Transport: bounded{parrot{answer, honest}}}
	rc, err := rpc.DialOptions(t.Context(), "http://parrot", rpc.WithHTTPClient(hc))
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	c, err := New(Config{
		RPC: []string{"http://127.0.0.1:1"}, ChainID: 7, Contract: common.Address{2}, Token: common.Address{3},
		Key: fuzzKey, Store: new(Memory),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.servers.close()
	if _, err := c.Deposit("d", big.NewInt(1)); err != nil {
		t.Fatal(err)
	}
	s := &server{url: "parrot", client: rc, timeout: time.Minute}
	c.servers.all = []*server{s}
	for range 2 {
		_ = c.servers.try(t.Context(), func(s *server) error { return c.catchUp(t.Context(), s) })
		_ = c.servers.try(t.Context(), func(s *server) error { return c.round(t.Context(), s) })
	}
	// The readers of what a round may not have reached.
	ctx := context.Background()
	_, _ = s.receipt(ctx, common.Hash{1})
	_, _ = s.rangeLogs(ctx, 0, 9, common.Address{2})
	var logs []types.Log
	if json.Unmarshal(answer, &logs) == nil {
		d := newState().draft()
		for i := range logs {
			_ = d.apply(&logs[i], 1)
			_, _, _ = moved([]*types.Log{&logs[i]}, logs[i].Address)
		}
	}
	c.Balances(c.self)
	c.ChannelsOf(c.self)
	c.Healthy()
	for _, i := range c.Items() {
		if i.State == Done {
			t.Error("a parrot confirmed a transaction")
		}
	}
}
