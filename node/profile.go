package node

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/p2p"
	"github.com/pelletier/go-toml/v2"
)

// Profile is all that tells one etal network from another: one TOML file.
type Profile struct {
	Name string `toml:"name"` // for people: 1 to 32 of [a-z0-9-]

	ChainID       uint64         `toml:"chain_id"`
	RPC           []string       `toml:"rpc"` // JSON-RPC servers of the chain, in order of preference
	Contract      market.Account `toml:"contract"`
	Token         market.Account `toml:"token"`
	Symbol        string         `toml:"symbol"`
	Decimals      int            `toml:"decimals"`
	Confirmations uint64         `toml:"confirmations"` // blocks before an event is relied upon; 0 means 1
	StartBlock    uint64         `toml:"start_block"`   // of the contract, or before

	DHTPrefix string   `toml:"dht_prefix"`
	Bootstrap []string `toml:"bootstrap"` // multiaddresses ending in /p2p/PEER
	// Local says that everything is on this machine: addresses are loopback's,
	// test money comes from a faucet, every account is its own failure domain.
	Local bool `toml:"local"`
}

// maxProfile bounds a profile file.
const maxProfile = 64 << 10

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	symbolForm = regexp.MustCompile(`^[A-Za-z0-9$]{1,12}$`)
)

// Validate says what is missing or wrong in a profile.
func (p Profile) Validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("network profile %q: %w: %s", p.Name, ErrBadRequest, fmt.Sprintf(format, args...))
	}
	switch {
	case !nameForm.MatchString(p.Name):
		return bad("the name must be 1 to 32 of a-z, 0-9 and -")
	case p.ChainID == 0:
		return bad("chain_id is missing")
	case len(p.RPC) == 0 || len(p.RPC) > 16:
		return bad("rpc must list 1 to 16 servers")
	case p.Contract.IsZero() || p.Token.IsZero():
		return bad("contract or token is missing")
	case !symbolForm.MatchString(p.Symbol):
		return bad("symbol must be 1 to 12 letters, digits or $")
	case p.Decimals < 0 || p.Decimals > market.AmountDecimals:
		return bad("decimals must be 0 to 18")
	case p.Confirmations > 64:
		return bad("confirmations must be at most 64")
	}
	for _, s := range p.RPC {
		if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return bad("rpc server %.100q is not an http URL", s)
		}
	}
	if _, err := p2p.ParseAddrs(p.Bootstrap); err != nil {
		return bad("bootstrap: %s", err)
	}
	return nil
}

// ID returns the id of the network.
func (p Profile) ID() market.NetworkID {
	return market.NewNetworkID(p.ChainID, p.Contract, p.Token, p.DHTPrefix)
}

// ReadProfile reads and checks a profile file.
func ReadProfile(path string) (Profile, error) {
	var p Profile
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, fmt.Errorf("network profile %s: %w", path, ErrNoNetwork)
	}
	if err != nil {
		return p, fmt.Errorf("network profile: %w", err)
	}
	if len(b) > maxProfile {
		return p, fmt.Errorf("network profile %s: %w: larger than %d bytes", path, ErrBadRequest, maxProfile)
	}
	d := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("network profile %s: %w: %w", path, ErrBadRequest, err)
	}
	return p, p.Validate()
}

// Encode returns the profile as a TOML file.
func (p Profile) Encode() ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return toml.Marshal(p)
}
