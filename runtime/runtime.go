// Package runtime runs strangers' code: it creates, starts, watches, stops and
// removes allocations on an engine, and measures them.
//
// Engine is what etal programs against. runtime/containerd implements it on
// containerd with gVisor, runtime/runtimetest on nothing, with scripted
// failures; both pass the suite in runtimetest.
//
// Spec says what to run. Its ID is the allocation's; Epoch fences an older copy.
//
// Status is what the engine observes. An engine that cannot be reached makes a
// status unknown, never failed: reconcile, never trust an event.
//
// Blob is a part of an image, named by its digest. A renter hands over the
// blobs that an engine lacks; the engine checks each against its digest.
//
// Log is the engine's own bounded, resumable record of a job's output. It drops
// its oldest bytes rather than block the job, and says how much it dropped.
package runtime

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/etal-cloud/etal/market"
)

// The errors of an engine. Match them with errors.Is.
var (
	ErrNotFound    = errors.New("no such allocation")
	ErrExists      = errors.New("allocation exists already")
	ErrState       = errors.New("not possible in this state")
	ErrDigest      = errors.New("content does not match its digest")
	ErrImage       = errors.New("not a usable image")
	ErrUnavailable = errors.New("engine unavailable")
	ErrUnsupported = errors.New("not supported on this machine")
)

// State is the observed state of an allocation on an engine.
type State string

const (
	// StateCreated has a root filesystem and no process. Not billed.
	StateCreated State = "created"
	// StateRunning has a process that may use its resources. Billed.
	StateRunning State = "running"
	// StatePaused is frozen with its memory held. Not billed.
	StatePaused State = "paused"
	// StateExited ended with an exit code that the shim reported. Billed to Status.Exited.
	StateExited State = "exited"
	// StateLost lost its shim and with it its exit code. Billed to the last time it was seen running.
	StateLost State = "lost"
	// StateUnknown is what an engine that cannot be reached leaves. Nothing may be concluded from it.
	StateUnknown State = "unknown"
)

// Mount is a folder of the engine's host given to a job.
type Mount struct {
	Host     string // absolute path on the engine's host
	Path     string // absolute path inside the job
	ReadOnly bool
}

// Spec says what to run. The zero value of a field means what the image says,
// unless its comment says otherwise.
type Spec struct {
	ID        string   // allocation id: 1 to 64 of [a-z0-9-]
	Epoch     uint64   // fences an older copy of the same allocation
	Image     string   // digest of the image's manifest, whose blobs the engine holds
	Command   []string // replaces the image's entrypoint and arguments
	Args      []string // with Command empty: replaces the image's arguments only
	Env       []string // KEY=VALUE, added to the image's
	WorkDir   string
	Resources market.Resources // limits, as far as Info.Limits enforces them
	Mounts    []Mount
	Labels    map[string]string // lease, deadline, …: kept on everything created
	LogLimit  int64             // bytes of log kept; 0 means 32 MiB
}

// Status is what an engine observes of an allocation.
type Status struct {
	ID      string
	Epoch   uint64
	State   State
	Started time.Time     // zero before the first start; from the shim
	Exited  time.Time     // zero until StateExited or StateLost; from the shim
	Ran     time.Duration // time in StateRunning so far: what is billed
	Code    int           // exit code; 128+n after signal n. Only in StateExited
	OOM     bool          // ended for lack of memory
	Reason  string        // for a reader, where the state needs a word
	Labels  map[string]string
}

// Ended reports whether no process is left and none will come.
func (s Status) Ended() bool { return s.State == StateExited || s.State == StateLost }

// Stream names where a log record was written.
type Stream uint8

// The streams of a job.
const (
	Stdout Stream = 1
	Stderr Stream = 2
)

// LogRecord is a piece of output. Seq is the number of bytes (of both streams)
// that the job wrote before it: a reader resumes at Seq + len(Data). Dropped is
// the number of bytes lost between the end of the record before and this one.
type LogRecord struct {
	Seq     int64
	Time    time.Time
	Stream  Stream
	Data    []byte
	Dropped int64
}

// LogReader yields records in order. Next returns io.EOF at the end of the log:
// with follow only once the job has ended and all was read.
type LogReader interface {
	Next(ctx context.Context) (LogRecord, error)
	Close() error
}

// Limits says by what an engine enforces CPU and memory.
type Limits string

const (
	LimitsNone     Limits = "none"     // nothing is enforced; the job sees the host's memory
	LimitsWatchdog Limits = "watchdog" // etal kills what passes its memory
	LimitsCgroup1  Limits = "cgroup1"
	LimitsCgroup2  Limits = "cgroup2"
)

// Info describes an engine.
type Info struct {
	Name     string // "etal-engine", "containerd", "fake"
	Version  string
	Tiers    []market.Tier // what it can run, best isolated first
	Limits   Limits
	Rootless bool
	Capacity market.Resources // what the machine has, before anything is sold
	Arch     string           // GOARCH of the images it runs
}

// Blob names a piece of content by its digest.
type Blob struct {
	Digest    string // sha256:…
	Size      int64
	MediaType string
}

// Engine runs allocations. Every method is safe for concurrent use, and every
// one but Put is idempotent: calling it again after a crash does no harm.
type Engine interface {
	Info(ctx context.Context) (Info, error)

	// Missing returns those of the blobs that the engine does not hold.
	Missing(ctx context.Context, blobs []Blob) ([]Blob, error)
	// Put stores one blob. Content that does not match its digest or its size
	// is refused with ErrDigest, and nothing of it stays.
	Put(ctx context.Context, b Blob, r io.Reader) error

	// Create prepares an allocation: unpacks the image, makes the container.
	// It returns ErrExists where the id is taken, ErrImage for a bad image.
	Create(ctx context.Context, s Spec) error
	// Start runs a created allocation. Starting a running one does nothing.
	Start(ctx context.Context, id string) error
	// Status observes one allocation.
	Status(ctx context.Context, id string) (Status, error)
	// List observes all allocations that carry etal's labels.
	List(ctx context.Context) ([]Status, error)
	// Wait blocks until the allocation has ended and returns its last status.
	// It goes on through a restart of the engine.
	Wait(ctx context.Context, id string) (Status, error)
	Pause(ctx context.Context, id string) error
	Resume(ctx context.Context, id string) error
	// Stop sends SIGTERM, after grace SIGKILL, and returns once it has ended.
	Stop(ctx context.Context, id string, grace time.Duration) error
	// Remove deletes an ended or a created allocation with all that is its
	// own: container, snapshot, log. Removing what is not there does nothing.
	Remove(ctx context.Context, id string) error
	// Logs reads the output from byte seq on.
	Logs(ctx context.Context, id string, seq int64, follow bool) (LogReader, error)

	// Close lets go of the engine; allocations run on.
	Close() error
}
