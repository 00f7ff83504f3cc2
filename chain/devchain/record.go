package devchain

import (
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/crypto"

	"github.com/etal-cloud/etal/chain/keys"
)

// record is what must be known before the genesis block can be made again:
// another faucet would be another chain.
type record struct {
	ChainID uint64 `json:"chain_id"`
	Faucet  string `json:"faucet_key"`
}

// recordFile lies in the chain's folder, readable by its owner only.
const recordFile = "devchain.json"

// identify reads the folder's record, or makes one. Nothing else is written
// before the record is on the disk.
func identify(dir string, chainID uint64) (id uint64, faucet *ecdsa.PrivateKey, err error) {
	path := filepath.Join(dir, recordFile)
	if dir != "" {
		b, err := os.ReadFile(path)
		if err == nil {
			return readRecord(path, b, chainID)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return 0, nil, err
		}
	}
	if chainID == 0 {
		chainID = DefaultChainID
	}
	if faucet, err = crypto.GenerateKey(); err != nil {
		return 0, nil, err
	}
	if dir == "" {
		return chainID, faucet, nil
	}
	b, err := json.Marshal(record{chainID, hex.EncodeToString(crypto.FromECDSA(faucet))})
	if err != nil {
		return 0, nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, nil, err
	}
	return chainID, faucet, keys.WriteFile(path, append(b, '\n'))
}

func readRecord(path string, b []byte, chainID uint64) (uint64, *ecdsa.PrivateKey, error) {
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return 0, nil, fmt.Errorf("%s: %w", path, err)
	}
	if chainID != 0 && chainID != r.ChainID {
		return 0, nil, fmt.Errorf("%w: %s says chain id %d, not %d", ErrOtherChain, path, r.ChainID, chainID)
	}
	faucet, err := crypto.HexToECDSA(r.Faucet)
	if err != nil {
		return 0, nil, fmt.Errorf("%s: the faucet's key: %w", path, err)
	}
	return r.ChainID, faucet, nil
}
