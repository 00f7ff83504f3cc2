// Package p2p is the network that etal programs against: who we are, who is
// reachable, and how bytes get there.
//
// Network is one node's place in one etal network. New checks the configuration
// and starts nothing; Run opens the sockets, keeps the node connected and ends
// with its context; Close ends Run and waits for it.
//
// Identity is an Ed25519 key. Its peer id is the only name a node has here; an
// account on the chain vouches for it elsewhere (a Bind).
//
// Network id is 32 bytes that tell one etal network from another. Every protocol
// id and every topic carries its first eight bytes, and identify carries all of
// it: a peer of another network speaks none of our protocols and is shown out.
//
// Peer, in Peers and in events, is a connected node of the same etal network.
// A connection whose network is not known yet is not a peer.
//
// PeerEvent is a hint that a peer came or went. Hints may be lost when the
// reader is slow; Peers is the truth.
//
// Bootstrap peers are the addresses a node is told; known peers are those it met
// before, kept in a bounded file. Both are dialled in parallel at start and again
// with growing pauses, so a network outlives its bootstrap nodes.
//
// Local is a network that lives on one machine or in a laboratory: loopback
// addresses by default, every node serves the DHT, nobody is punished for
// sharing an address with others, and no port is mapped.
//
// DHT finds addresses of peers and members of a group (Announce, Find). It holds
// no values, and what it says is a hint that the caller checks: whoever owns
// enough peer ids near a key can hide what is stored there (GO-2024-3218), so
// nothing of value depends on it and every answer is bounded.
package p2p
