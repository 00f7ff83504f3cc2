package p2ptest

import (
	"context"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/etal-cloud/etal/p2p/rpc"
)

// maxRecorded bounds what is kept of each direction of a stream.
const maxRecorded = 1 << 20

// Recorder is a Host for rpc that passes everything on to another and keeps what
// crosses the streams, opened and served.
type Recorder struct {
	rpc.Host

	mu   sync.Mutex // guards the following field
	tape []*Recording
}

// Recording is what crossed one stream so far, as seen from the recorded side;
// at most 1 MiB of each direction.
type Recording struct {
	Protocol protocol.ID
	Peer     peer.ID
	Opened   bool // by the recorded side

	mu             sync.Mutex // guards the following fields
	sent, received []byte
}

// NewRecorder records what uses it instead of h.
func NewRecorder(h rpc.Host) *Recorder { return &Recorder{Host: h} }

// Recordings lists the streams so far, in the order they began.
func (r *Recorder) Recordings() []*Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.tape)
}

// Sent returns a copy of what the recorded side wrote.
func (r *Recording) Sent() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// Received returns a copy of what the recorded side read.
func (r *Recording) Received() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.received)
}

// NewStream opens a recorded stream.
func (r *Recorder) NewStream(ctx context.Context, p peer.ID, ids ...protocol.ID) (network.Stream, error) {
	s, err := r.Host.NewStream(ctx, p, ids...)
	if err != nil {
		return nil, err
	}
	return r.record(s, true), nil
}

// SetStreamHandler serves a protocol with recorded streams.
func (r *Recorder) SetStreamHandler(id protocol.ID, h network.StreamHandler) {
	r.Host.SetStreamHandler(id, func(s network.Stream) { h(r.record(s, false)) })
}

func (r *Recorder) record(s network.Stream, opened bool) network.Stream {
	rec := &Recording{Protocol: s.Protocol(), Peer: s.Conn().RemotePeer(), Opened: opened}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tape = append(r.tape, rec)
	return &recorded{Stream: s, rec: rec}
}

type recorded struct {
	network.Stream
	rec *Recording
}

// Read keeps what was read.
func (s *recorded) Read(b []byte) (int, error) {
	n, err := s.Stream.Read(b)
	s.rec.keep(&s.rec.received, b[:n])
	return n, err
}

// Write keeps what was written.
func (s *recorded) Write(b []byte) (int, error) {
	n, err := s.Stream.Write(b)
	s.rec.keep(&s.rec.sent, b[:n])
	return n, err
}

func (r *Recording) keep(to *[]byte, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*to = append(*to, b[:min(len(b), maxRecorded-len(*to))]...)
}
