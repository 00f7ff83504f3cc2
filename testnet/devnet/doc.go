// Package devnet runs a whole network on one machine: separate processes of the
// same binary, each with its own data folder, that speak over loopback and pay
// with test money on a chain of their own. The command line's `etal devnet` and
// the tour are made of it.
//
// Net is such a network. Everything of it is below one folder: the profile that
// tells the network from others, the data of each node, and devnet.json.
//
// Node is one process of it. Its role is chain (makes blocks, has the faucet),
// bootstrap (is known to all at first), provider (sells) or renter (the user's
// own node).
//
// Process is an operating system's process told apart from a later one with the
// same number by its start time and the machine's boot. Nothing else is ever
// signalled.
//
// Mark is a random word in the environment of everything that a Net started and
// of what that started in turn. What is left over after a crash is found by it.
//
// devnet.json is written before acting on it, so that a Net which was cut off at
// any point can be taken down.
package devnet
