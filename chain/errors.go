package chain

import "errors"

var (
	// ErrConfig says that a Config or an argument cannot be used.
	ErrConfig = errors.New("unusable chain setting")
	// ErrOtherNetwork says that the store belongs to another chain, contract or
	// token, or that an RPC server serves another chain.
	ErrOtherNetwork = errors.New("another network")
	// ErrNoContract says that the chain has no code at the contract's address.
	ErrNoContract = errors.New("no contract at this address")
	// ErrNoKey says that a client without a key was asked to send.
	ErrNoKey = errors.New("this client has no key")
	// ErrBadAnswer says that an RPC server's answer cannot be true.
	ErrBadAnswer = errors.New("an RPC server's answer makes no sense")
	// ErrBehind says that an RPC server knows less of the chain than this client
	// has seen already.
	ErrBehind = errors.New("an RPC server is behind")
	// ErrDeepReorg says that the chain differs from what was stored further back
	// than can be undone. The stored state stays as it was.
	ErrDeepReorg = errors.New("the chain's history differs from the stored one")
	// ErrUnavailable says that no RPC server answered properly; the errors of
	// each are joined to it.
	ErrUnavailable = errors.New("no RPC server answers")
	// ErrStore says that the store failed or holds what cannot be read. Run ends
	// with it, for nothing may be done that cannot be remembered.
	ErrStore = errors.New("chain store")
	// ErrConflict says that an intent is known with another content.
	ErrConflict = errors.New("the intent is known with another content")
	// ErrUnknown says that no such intent is known.
	ErrUnknown = errors.New("no such intent")
	// ErrFailed says that a transaction had no effect: the contract refused it.
	// The message has the contract's reason where it gave one.
	ErrFailed = errors.New("the transaction failed")
	// ErrFaucet says that the faucet did not give.
	ErrFaucet = errors.New("the faucet did not give")
)
