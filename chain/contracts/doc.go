// Package contracts is the home of etal's Solidity: the sources, what they compile to, the Go bindings in a package each,
// and the tests that run the bytecode. It has no code of its own, and nobody needs to import it.
//
// Channels (src/Channels.sol, package channels) holds the money of renters and pays providers for signed vouchers. Nobody
// owns it and nothing in it can be changed.
//
// TestToken (src/TestToken.sol, package testtoken) is the play money of local networks, "test$", with six decimals.
//
// An artifact (artifacts/*.json) is a contract's ABI and bytecode as JSON, for anybody's Ethereum client.
//
// A binding is a Go package generated from an artifact. It is committed, so that building etal needs neither node nor
// solc. build.sh makes artifacts and bindings anew; "build.sh check" says whether the committed ones are stale.
//
// The contracts in testsrc misbehave on purpose. Only tests deploy them, from testdata.
//
// gas.json says what each call costs under the rules of the Osaka fork, which the tests pin. "go test -update" writes it;
// without that flag, a call that costs anything else fails the test.
package contracts
