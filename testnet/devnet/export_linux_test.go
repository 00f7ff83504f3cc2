package devnet

import "golang.org/x/sys/unix"

// Forget makes a record look as if its processes had never been written down.
func Forget(dir string) error {
	r, err := readRecord(dir)
	if err != nil {
		return err
	}
	for i := range r.Nodes {
		r.Nodes[i].Process = process{}
	}
	return r.write(dir)
}

// Marked counts the processes that carry a network's mark.
func Marked(n *Net) int { return len(marked(n.rec.Mark)) }

// Mark returns a network's mark.
func Mark(n *Net) string { return n.rec.Mark }

// MarkName is the environment variable of the mark.
const MarkName = markName

// RemoveAll removes a network's folder.
var RemoveAll = removeAll

// Identify says which process has a number now.
func Identify(pid int) (Process, error) {
	p, err := identify(pid)
	return Process{p}, err
}

// Process is a process, for tests.
type Process struct{ process }

// Later returns what a later process with the same number would look like.
func (p Process) Later() Process {
	p.Start--
	return p
}

// Alive reports whether it runs.
func (p Process) Alive() bool { return p.alive() }

// Terminate sends SIGTERM.
func (p Process) Terminate() error { return p.signal(unix.SIGTERM) }
