package devchain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/catalyst"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/eth/filters"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rpc"
)

// Chain is a dev chain. New makes it, Run runs it.
type Chain struct {
	cfg    Config
	info   Info
	faucet *faucet
	ready  chan struct{}

	mu     sync.Mutex // guards the following fields, and makes blocks one at a time
	stack  *node.Node
	eth    *eth.Ethereum
	beacon *catalyst.SimulatedBeacon
	client *ethclient.Client
}

// New checks the configuration and makes the chain's identity; it starts
// nothing. It returns ErrConfig or ErrOtherChain.
func New(cfg Config) (*Chain, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("devchain: %w", err)
	}
	id, key, err := identify(cfg.Dir, cfg.ChainID)
	if err != nil {
		return nil, fmt.Errorf("devchain: %w", err)
	}
	cfg.ChainID = id
	c := &Chain{cfg: cfg, ready: make(chan struct{})}
	c.info = Info{
		ChainID:  id,
		Contract: ContractAddress,
		Token:    TokenAddress,
		Decimals: Decimals,
		Faucet:   addressOf(key),
	}
	c.faucet = newFaucet(c, key)
	return c, nil
}

// Run opens the chain, deploys the contracts if they are not there, and makes
// blocks until ctx ends; then it closes everything and returns nil. It can be
// called once. It returns ErrInUse when another process has the folder.
func (c *Chain) Run(ctx context.Context) (err error) {
	if err := c.open(); err != nil {
		return fmt.Errorf("devchain: start: %w", err)
	}
	defer func() {
		if cerr := c.close(); err == nil && cerr != nil {
			err = fmt.Errorf("devchain: stop: %w", cerr)
		}
	}()
	if err := c.deploy(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("devchain: deploy: %w", err)
	}
	c.cfg.Log.Info("dev chain ready", "rpc", c.info.RPC, "chain_id", c.info.ChainID)
	close(c.ready)
	if err := c.produce(ctx); err != nil {
		return fmt.Errorf("devchain: %w", err)
	}
	return nil
}

// Ready is closed when the contracts are deployed and the RPC server answers.
func (c *Chain) Ready() <-chan struct{} { return c.ready }

// Info returns the chain's coordinates; RPC is empty until Ready.
func (c *Chain) Info() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

// RPC returns the URL of the JSON-RPC server, empty until Ready.
func (c *Chain) RPC() string { return c.Info().RPC }

func (c *Chain) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	host, port, err := net.SplitHostPort(c.cfg.Listen)
	if err != nil {
		return err
	}
	portNumber, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	stack, err := node.New(&node.Config{
		Name:             "etal-devchain",
		DataDir:          c.cfg.Dir,
		P2P:              p2p.Config{NoDiscovery: true, NoDial: true},
		HTTPHost:         host,
		HTTPPort:         portNumber,
		HTTPModules:      []string{"eth", "net", "web3", "etal"},
		HTTPVirtualHosts: []string{"localhost"},
		HTTPTimeouts:     rpc.DefaultHTTPTimeouts,
		// LevelDB hands every write to the operating system before it returns.
		// Pebble keeps up to 32 KiB in the process, which kill -9 loses.
		DBEngine: rawdb.DBLeveldb,
		// A dev chain answers whoever can reach it; these bound one request.
		BatchRequestLimit:    100,
		BatchResponseMaxSize: 16 << 20,
		HTTPBodyLimit:        1 << 20,
	})
	if errors.Is(err, node.ErrDatadirUsed) {
		return ErrInUse
	}
	if err != nil {
		return err
	}
	// From here on the stack owns locks and files.
	if err := c.assemble(stack); err != nil {
		return errors.Join(err, stack.Close())
	}
	c.info.RPC = stack.HTTPEndpoint()
	return nil
}

// assemble puts the chain onto the stack and starts both.
func (c *Chain) assemble(stack *node.Node) error {
	conf := ethconfig.Defaults
	conf.Genesis = genesis(c.info.ChainID, c.info.Faucet)
	conf.NetworkId = c.info.ChainID
	conf.SyncMode = ethconfig.FullSync
	// Archive mode with the hash scheme writes each block's state with the block.
	// Every other combination keeps states in memory and loses them at kill -9.
	conf.NoPruning = true
	conf.StateScheme = rawdb.HashScheme
	conf.SnapshotCache = 0
	conf.LogNoHistory = true // search logs by the blocks' blooms: nothing to build or repair
	conf.DatabaseCache = 32
	conf.TrieCleanCache = 16
	conf.TrieDirtyCache = 16
	conf.TxPool.NoLocals = true
	conf.TxPool.Journal = ""
	conf.TxPool.AccountSlots = 1024
	conf.TxPool.AccountQueue = 1024
	conf.Miner.GasCeil = GasLimit
	backend, err := eth.New(stack, &conf)
	if err != nil {
		return err
	}
	stack.RegisterAPIs([]rpc.API{
		{Namespace: "eth", Service: filters.NewFilterAPI(filters.NewFilterSystem(backend.APIBackend, filters.Config{}))},
		{Namespace: "etal", Service: &faucetAPI{c.faucet}},
	})
	if err := stack.Start(); err != nil {
		return err
	}
	beacon, err := catalyst.NewSimulatedBeacon(0, addressOf(deployer), backend)
	if err != nil {
		return err
	}
	c.stack, c.eth, c.beacon = stack, backend, beacon
	c.client = ethclient.NewClient(stack.Attach())
	return nil
}

func (c *Chain) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client.Close()
	err := c.stack.Close()
	c.stack, c.eth, c.beacon, c.client = nil, nil, nil, nil
	return err
}
