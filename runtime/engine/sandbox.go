package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/subcommands"
	"gvisor.dev/gvisor/runsc/cli"
	"gvisor.dev/gvisor/runsc/cmd"
	"gvisor.dev/gvisor/runsc/cmd/sentry/sentrycmd"
	"gvisor.dev/gvisor/runsc/cmd/util"
)

// sandbox is gVisor's runsc, with the commands that a shim and runsc itself use
// and no others.
func sandbox() {
	os.Args = withLimits(os.Args)
	cmds := map[util.SubCommand]string{}
	for _, c := range []util.SubCommand{
		new(cmd.Create), new(cmd.Start), new(cmd.State), new(cmd.Kill), new(cmd.Delete), new(cmd.Exec),
		new(cmd.Pause), new(cmd.Resume), new(cmd.PS), new(cmd.Events), new(cmd.List), new(cmd.Wait),
		new(cmd.Features), new(sentrycmd.Boot), new(cmd.Gofer), new(sentrycmd.Umount),
	} {
		cmds[c] = ""
	}
	cli.Run(nil, cmds, []subcommands.Command{})
}

// Annotations of a job's config.json, written by the client.
const (
	annotationMemory = "cloud.etal.memory" // bytes
	annotationDisk   = "cloud.etal.disk"   // bytes of the writable root
	annotationCPUs   = "cloud.etal.cpus"   // whole CPUs, rounded up
)

// withLimits tells a starting sandbox how much memory and how many CPUs its job
// has, which runsc only learns from a cgroup: without it the job would see, and
// size itself by, the whole machine. It changes the arguments that runsc gave to
// its own `boot`; all others pass as they are.
func withLimits(args []string) []string {
	boot, bundle := -1, ""
	for i, a := range args {
		switch {
		case a == "boot" && boot < 0:
			boot = i
		case boot >= 0 && strings.HasPrefix(a, "--bundle="):
			bundle = strings.TrimPrefix(a, "--bundle=")
		}
	}
	if boot < 0 || bundle == "" {
		return args
	}
	notes := annotations(bundle)
	out := append([]string(nil), args[:boot+1]...)
	hasCPU := false
	for i := boot + 1; i < len(args); i++ {
		out = append(out, args[i])
		switch {
		case args[i] == "--total-memory" && i+1 < len(args):
			i++
			have, _ := strconv.ParseInt(args[i], 10, 64)
			if m := notes[annotationMemory]; m > 0 && m < have {
				have = m
			}
			out = append(out, strconv.FormatInt(have, 10))
		case args[i] == "--cpu-num":
			hasCPU = true
		}
	}
	if n := notes[annotationCPUs]; n > 0 && !hasCPU {
		tail := append([]string{"--cpu-num", strconv.FormatInt(n, 10)}, out[boot+1:]...)
		out = append(out[:boot+1:boot+1], tail...)
	}
	return out
}

// annotations reads etal's annotations, all numbers, from a bundle's config.
// A bundle that cannot be read has none: a sandbox that starts itself again
// inside its empty root has the right arguments already.
func annotations(bundle string) map[string]int64 {
	raw, err := os.ReadFile(filepath.Join(bundle, "config.json"))
	if err != nil {
		return nil
	}
	var spec struct {
		Annotations map[string]string `json:"annotations"`
	}
	if json.Unmarshal(raw, &spec) != nil {
		return nil
	}
	notes := map[string]int64{}
	for _, k := range []string{annotationMemory, annotationDisk, annotationCPUs} {
		if n, err := strconv.ParseInt(spec.Annotations[k], 10, 64); err == nil && n > 0 {
			notes[k] = n
		}
	}
	return notes
}
