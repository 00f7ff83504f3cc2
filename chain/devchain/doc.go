// Package devchain is an Ethereum chain inside the process, for demonstrations,
// tests and local networks. Its money is worth nothing.
//
// The producer is this process alone: it makes a block every period, or as
// soon as a transaction waits, or when told. The rules are those of today's
// main network (Osaka), so gas figures are real.
//
// A folder keeps the chain. Every block's state is written with the block
// (archive mode, hash scheme), so that a kill -9 loses nothing that was mined.
// Transactions that only waited are lost, as on any chain: who sent one sends
// it again. Without a folder the chain is in memory.
//
// The contracts, test$ and Channels, are deployed at the first start by a key
// that everyone knows, so their addresses are the same on every dev chain. That
// key can do nothing afterwards.
//
// The faucet is the one account that holds coin at the start and can mint
// test$. Its key is random and stays in the folder. The JSON-RPC method
// etal_faucet(address) makes it give.
//
// Any Ethereum client can talk to the chain: JSON-RPC over HTTP, namespaces
// eth, net, web3 and etal, on a loopback address.
package devchain
