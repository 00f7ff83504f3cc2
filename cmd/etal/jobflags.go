package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/etal-cloud/etal/market"
)

// What a job asks for where no flag says otherwise.
const (
	defaultCPUs   = "1"
	defaultMemory = "512m"
	defaultDisk   = "1g"
	defaultTerm   = "1h"
	maxTerm       = 365 * 24 * time.Hour
)

// jobFlags are the flags that describe a job; run and quote have them.
type jobFlags struct {
	name, cpus, memory, disk, term, max, budget string
	entrypoint, workdir, on                     string
	env, in, out                                []string
}

// add declares the flags. What follows IMAGE is read by parse.
func (j *jobFlags) add(f *pflag.FlagSet) {
	f.SetInterspersed(false)
	f.StringVar(&j.name, "name", "", "name of the job; a made-up one without")
	f.StringVar(&j.cpus, "cpus", defaultCPUs, "cores, such as 0.5")
	f.StringVarP(&j.memory, "memory", "m", defaultMemory, "memory, such as 512m or 2g")
	f.StringVar(&j.disk, "disk", defaultDisk, "disk, such as 1g")
	f.StringVar(&j.term, "for", defaultTerm, "longest time it may run, such as 10m, 2h, 1d")
	f.StringVar(&j.max, "max", "", "highest rate, per hour unless it says /min, /s or /day")
	f.StringVar(&j.budget, "budget", "", "most that it may cost in total")
	f.StringVar(&j.entrypoint, "entrypoint", "", "program to run instead of the image's")
	f.StringVarP(&j.workdir, "workdir", "w", "", "folder to run in")
	f.StringVar(&j.on, "on", "", "where: 'region=fr provider=fr-1,fr-2 arch=amd64'")
	f.StringArrayVarP(&j.env, "env", "e", nil, "KEY=VALUE, or KEY to pass on your own value")
	f.StringArrayVar(&j.in, "in", nil, "LOCAL:/path: a file or folder to send along")
	f.StringArrayVar(&j.out, "out", nil, "/path:LOCAL: a file or folder to bring back")
}

// parse makes a job of the flags and of IMAGE [--] [CMD…]. Flags may stand
// before IMAGE or right after it; what follows the first other word, or --, is
// the job's own.
func (j *jobFlags) parse(a *app, cmd *cobra.Command, args []string) (market.Job, error) {
	if len(args) == 0 {
		return market.Job{}, usage("%s wants an image: a name, an archive.tar, a folder or a ./static-binary (see `%s --help`)", cmd.CommandPath(), cmd.CommandPath())
	}
	img, rest := args[0], args[1:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "-") && rest[0] != "-" {
		if err := cmd.Flags().Parse(rest); err != nil {
			return market.Job{}, usage("%s (what belongs to the job's own command goes after --: %s %s -- …)", err, cmd.CommandPath(), img)
		}
		rest = cmd.Flags().Args()
	} else if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	job := market.Job{Name: j.name, WorkDir: j.workdir, Args: rest}
	if j.entrypoint != "" {
		job.Command, job.Args = append([]string{j.entrypoint}, rest...), nil
	}
	var err error
	if job.Image, err = localImage(img); err != nil {
		return job, err
	}
	if job.Request, err = j.request(); err != nil {
		return job, err
	}
	for _, e := range j.env {
		key, _, given := strings.Cut(e, "=")
		if key == "" {
			return job, usage("--env %q: want KEY=VALUE", e)
		}
		if !given {
			e = key + "=" + a.getenv(key)
		}
		job.Env = append(job.Env, e)
	}
	for _, s := range j.in {
		t, err := parseInput(s)
		if err != nil {
			return job, err
		}
		job.Inputs = append(job.Inputs, t)
	}
	for _, s := range j.out {
		t, err := parseOutput(s)
		if err != nil {
			return job, err
		}
		job.Outputs = append(job.Outputs, t)
	}
	return job, nil
}

// request reads what is to be leased.
func (j *jobFlags) request() (market.Request, error) {
	var r market.Request
	var err error
	if r.Resources.MilliCPU, err = market.ParseCPUs(j.cpus); err != nil {
		return r, flagError("--cpus", err)
	}
	if r.Resources.Memory, err = market.ParseBytes(j.memory); err != nil {
		return r, flagError("--memory", err)
	}
	if r.Resources.Disk, err = market.ParseBytes(j.disk); err != nil {
		return r, flagError("--disk", err)
	}
	if r.Term, err = parseTime(j.term); err != nil {
		return r, flagError("--for", err)
	}
	if r.Term < time.Second || r.Term > maxTerm {
		return r, usage("--for %s: want 1s to 365d", j.term)
	}
	if j.max != "" {
		if r.MaxPerHour, err = market.ParseRate(j.max); err != nil {
			return r, flagError("--max", err)
		}
	}
	if j.budget != "" {
		if r.Budget, err = market.ParseAmount(j.budget); err != nil {
			return r, flagError("--budget", err)
		}
		if r.Budget.IsZero() {
			return r, usage("--budget must be more than 0")
		}
	}
	return r, parseOn(j.on, &r)
}

// flagError names the flag whose value could not be read.
func flagError(flag string, err error) error {
	return usage("%s: %s", flag, sentence(err))
}

// parseTime reads a duration as Go does, and days: 1d, 1d12h.
func parseTime(s string) (time.Duration, error) {
	bad := usage("%q is not a time: want one such as 30s, 10m, 2h or 1d", s)
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "", s
	}
	var total time.Duration
	if found {
		n, err := strconv.ParseUint(days, 10, 12)
		if err != nil {
			return 0, bad
		}
		total = time.Duration(n) * 24 * time.Hour
	}
	if rest != "" || !found {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 || d > maxTerm {
			return 0, bad
		}
		total += d
	}
	return total, nil
}

// parseOn reads where a job may run into a request: words KEY=VALUE[,VALUE…].
func parseOn(query string, r *market.Request) error {
	for _, w := range strings.Fields(query) {
		key, value, ok := strings.Cut(w, "=")
		if !ok || value == "" {
			return usage("--on %q: want words such as region=fr, provider=fr-1,fr-2 or arch=amd64", w)
		}
		switch key {
		case "region":
			r.Regions = append(r.Regions, strings.Split(value, ",")...)
		case "provider", "name":
			r.Providers = append(r.Providers, strings.Split(value, ",")...)
		case "arch":
			r.Arch = value
		default:
			return usage("--on %q: %q is none of region, provider, arch", w, key)
		}
	}
	return nil
}

// localImage makes the path of an image on this machine absolute: the node does
// not know where the command was typed. Anything else stays as it is.
func localImage(s string) (string, error) {
	looks := strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || strings.HasSuffix(s, ".tar") || strings.HasSuffix(s, ".tar.gz") || strings.HasSuffix(s, ".tgz")
	if _, err := os.Stat(s); err != nil {
		if looks {
			return "", usage("no image at %s: %s", s, plainPathError(err))
		}
		return s, nil
	}
	abs, err := filepath.Abs(s)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", s, err)
	}
	return abs, nil
}

// plainPathError is what is wrong with a path, without the path.
func plainPathError(err error) string {
	if os.IsNotExist(err) {
		return "there is no such file or folder"
	}
	if os.IsPermission(err) {
		return "it may not be read"
	}
	return err.Error()
}

// parseInput reads LOCAL:/path.
func parseInput(s string) (market.Transfer, error) {
	i := strings.LastIndex(s, ":/")
	if i <= 0 {
		return market.Transfer{}, usage("--in %q: want LOCAL:/path", s)
	}
	local, path := s[:i], s[i+1:]
	if _, err := os.Stat(local); err != nil {
		return market.Transfer{}, usage("--in %s: %s", local, plainPathError(err))
	}
	abs, err := filepath.Abs(local)
	if err != nil {
		return market.Transfer{}, fmt.Errorf("find %s: %w", local, err)
	}
	return market.Transfer{Local: abs, Path: path}, nil
}

// parseOutput reads /path:LOCAL.
func parseOutput(s string) (market.Transfer, error) {
	path, local, ok := strings.Cut(s, ":")
	if !ok || !strings.HasPrefix(path, "/") || path == "/" || local == "" {
		return market.Transfer{}, usage("--out %q: want /path:LOCAL", s)
	}
	abs, err := filepath.Abs(local)
	if err != nil {
		return market.Transfer{}, fmt.Errorf("find %s: %w", local, err)
	}
	if strings.HasSuffix(local, "/") { // into that folder, which need not be there yet
		abs += "/"
	}
	if !strings.HasSuffix(local, "/") {
		if _, err := os.Stat(filepath.Dir(abs)); err != nil {
			return market.Transfer{}, usage("--out %s: %s", filepath.Dir(local), plainPathError(err))
		}
	}
	return market.Transfer{Local: abs, Path: path}, nil
}
