package devnet

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

const (
	profileName = "profile.toml"
	chainName   = "chain.json"
	// NetworkName is the name of a network that runs on this machine.
	NetworkName = "devnet"
	dhtPrefix   = "/etal/devnet"
)

// ChainInfo is what `etal devchain run` writes to chain.json in its data folder
// once the chain answers, and what a profile is made of.
type ChainInfo struct {
	RPC      string `json:"rpc"`
	ChainID  uint64 `json:"chain_id"`
	Contract string `json:"contract"`
	Token    string `json:"token"`
	Symbol   string `json:"symbol"`
	Decimals int    `json:"decimals"`
}

// Write puts the file into the chain's data folder, as a whole.
func (c ChainInfo) Write(data string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", chainName, err)
	}
	return writeFile(filepath.Join(data, chainName), append(b, '\n'))
}

// readChainInfo reads what Write wrote; os.ErrNotExist before that.
func readChainInfo(data string) (ChainInfo, error) {
	var c ChainInfo
	b, err := os.ReadFile(filepath.Join(data, chainName))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read %s: %w", chainName, err)
	}
	return c, nil
}

// writeProfile stores the profile of a network whose chain is known, with the
// peers that a newcomer asks first.
func writeProfile(dir string, c ChainInfo, bootstrap []string) error {
	// Every dev chain has the same contracts: the port of its server tells two
	// networks of one machine apart.
	prefix := dhtPrefix
	if u, err := url.Parse(c.RPC); err == nil && u.Port() != "" {
		prefix += "/" + u.Port()
	}
	p := node.Profile{
		Name: NetworkName, ChainID: c.ChainID, RPC: []string{c.RPC}, Symbol: c.Symbol, Decimals: c.Decimals,
		Confirmations: 1, DHTPrefix: prefix, Bootstrap: bootstrap, Local: true,
	}
	var err error
	if p.Contract, err = market.ParseAccount(c.Contract); err != nil {
		return fmt.Errorf("write the profile: contract: %w", err)
	}
	if p.Token, err = market.ParseAccount(c.Token); err != nil {
		return fmt.Errorf("write the profile: token: %w", err)
	}
	b, err := p.Encode()
	if err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	return writeFile(filepath.Join(dir, profileName), b)
}
