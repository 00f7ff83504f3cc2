package p2p

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	maxKnown     = 512                 // peers kept in the file
	maxKnownFile = 2 << 20             // bytes read of it
	knownFor     = 60 * 24 * time.Hour // after which a peer not seen is dropped
)

// known is the file of peers met before, and of the ports we had.
type known struct {
	path string

	mu     sync.Mutex // guards the following fields
	peers  map[peer.ID]knownPeer
	listen []ma.Multiaddr
	dirty  bool
}

type knownPeer struct {
	addrs []ma.Multiaddr
	seen  time.Time
}

// knownFile is how the file reads: JSON, so that a person can.
type knownFile struct {
	Listen []string        `json:"listen,omitempty"`
	Peers  []knownFilePeer `json:"peers"`
}

type knownFilePeer struct {
	ID    string    `json:"id"`
	Addrs []string  `json:"addrs"`
	Seen  time.Time `json:"seen"`
}

// openKnown reads the file at path; an empty path keeps everything in memory. A
// file that is broken costs only what it held: the error says so and known works.
func (s *settings) openKnown(path string) (*known, error) {
	k := &known{path: path, peers: make(map[peer.ID]knownPeer)}
	if path == "" {
		return k, nil
	}
	b, err := readFile(path, maxKnownFile)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err == nil {
		err = k.decode(b, s)
	}
	if err != nil {
		return k, fmt.Errorf("read known peers: %w", err)
	}
	return k, nil
}

// decode takes over what is valid in b. The file is our own, but a disk or a
// hand may have changed it.
func (k *known) decode(b []byte, s *settings) error {
	var f knownFile
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	now := s.Now()
	for _, l := range f.Listen[:min(len(f.Listen), 16)] {
		if m, err := ma.NewMultiaddr(l); err == nil {
			k.listen = append(k.listen, m)
		}
	}
	for _, p := range f.Peers[:min(len(f.Peers), maxKnown)] {
		id, err := peer.Decode(p.ID)
		if err != nil || now.Sub(p.Seen) > knownFor {
			continue
		}
		var addrs []ma.Multiaddr
		for _, a := range p.Addrs[:min(len(p.Addrs), maxPeerAddrs)] {
			if m, err := ma.NewMultiaddr(a); err == nil {
				addrs = append(addrs, m)
			}
		}
		if addrs = s.useful(addrs); len(addrs) > 0 {
			// A time in the future would make the peer the newest for ever.
			seen := p.Seen
			if seen.After(now) {
				seen = now
			}
			k.peers[id] = knownPeer{addrs: addrs, seen: seen}
		}
	}
	return nil
}

// saw notes that a peer is reachable at addrs now.
func (k *known) saw(id peer.ID, addrs []ma.Multiaddr, now time.Time) {
	if len(addrs) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.peers[id] = knownPeer{addrs: addrs, seen: now}
	k.dirty = true
	if len(k.peers) <= maxKnown {
		return
	}
	var oldest peer.ID
	for id, p := range k.peers {
		if oldest == "" || p.seen.Before(k.peers[oldest].seen) {
			oldest = id
		}
	}
	delete(k.peers, oldest)
}

// infos lists the peers, those seen last first.
func (k *known) infos() []peer.AddrInfo {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]peer.AddrInfo, 0, len(k.peers))
	for _, id := range k.order() {
		out = append(out, peer.AddrInfo{ID: id, Addrs: slices.Clone(k.peers[id].addrs)})
	}
	return out
}

// order sorts the peers by the time they were seen, the newest first. The
// caller holds mu.
func (k *known) order() []peer.ID {
	ids := make([]peer.ID, 0, len(k.peers))
	for id := range k.peers {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b peer.ID) int {
		if c := k.peers[b].seen.Compare(k.peers[a].seen); c != 0 {
			return c
		}
		if a < b {
			return -1
		}
		return 1
	})
	return ids
}

// ports tells what we listened on in the run before.
func (k *known) ports() []ma.Multiaddr {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.listen)
}

// listening notes what we listen on now.
func (k *known) listening(addrs []ma.Multiaddr) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.listen = slices.Clone(addrs[:min(len(addrs), 16)])
	k.dirty = true
}

// save writes the file if anything changed since it was written.
func (k *known) save() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.path == "" || !k.dirty {
		return nil
	}
	var f knownFile
	for _, l := range k.listen {
		f.Listen = append(f.Listen, l.String())
	}
	for _, id := range k.order() {
		p := knownFilePeer{ID: id.String(), Seen: k.peers[id].seen.UTC().Truncate(time.Second)}
		for _, a := range k.peers[id].addrs {
			p.Addrs = append(p.Addrs, a.String())
		}
		f.Peers = append(f.Peers, p)
	}
	b, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fmt.Errorf("keep known peers: %w", err)
	}
	if err := replaceFile(k.path, append(b, '\n')); err != nil {
		return fmt.Errorf("keep known peers: %w", err)
	}
	k.dirty = false
	return nil
}
