package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// signalOne sends a signal to one process. To the kernel 0, -1 and other
// negative numbers are groups of processes, or all of them: no mistake of ours
// may ever become that, so they are refused here, and so is init.
func signalOne(pid int, sig unix.Signal) error {
	if pid <= 1 {
		return fmt.Errorf("refusing to send %s to process %d", unix.SignalName(sig), pid)
	}
	return unix.Kill(pid, sig)
}

// descendants returns the children of a process, theirs, and so on. A child
// whose parent died belongs to the nearest subreaper above, so none is missed.
func descendants(pid int) []int {
	children := map[int][]int{}
	for _, p := range pids() {
		if parent, ok := parentOf(p); ok {
			children[parent] = append(children[parent], p)
		}
	}
	var all []int
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		all = append(all, children[todo[0]]...)
		todo = append(todo, children[todo[0]]...)
	}
	return all
}

// pids lists the processes of this pid namespace.
func pids() []int {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	var out []int
	for _, n := range names {
		if p, err := strconv.Atoi(n); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func parentOf(pid int) (int, bool) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	_, rest, ok := cutLast(string(raw), ") ")
	f := strings.Fields(rest)
	if !ok || len(f) < 2 {
		return 0, false
	}
	p, err := strconv.Atoi(f[1])
	return p, err == nil
}
