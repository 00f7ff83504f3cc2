package keys

import "crypto/ecdsa"

// DeriveSeed derives the key at path from a raw seed, for the vectors of
// BIP-32, which start from seeds and not from words. It returns the chain code
// too.
func DeriveSeed(seed []byte, path string) (*ecdsa.PrivateKey, [32]byte, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, [32]byte{}, err
	}
	n, err := master(seed)
	for _, i := range steps {
		if err != nil {
			break
		}
		n, err = n.child(i)
	}
	if err != nil {
		return nil, [32]byte{}, err
	}
	k, err := n.key()
	return k, n.chain, err
}
