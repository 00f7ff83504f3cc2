package node

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/runtime"
)

// Config says what a node is. Data and a network (Profile or Network) are
// required; the zero value of everything else works.
type Config struct {
	// Data is the node's folder: keys, ledger, known peers. It is made if missing.
	Data string
	// Network is the path of a profile file, or the name of a network that this
	// machine has joined, such as "devnet". Ignored when Profile is set.
	Network string
	// Profile is the network itself.
	Profile *Profile
	// Name is for people: 1 to 32 of [a-z0-9-]. Empty means the first characters
	// of the peer id.
	Name string
	// Listen holds the multiaddresses to listen on. Empty means free ports on
	// loopback for a local network, else on every interface.
	Listen []string
	// Provide makes the node sell. It needs an Engine.
	Provide *Provide
	// Engine runs what is sold. The node uses it and does not close it.
	Engine runtime.Engine
	// Limits bound what the node's signer may give away. Zero fields mean
	// DefaultLimits; Unlimited means none.
	Limits Limits
	// Device numbers the machines of one wallet, so that two of them never sign
	// with the same key.
	Device uint32
	// Version is what the node says it is.
	Version string
	// Log takes what an operator should read. Nil means nowhere.
	Log *slog.Logger
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Provide says what the owner sells, at what price. The zero value sells half of
// the machine at DefaultPrice.
type Provide struct {
	Region    string           `toml:"region"`    // a claim: 0 to 32 of [a-z0-9-]
	Resources market.Resources `toml:"resources"` // zero means half of the engine's capacity
	Price     market.Price     `toml:"price"`     // zero means DefaultPrice
	MaxTerm   time.Duration    `toml:"max_term"`  // zero means 24 h
	// Credit is what is delivered before a lease's channel is confirmed. Zero
	// means a minute, negative none.
	Credit time.Duration `toml:"credit"`
	// ChannelIdle is how long a channel serves nothing before it is settled. Zero
	// means an hour, on a local network 30 s.
	ChannelIdle time.Duration `toml:"channel_idle"`
}

// DefaultPrice is what a provider asks where its owner says nothing, per hour.
func DefaultPrice() market.Price {
	return market.Price{
		Core:   market.Atto(12_000_000_000_000_000), // 0.012 per core
		Memory: market.Atto(2_000_000_000_000_000),  // 0.002 per GiB
		Disk:   market.Atto(20_000_000_000_000),     // 0.00002 per GiB
		GPU:    market.Atto(800_000_000_000_000_000),
		Egress: market.Atto(10_000_000_000_000_000),
	}
}

// Limits are the most that the node's signer gives away.
type Limits struct {
	PerLease market.Amount
	PerDay   market.Amount
	// Unlimited takes both limits away.
	Unlimited bool
}

// DefaultLimits are used where Config names none: 10 per lease and 50 per day.
func DefaultLimits() Limits {
	return Limits{PerLease: market.Units(10), PerDay: market.Units(50)}
}

// Home returns the folder where this user's networks are kept: $ETAL_HOME, or
// etal in the user's data folder.
func Home() (string, error) {
	if h := os.Getenv("ETAL_HOME"); h != "" {
		return filepath.Abs(h)
	}
	if d := os.Getenv("XDG_DATA_HOME"); d != "" {
		return filepath.Join(d, "etal"), nil
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home folder: set ETAL_HOME: %w", err)
	}
	return filepath.Join(h, ".local", "share", "etal"), nil
}

// FindProfile reads the profile of a network by its name, or from a file.
func FindProfile(network string) (Profile, error) {
	if network == "" {
		return Profile{}, fmt.Errorf("%w: none named", ErrNoNetwork)
	}
	if nameForm.MatchString(network) {
		home, err := Home()
		if err != nil {
			return Profile{}, err
		}
		return ReadProfile(filepath.Join(home, "networks", network, "profile.toml"))
	}
	return ReadProfile(network)
}

func (c *Config) fill() error {
	if c.Data == "" {
		return fmt.Errorf("%w: no data folder", ErrBadRequest)
	}
	if c.Profile == nil {
		p, err := FindProfile(c.Network)
		if err != nil {
			return err
		}
		c.Profile = &p
	}
	if err := c.Profile.Validate(); err != nil {
		return err
	}
	if c.Name != "" && !nameForm.MatchString(c.Name) {
		return fmt.Errorf("%w: the name %q must be 1 to 32 of a-z, 0-9 and -", ErrBadRequest, c.Name)
	}
	if c.Provide != nil && c.Engine == nil {
		return fmt.Errorf("%w: selling needs an engine", ErrBadRequest)
	}
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits()
	}
	if c.Limits.Unlimited {
		c.Limits = Limits{Unlimited: true}
	}
	c.Version = cmp.Or(c.Version, "dev")
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}
