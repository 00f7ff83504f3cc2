package rpc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
	"google.golang.org/protobuf/proto"
)

const (
	// farewell is how long a side that failed listens on, so that the other finds
	// the failure before it finds the stream gone, and farewellBytes how much.
	farewell      = 2 * time.Second
	farewellBytes = 1 << 20
	// maxDepth bounds how deep messages may nest.
	maxDepth = 64
)

// Stream is one conversation with a peer. One goroutine may read while others
// write.
type Stream struct {
	raw     network.Stream
	p       *Protocol
	version uint32
	ctx     context.Context
	end     time.Time   // when the whole stream must be over; zero for never
	unwatch func() bool // stops watching ctx

	rmu  sync.Mutex // held by whoever reads
	in   *bufio.Reader
	over error // what every later read returns

	wmu sync.Mutex // held by whoever writes
}

func newStream(ctx context.Context, raw network.Stream, p *Protocol, version uint32) *Stream {
	s := &Stream{raw: raw, p: p, version: version, ctx: ctx, in: bufio.NewReader(raw)}
	if end, ok := ctx.Deadline(); ok {
		s.end = end
	}
	s.unwatch = context.AfterFunc(ctx, func() { _ = raw.Reset() })
	return s
}

// Peer is who is at the other end; libp2p has checked that it holds the key.
func (s *Stream) Peer() peer.ID { return s.raw.Conn().RemotePeer() }

// Version is the version of the protocol that is spoken here.
func (s *Stream) Version() uint32 { return s.version }

// Relayed reports whether the stream runs over a relay, which carries little.
func (s *Stream) Relayed() bool { return s.raw.Conn().Stat().Limited }

// Context ends when the stream must end.
func (s *Stream) Context() context.Context { return s.ctx }

// ReadMsg reads the next message into m. It returns io.EOF when the other side
// has ended its messages properly, an *Error when it reported a failure, and
// ErrMalformed, ErrTooLarge, ErrTimeout or ErrReset when the stream is lost.
func (s *Stream) ReadMsg(m proto.Message) error {
	s.rmu.Lock()
	defer s.rmu.Unlock()
	k, size, err := s.header()
	if err != nil {
		return err
	}
	if k != kindMessage {
		return s.lost(fmt.Errorf("%w: bytes where a message should be", ErrMalformed))
	}
	body, err := readBody(s.in, size)
	if err != nil {
		return s.lost(err)
	}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxDepth}).Unmarshal(body, m); err != nil {
		return s.lost(fmt.Errorf("%w: %w", ErrMalformed, err))
	}
	return nil
}

// header reads the next frame's header, or the failure that stands there. The
// caller holds rmu.
func (s *Stream) header() (kind, int, error) {
	if s.over != nil {
		return 0, 0, s.over
	}
	if s.in.Buffered() == 0 {
		s.readBy(s.p.Idle)
	}
	k, size, err := readHeader(s.in, s.p.MaxMessage, func() { s.readBy(s.p.Stall) })
	if err == io.EOF { //nolint:errorlint // only the bare error means a proper end.
		s.over = io.EOF
		return 0, 0, io.EOF
	}
	if err != nil {
		return 0, 0, s.lost(err)
	}
	if k != kindFailure {
		return k, size, nil
	}
	failure, err := s.failureBody(size)
	if err != nil {
		return 0, 0, s.lost(err)
	}
	s.over = failure
	return 0, 0, failure
}

func (s *Stream) failureBody(size int) (*Error, error) {
	body, err := readBody(s.in, size)
	if err != nil {
		return nil, err
	}
	return s.p.Codes.decodeFailure(body)
}

// lost cuts the stream off after a broken read and remembers why. What the other
// side did wrong is for the handler to report, so only the reading ends here.
func (s *Stream) lost(err error) error {
	err = s.plain(err)
	s.over = err
	_ = s.raw.CloseRead()
	return err
}

// readBy and writeBy bound one step by its own time and the stream's.
func (s *Stream) readBy(d time.Duration)  { _ = s.raw.SetReadDeadline(s.by(d)) }
func (s *Stream) writeBy(d time.Duration) { _ = s.raw.SetWriteDeadline(s.by(d)) }

func (s *Stream) by(d time.Duration) time.Time {
	if d < 0 {
		return s.end
	}
	t := time.Now().Add(d)
	if !s.end.IsZero() && s.end.Before(t) {
		return s.end
	}
	return t
}

// plain turns the transport's errors into ours.
func (s *Stream) plain(err error) error {
	var unsupported multistream.ErrNotSupported[protocol.ID]
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, ErrMalformed), errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(s.ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrTimeout, s.ctx.Err())
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case errors.As(err, &unsupported):
		return ErrUnsupported
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ErrTimeout
	}
	return fmt.Errorf("%w: %w", ErrReset, err)
}

// WriteMsg sends a message. A message beyond the protocol's limit is ErrTooLarge
// and nothing is sent. When the other side has reported a failure and stopped
// reading, that failure is the error.
func (s *Stream) WriteMsg(m proto.Message) error {
	size := proto.Size(m)
	if size > s.p.MaxMessage {
		return fmt.Errorf("%w: message of %d bytes, at most %d", ErrTooLarge, size, s.p.MaxMessage)
	}
	b := appendHeader(make([]byte, 0, size+maxHeader), kindMessage, size)
	b, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(b, m)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return s.write(b)
}

// write sends whole frames.
func (s *Stream) write(b []byte) error {
	s.wmu.Lock()
	s.writeBy(s.p.Stall)
	_, err := s.raw.Write(b)
	s.wmu.Unlock()
	if err == nil {
		return nil
	}
	err = s.plain(err)
	if failure := s.reported(); failure != nil {
		return failure
	}
	return err
}

// reported looks whether the other side said why it stopped reading. Somebody
// who is reading already will find out alone.
func (s *Stream) reported() *Error {
	if s.ctx.Err() != nil || !s.rmu.TryLock() {
		return nil
	}
	defer s.rmu.Unlock()
	if s.over == nil {
		s.readBy(time.Second)
		if first, err := s.in.Peek(1); err != nil || kind(first[0]) != kindFailure {
			return nil
		}
		if _, _, err := s.header(); err == nil {
			return nil
		}
	}
	var failure *Error
	if errors.As(s.over, &failure) {
		return failure
	}
	return nil
}

// CloseWrite tells the other side that nothing more will be sent. It reads
// io.EOF after what was sent before.
func (s *Stream) CloseWrite() error {
	if err := s.raw.CloseWrite(); err != nil {
		return s.plain(err)
	}
	return nil
}

// Close ends the stream and frees what it holds. What was written is still
// delivered; what the other side sends is dropped. Whoever opened a stream must
// close or reset it; a handler's stream is closed by the server.
func (s *Stream) Close() error {
	s.unwatch()
	if err := s.raw.Close(); err != nil {
		_ = s.raw.Reset()
	}
	return nil
}

// Reset cuts the stream off both ways.
func (s *Stream) Reset() {
	s.unwatch()
	_ = s.raw.Reset()
}

// fail sends a failure as the last frame and ends the stream. The other side may
// still be sending: what comes is dropped for a moment.
func (s *Stream) fail(failure *Error) {
	if !s.sendFailure(failure, min(s.p.Stall, farewell)) || s.raw.CloseWrite() != nil {
		s.Reset()
		return
	}
	_ = s.raw.SetReadDeadline(time.Now().Add(farewell))
	_, _ = io.CopyN(io.Discard, s.raw, farewellBytes)
	_ = s.Close()
}

func (s *Stream) sendFailure(failure *Error, within time.Duration) bool {
	body := failure.encode()
	s.wmu.Lock()
	defer s.wmu.Unlock()
	_ = s.raw.SetWriteDeadline(time.Now().Add(within))
	_, err := s.raw.Write(append(appendHeader(nil, kindFailure, len(body)), body...))
	return err == nil
}
