package chain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
)

const (
	// maxAnswer bounds what is read of one answer.
	maxAnswer = 32 << 20
	// maxLogs bounds the events in one answer.
	maxLogs = 50_000
	// maxBlockNumber keeps sums of block numbers far from overflow.
	maxBlockNumber = 1 << 62
)

// server is one RPC server, not trusted to make sense.
type server struct {
	url     string
	client  *rpc.Client
	timeout time.Duration

	mu      sync.Mutex // guards the following field
	checked bool       // whether it was seen to serve the right chain since its last failure
}

// block is what is used of a block. Its hash is the server's word: chains differ
// in what they hash.
type block struct {
	Number  uint64
	Hash    common.Hash
	Parent  common.Hash
	Time    uint64
	BaseFee *big.Int
	bloom   types.Bloom
}

// dialServers makes the servers' clients; nothing is sent yet.
func dialServers(urls []string, timeout time.Duration) ([]*server, *http.Transport, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	hc := &http.Client{Transport: bounded{transport}}
	var all []*server
	for _, u := range urls {
		c, err := rpc.DialOptions(context.Background(), u, rpc.WithHTTPClient(hc))
		if err != nil {
			return nil, nil, fmt.Errorf("chain: %w: %s: %w", ErrConfig, u, err)
		}
		all = append(all, &server{url: u, client: c, timeout: timeout})
	}
	return all, transport, nil
}

// bounded is a transport that ends answers which are too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &boundedBody{resp.Body, maxAnswer}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: longer than %d bytes", ErrBadAnswer, maxAnswer)
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// call makes one request. Answers of the wrong shape are ErrBadAnswer.
func (s *server) call(ctx context.Context, out any, method string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.client.CallContext(ctx, out, method, args...); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// check makes sure, once until the next failure, that the server serves the
// right chain and that the contract is there.
func (s *server) check(ctx context.Context, chainID uint64, contract common.Address) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checked {
		return nil
	}
	var id *hexutil.Big
	if err := s.call(ctx, &id, "eth_chainId"); err != nil {
		return err
	}
	if id == nil || !id.ToInt().IsUint64() || id.ToInt().Uint64() != chainID {
		return fmt.Errorf("%w: chain id %v, not %d", ErrOtherNetwork, id, chainID)
	}
	var code hexutil.Bytes
	if err := s.call(ctx, &code, "eth_getCode", contract, "latest"); err != nil {
		return err
	}
	if len(code) == 0 {
		return fmt.Errorf("%w: %v", ErrNoContract, contract)
	}
	s.checked = true
	return nil
}

func (s *server) failed() {
	s.mu.Lock()
	s.checked = false
	s.mu.Unlock()
}

// errNoBlock says that a server has no block of a number.
var errNoBlock = errors.New("no such block")

// head returns the server's last block.
func (s *server) head(ctx context.Context) (block, error) { return s.block(ctx, "latest") }

// blockAt returns the block of a number.
func (s *server) blockAt(ctx context.Context, number uint64) (block, error) {
	b, err := s.block(ctx, hexutil.EncodeUint64(number))
	if err == nil && b.Number != number {
		return block{}, fmt.Errorf("%w: block %d instead of %d", ErrBadAnswer, b.Number, number)
	}
	return b, err
}

func (s *server) block(ctx context.Context, which string) (block, error) {
	var w *struct {
		Number        *hexutil.Uint64 `json:"number"`
		Hash          *common.Hash    `json:"hash"`
		ParentHash    *common.Hash    `json:"parentHash"`
		Timestamp     *hexutil.Uint64 `json:"timestamp"`
		LogsBloom     *types.Bloom    `json:"logsBloom"`
		BaseFeePerGas *hexutil.Big    `json:"baseFeePerGas"`
	}
	if err := s.call(ctx, &w, "eth_getBlockByNumber", which, false); err != nil {
		return block{}, err
	}
	if w == nil {
		return block{}, fmt.Errorf("%s: %w", which, errNoBlock)
	}
	if w.Number == nil || w.Hash == nil || w.ParentHash == nil || w.Timestamp == nil || w.LogsBloom == nil ||
		*w.Number > maxBlockNumber || *w.Timestamp > maxBlockNumber {
		return block{}, fmt.Errorf("%w: an incomplete block", ErrBadAnswer)
	}
	b := block{
		Number: uint64(*w.Number), Hash: *w.Hash, Parent: *w.ParentHash,
		Time: uint64(*w.Timestamp), BaseFee: new(big.Int), bloom: *w.LogsBloom,
	}
	if w.BaseFeePerGas != nil {
		b.BaseFee = w.BaseFeePerGas.ToInt()
	}
	return b, nil
}

// blockLogs returns the contract's events in one block.
func (s *server) blockLogs(ctx context.Context, b block, at common.Address) ([]types.Log, error) {
	if !types.BloomLookup(b.bloom, at) {
		return nil, nil
	}
	logs, err := s.logs(ctx, map[string]any{"blockHash": b.Hash, "address": at}, at, b.Number, b.Number)
	if err != nil {
		return nil, err
	}
	for i := range logs {
		if logs[i].BlockHash != b.Hash {
			return nil, fmt.Errorf("%w: an event of another block", ErrBadAnswer)
		}
	}
	return logs, nil
}

// rangeLogs returns the contract's events in the blocks from and to and between.
func (s *server) rangeLogs(ctx context.Context, from, to uint64, at common.Address) ([]types.Log, error) {
	filter := map[string]any{"fromBlock": hexutil.Uint64(from), "toBlock": hexutil.Uint64(to), "address": at}
	return s.logs(ctx, filter, at, from, to)
}

// logs asks for events and checks that they are of the contract, of these
// blocks, and in order without repetition.
func (s *server) logs(ctx context.Context, filter map[string]any, at common.Address, from, to uint64) ([]types.Log, error) {
	var logs []types.Log
	if err := s.call(ctx, &logs, "eth_getLogs", filter); err != nil {
		return nil, err
	}
	if len(logs) > maxLogs {
		return nil, fmt.Errorf("%w: %d events at once", ErrBadAnswer, len(logs))
	}
	for i := range logs {
		l := &logs[i]
		if l.Address != at || l.Removed || l.BlockNumber < from || l.BlockNumber > to {
			return nil, fmt.Errorf("%w: an event that was not asked for", ErrBadAnswer)
		}
		if i > 0 {
			p := &logs[i-1]
			if l.BlockNumber < p.BlockNumber || (l.BlockNumber == p.BlockNumber && l.Index <= p.Index) {
				return nil, fmt.Errorf("%w: events out of order", ErrBadAnswer)
			}
		}
	}
	return logs, nil
}

// receipt returns a transaction's receipt, or nil when it is in no block.
func (s *server) receipt(ctx context.Context, tx common.Hash) (*types.Receipt, error) {
	var r *types.Receipt
	if err := s.call(ctx, &r, "eth_getTransactionReceipt", tx); err != nil {
		return nil, err
	}
	if r == nil {
		return nil, nil
	}
	if r.TxHash != tx || r.BlockNumber == nil || !r.BlockNumber.IsUint64() || r.BlockNumber.Uint64() > maxBlockNumber {
		return nil, fmt.Errorf("%w: a receipt of something else", ErrBadAnswer)
	}
	for _, l := range r.Logs {
		if l == nil {
			return nil, fmt.Errorf("%w: an empty event", ErrBadAnswer)
		}
	}
	return r, nil
}

// knows reports whether the server has a transaction, mined or waiting.
func (s *server) knows(ctx context.Context, tx common.Hash) (bool, error) {
	var t *struct {
		Hash common.Hash `json:"hash"`
	}
	if err := s.call(ctx, &t, "eth_getTransactionByHash", tx); err != nil {
		return false, err
	}
	return t != nil && t.Hash == tx, nil
}

// nonce returns how many transactions of an account the blocks up to the given
// one contain.
func (s *server) nonce(ctx context.Context, account common.Address, at string) (uint64, error) {
	var n *hexutil.Uint64
	if err := s.call(ctx, &n, "eth_getTransactionCount", account, at); err != nil {
		return 0, err
	}
	if n == nil || *n > maxBlockNumber {
		return 0, fmt.Errorf("%w: transaction count", ErrBadAnswer)
	}
	return uint64(*n), nil
}

// number makes a request whose answer is one number.
func (s *server) number(ctx context.Context, method string, args ...any) (*big.Int, error) {
	var n *hexutil.Big
	if err := s.call(ctx, &n, method, args...); err != nil {
		return nil, err
	}
	if n == nil || n.ToInt().Sign() < 0 {
		return nil, fmt.Errorf("%w: %s", ErrBadAnswer, method)
	}
	return n.ToInt(), nil
}

// read calls a contract without changing it.
func (s *server) read(ctx context.Context, to common.Address, data []byte) ([]byte, error) {
	var out hexutil.Bytes
	err := s.call(ctx, &out, "eth_call", map[string]any{"to": to, "input": hexutil.Bytes(data)}, "latest")
	return out, err
}

// isAnswer reports whether an error is what a server said, and not that it could
// not be reached or understood.
func isAnswer(err error) bool {
	var said rpc.Error
	var status rpc.HTTPError
	return errors.As(err, &said) || errors.As(err, &status)
}

// revertReason returns the contract's own words in a server's error, if it has
// any: the data that a reverted call gave.
func revertReason(err error) (data []byte, ok bool) {
	var said rpc.DataError
	if !errors.As(err, &said) {
		return nil, false
	}
	s, ok := said.ErrorData().(string)
	if !ok || len(s) > 4096 {
		return nil, false
	}
	data, derr := hexutil.Decode(s)
	return data, derr == nil
}
