package market

// RestartPolicy says what happens when a job ends by itself.
type RestartPolicy string

const (
	// RestartNever lets an ended job rest. The lease ends and is settled.
	RestartNever RestartPolicy = "never"
	// RestartOnFailure runs it again after a non-zero exit; billing goes on.
	RestartOnFailure RestartPolicy = "on-failure"
)

// Transfer is a file or folder that travels with a job. Only Path crosses the wire.
type Transfer struct {
	Local string // on the renter's machine; "" where the caller fetches it itself
	Path  string // absolute, inside the job
}

// Job is the workload, and what its renter asks of the market. What an image
// says holds where a field is empty.
type Job struct {
	Name    string   // for people: 1 to 64 of [a-z0-9-]; empty means a made-up one
	Image   string   // reference, path or digest for a renter; sha256:… of the manifest on the wire
	Command []string // replaces entrypoint and arguments
	Args    []string // replaces the arguments only
	Env     []string // KEY=VALUE
	WorkDir string
	// Inputs are filled before the start; Outputs are kept for an hour after the
	// end, and brought to Local when the job has ended.
	Inputs, Outputs []Transfer
	LogLimit        int64         // bytes; 0 means the engine's default
	Restart         RestartPolicy // empty means RestartNever
	// Request is what to lease for it. It stays with the renter. The zero value
	// asks for one core, 512 MiB, 1 GiB of disk, for at most an hour.
	Request Request
}

// AllocState is the observed state of one replica of a Job.
type AllocState string

const (
	// AllocPending waits for its image or its inputs. Not billed.
	AllocPending AllocState = "pending"
	// AllocRunning runs. Billed.
	AllocRunning AllocState = "running"
	// AllocPaused is frozen for want of payment, memory held. Not billed.
	AllocPaused AllocState = "paused"
	// AllocExited ended by itself with an exit code. Billed to its end.
	AllocExited AllocState = "exited"
	// AllocStopped was ended by the renter, the term or want of payment. Billed to its end.
	AllocStopped AllocState = "stopped"
	// AllocFailed never started; Reason says why. Not billed.
	AllocFailed AllocState = "failed"
	// AllocLost vanished without an exit code. Billed to the last time it was seen.
	AllocLost AllocState = "lost"
	// AllocUnknown cannot be observed now. Nothing may be concluded from it.
	AllocUnknown AllocState = "unknown"
)

// Ended reports whether the allocation will never run again.
func (s AllocState) Ended() bool {
	switch s {
	case AllocExited, AllocStopped, AllocFailed, AllocLost:
		return true
	}
	return false
}
