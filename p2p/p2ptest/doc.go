// Package p2ptest gives tests a network in one line.
//
// Node is a p2p.Network of its own on loopback, Pair two that are connected, and
// both are closed when the test ends.
//
// Sim runs a network in virtual time: real hosts over QUIC on simulated links,
// inside a testing/synctest bubble, so that hours pass in moments and a timeout
// is as long as it says. Virtual time does not make a run repeatable: the order
// of what happens at one instant is still the scheduler's.
//
// Recorder stands between rpc and a network and keeps what crosses each stream,
// so that a test can look at the bytes of a protocol.
package p2ptest
