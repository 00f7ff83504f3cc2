//go:build linux

package containerd

import (
	"path"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// Annotations that the engine reads from a job's configuration; see sandbox.go
// of runtime/engine.
const (
	annotationMemory = "cloud.etal.memory"
	annotationDisk   = "cloud.etal.disk"
	annotationCPUs   = "cloud.etal.cpus"
)

// minScratch is the writable root of a job that asked for no disk: programs
// expect to be able to write a little.
const minScratch = 16 << 20

// capabilities are docker's, less the ones to make devices and to forge packets.
// They count inside the sandbox only.
var capabilities = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_SETFCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE",
}

// specOf builds what the sandbox is started with. Nothing of this machine is in
// it but the mounts.
func (e *Engine) specOf(s runtime.Spec, c image.Config, u user) (*specs.Spec, error) {
	argv, err := c.Argv(s.Command, s.Args)
	if err != nil {
		return nil, err
	}
	cwd := c.WorkDir
	if s.WorkDir != "" {
		cwd = s.WorkDir
	}
	cwd = path.Join("/", cwd)

	mounts := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
	}
	for _, m := range s.Mounts {
		source, err := e.inside(m.Host)
		if err != nil {
			return nil, err
		}
		mode := "rw"
		if m.ReadOnly {
			mode = "ro"
		}
		mounts = append(mounts, specs.Mount{
			Destination: m.Path, Type: "bind", Source: source, Options: []string{"rbind", "rprivate", "nosuid", "nodev", mode},
		})
	}
	return &specs.Spec{
		Version: "1.2.1", // the newest that the sandbox knows
		Process: &specs.Process{
			Args: argv, Cwd: cwd, Env: environment(c.Env, s.Env, u), NoNewPrivileges: true,
			User:         specs.User{UID: u.uid, GID: u.gid, AdditionalGids: u.groups},
			Capabilities: &specs.LinuxCapabilities{Bounding: capabilities, Effective: capabilities, Permitted: capabilities},
			Rlimits:      []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 1 << 16, Hard: 1 << 16}, {Type: "RLIMIT_CORE"}},
		},
		Root:     &specs.Root{Path: "rootfs"},
		Hostname: s.ID,
		Mounts:   mounts,
		Annotations: map[string]string{
			annotationMemory: strconv.FormatInt(s.Resources.Memory, 10),
			annotationDisk:   strconv.FormatInt(max(s.Resources.Disk, minScratch), 10),
			annotationCPUs:   strconv.FormatInt((s.Resources.MilliCPU+999)/1000, 10),
		},
		Linux: &specs.Linux{
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.PIDNamespace},
				{Type: specs.IPCNamespace},
				{Type: specs.UTSNamespace},
				{Type: specs.MountNamespace},
				{Type: specs.NetworkNamespace},
			},
			MaskedPaths: []string{
				"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
				"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
			},
			ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		},
	}, nil
}

// environment is the image's variables, replaced and extended by the spec's, with
// a PATH and a HOME in any case. Each name is there once.
func environment(fromImage, fromSpec []string, u user) []string {
	var out []string
	at := map[string]int{}
	set := func(v string) {
		k, _, ok := strings.Cut(v, "=")
		if !ok || k == "" || strings.ContainsRune(v, 0) {
			return // an image's odd variable is no reason to refuse it
		}
		if i, ok := at[k]; ok {
			out[i] = v
			return
		}
		at[k] = len(out)
		out = append(out, v)
	}
	set(image.DefaultPath)
	set("HOME=" + u.home)
	for _, v := range fromImage {
		set(v)
	}
	for _, v := range fromSpec {
		set(v)
	}
	return out
}
