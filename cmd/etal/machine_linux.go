package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/etal-cloud/etal/market"
)

// halfMachine measures half of what this machine has: cores, memory, and the
// disk that is free where dir is or will be.
func halfMachine(dir string) (market.Resources, error) {
	r := market.Resources{MilliCPU: int64(runtime.NumCPU()) * 500}
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return r, fmt.Errorf("measure memory: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var kib int64
		if rest, ok := strings.CutPrefix(lines.Text(), "MemTotal:"); ok {
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				r.Memory = kib << 10 / 2
			}
		}
	}
	if r.Memory == 0 {
		return r, fmt.Errorf("measure memory: /proc/meminfo does not say")
	}
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			r.Disk = int64(st.Bavail) * st.Bsize / 2
			return r, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return r, fmt.Errorf("measure disk: %w", err)
		}
		dir = up
	}
}
