package image

import (
	"encoding/json"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/etal-cloud/etal/runtime"
)

// maxStrings bounds each list in a configuration.
const maxStrings = 4096

// DefaultPath is the PATH of a job whose image does not say.
const DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Config is how an image wants to be run.
type Config struct {
	OS         string // always "linux" once ParseConfig has passed it
	Arch       string // GOARCH
	Entrypoint []string
	Cmd        []string // arguments of Entrypoint, or the whole command where that is empty
	Env        []string // KEY=VALUE
	WorkDir    string   // empty means /
	User       string   // empty means root; name, uid or either with :group
}

// ParseConfig checks an image's configuration against its number of layers.
// What it refuses is runtime.ErrImage. An image for another architecture than
// arch is refused unless arch is empty.
func ParseConfig(raw []byte, layers int, arch string) (Config, error) {
	if len(raw) > MaxConfig {
		return Config{}, fmt.Errorf("%w: a configuration of more than %d bytes", runtime.ErrImage, MaxConfig)
	}
	var d v1.ConfigFile
	if err := json.Unmarshal(raw, &d); err != nil {
		return Config{}, fmt.Errorf("%w: configuration: %w", runtime.ErrImage, err)
	}
	c := Config{
		OS: d.OS, Arch: d.Architecture, Entrypoint: d.Config.Entrypoint, Cmd: d.Config.Cmd,
		Env: d.Config.Env, WorkDir: d.Config.WorkingDir, User: d.Config.User,
	}
	switch {
	case c.OS != "linux":
		return Config{}, fmt.Errorf("%w: it is made for %.20q, not for linux", runtime.ErrImage, c.OS)
	case arch != "" && c.Arch != arch:
		return Config{}, fmt.Errorf("%w: it is made for %.20q, not for %s", runtime.ErrImage, c.Arch, arch)
	case len(d.RootFS.DiffIDs) != layers:
		return Config{}, fmt.Errorf("%w: %d layers in the manifest and %d in the configuration", runtime.ErrImage, layers, len(d.RootFS.DiffIDs))
	case len(c.Entrypoint) > maxStrings || len(c.Cmd) > maxStrings || len(c.Env) > maxStrings:
		return Config{}, fmt.Errorf("%w: more than %d words in the configuration", runtime.ErrImage, maxStrings)
	}
	for _, words := range [][]string{c.Entrypoint, c.Cmd, c.Env, {c.WorkDir, c.User}} {
		for _, w := range words {
			if strings.ContainsRune(w, 0) {
				return Config{}, fmt.Errorf("%w: a zero byte in the configuration", runtime.ErrImage)
			}
		}
	}
	return c, nil
}

// Argv returns the command line of a job: command where it is given, else the
// image's entrypoint followed by args, or by the image's own arguments where
// args is empty. An image that leaves nothing to run is runtime.ErrImage.
func (c Config) Argv(command, args []string) ([]string, error) {
	argv := append([]string(nil), command...)
	if len(argv) == 0 {
		argv = append(argv, c.Entrypoint...)
		if len(args) > 0 {
			argv = append(argv, args...)
		} else {
			argv = append(argv, c.Cmd...)
		}
	}
	if len(argv) == 0 || argv[0] == "" {
		return nil, fmt.Errorf("%w: it names no command; give one after --", runtime.ErrImage)
	}
	return argv, nil
}
