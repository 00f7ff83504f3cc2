package p2p

import "errors"

// The errors of the network. Match them with errors.Is.
var (
	// ErrConfig means the configuration cannot work; the text says which field.
	ErrConfig = errors.New("bad network configuration")
	// ErrKeyFile means the identity file is there but cannot be used. It is never
	// overwritten: a new identity is made only where there was none.
	ErrKeyFile = errors.New("bad identity file")
	// ErrNotReady means Run has not opened the network yet, or has ended.
	ErrNotReady = errors.New("network is not running")
	// ErrStarted means Run was called a second time.
	ErrStarted = errors.New("network was already run")
	// ErrOtherNetwork means the peer belongs to another etal network, or to none.
	ErrOtherNetwork = errors.New("peer belongs to another network")
	// ErrAddress means an address is not a multiaddress that ends in /p2p/PEER.
	ErrAddress = errors.New("bad peer address")
	// ErrUnreachable means the peer could not be dialled.
	ErrUnreachable = errors.New("peer cannot be reached")
)
