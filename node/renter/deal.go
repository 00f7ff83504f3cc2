package renter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"google.golang.org/protobuf/proto"
)

// channelFor returns an open channel to provider that still holds need base
// units (any, where need is nil).
func (r *Renter) channelFor(provider market.Account, need *big.Int) *channel {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.channelLocked(provider, need)
}

func (r *Renter) channelLocked(provider market.Account, need *big.Int) *channel {
	for _, c := range r.channels {
		if c.Provider == provider && r.usable(c) && (need == nil || r.restOf(c).Cmp(need) >= 0) {
			return c
		}
	}
	return nil
}

// usable reports whether new leases can be put on c. The caller holds r.mu.
func (r *Renter) usable(c *channel) bool {
	if c.Closed || c.Dropped || len(c.voucher().Parts) >= maxParts {
		return false
	}
	// A channel that was asked to close must not serve again.
	if c.Closing {
		return false
	}
	st, there := r.cfg.Chain.Channel(c.ID)
	return there && !st.Closed && st.ClosesAt.IsZero()
}

// restOf returns what c holds beyond what was signed and what running leases may
// still cost. The caller holds r.mu.
func (r *Renter) restOf(c *channel) *big.Int {
	rest := new(big.Int).Sub(c.Amount, c.cumulative())
	for _, j := range r.jobs {
		for _, a := range j.Attempts {
			if a.Final || a.lease.Channel != c.ID {
				continue
			}
			if most, err := a.lease.MaxCost(); err == nil {
				rest.Sub(rest, roundUp(most, r.cfg.Notary.Decimals())).Add(rest, a.Paid)
			}
		}
	}
	return rest
}

// lease turns a hold into a lease: it finds or makes the channel that pays,
// signs, saves, and commits. The attempt is saved before anything is sent.
func (r *Renter) lease(ctx context.Context, j *record, h *held) (*attempt, error) {
	a, call, err := r.promiseLease(j, h)
	if err != nil {
		return nil, err
	}
	l := a.lease
	var ans marketpb.Committed
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = r.cfg.Peers.Call(ctx, l.ProviderPeer, market.ProtocolLease, &marketpb.LeaseCall{Call: &marketpb.LeaseCall_Commit{Commit: call}}, &ans)
	declined := refused(err)
	if err == nil {
		err = ans.Validate()
	}
	if err == nil {
		err = r.cfg.Notary.CheckLease(l, ans.ProviderSig, l.ProviderSigner)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		a.Final, a.Alloc, a.State, a.Reason = true, market.AllocFailed, market.LeaseReleased, fmt.Sprintf("not committed: %.300s", err)
		// An answer that was lost may have been a yes: then the provider keeps the
		// capacity until it hears of us.
		a.Open = !declined
		if e := r.save(j); e != nil {
			r.cfg.Log.Error("job not saved", "err", e)
		}
		j.touch()
		return nil, err
	}
	a.ProviderSig = ans.ProviderSig
	j.touch()
	return a, r.save(j)
}

// refused reports whether a commit's error is a provider's clear no.
func refused(err error) bool {
	for _, no := range []error{
		market.ErrHold, market.ErrFunds, market.ErrInvalid, market.ErrSignature, market.ErrExpired,
		market.ErrUnknown, market.ErrNetwork, market.ErrState,
	} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}

// promiseLease signs a lease with the channel that pays it, and saves both.
func (r *Renter) promiseLease(j *record, h *held) (*attempt, *marketpb.Commit, error) {
	n, now := r.cfg.Notary, r.cfg.Now()
	l := h.lease
	cost, err := l.MaxCost()
	if err != nil {
		return nil, nil, err
	}
	need := roundUp(cost, n.Decimals())
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := n.Affordable(cost, r.pending(), now); err != nil {
		return nil, nil, err
	}
	ch := r.channelLocked(l.Provider, need)
	var open *marketpb.OpenFor
	if ch == nil {
		if ch, open, err = r.newChannel(now, h, need); err != nil {
			return nil, nil, err
		}
	}
	l.Channel = ch.ID
	a := &attempt{
		Epoch: uint64(len(j.Attempts) + 1), Lease: n.LeaseID(l), Terms: l.Encode(), Provider: h.offer.Name, Made: now, Open: true,
		State: market.LeaseOpening, Alloc: market.AllocPending, Paid: new(big.Int), lease: l,
	}
	if a.RenterSig, err = n.SignLease(l); err != nil {
		return nil, nil, err
	}
	ch.Used = now
	j.Attempts = append(j.Attempts, a)
	if err := r.save(j, ch); err != nil {
		j.Attempts = j.Attempts[:len(j.Attempts)-1]
		return nil, nil, err
	}
	r.channels[ch.ID] = ch
	j.touch()
	return a, &marketpb.Commit{Hold: h.id, Terms: l.Proto(), RenterSig: a.RenterSig, Channel: ch.terms(), Open: open}, nil
}

// newChannel makes and signs a channel that pays for need. The caller holds r.mu.
func (r *Renter) newChannel(now time.Time, h *held, need *big.Int) (*channel, *marketpb.OpenFor, error) {
	n := r.cfg.Notary
	amount := new(big.Int).Set(need)
	if least := roundUp(h.offer.MinChannel, n.Decimals()); amount.Cmp(least) < 0 {
		// What is locked beyond the lease's cost is not spent, but it is not at hand
		// either: no more of it than a lease may cost at all.
		if err := n.Affordable(h.offer.MinChannel, market.Amount{}, now); err != nil {
			return nil, nil, fmt.Errorf("%w: it serves no channel below %s", market.ErrInvalid, h.offer.MinChannel)
		}
		amount = least
	}
	if amount.Sign() == 0 {
		amount = big.NewInt(1) // a free lease needs a channel all the same
	}
	// Room for a few leases more spares each of them a transaction, where that
	// takes little of the deposit.
	have := r.free()
	if room := new(big.Int).Mul(amount, big.NewInt(roomFor)); have.Cmp(new(big.Int).Mul(room, big.NewInt(roomFor))) >= 0 {
		amount = room
	}
	if have.Cmp(amount) < 0 {
		return nil, nil, fmt.Errorf("%w: %s base units are needed and %s are ready to be spent", ErrFunds, amount, have)
	}
	terms, err := n.NewChannel(h.lease.Provider, h.win, "compute")
	if err != nil {
		return nil, nil, err
	}
	id, err := n.ChannelID(terms)
	if err != nil {
		return nil, nil, err
	}
	open, err := n.SignOpen(terms, amount, nil, now.Add(openDeadline))
	if err != nil {
		return nil, nil, err
	}
	raw, err := proto.Marshal(terms)
	if err != nil {
		return nil, nil, err
	}
	return &channel{
		ID: id, Terms: raw, Provider: h.lease.Provider, Peer: h.lease.ProviderPeer.String(), Amount: amount, Made: now,
	}, open, nil
}

// send hands the job over: the blobs that the provider lacks, the inputs, and
// the order to start.
func (r *Renter) send(ctx context.Context, j *record, a *attempt) error {
	job := j.Job
	job.Image = j.Digest
	start := &marketpb.JobStart{Lease: a.Lease[:], Spec: job.Proto(a.Epoch)}
	start.Spec.Name = j.Name
	for _, b := range j.img.Blobs() {
		start.Blobs = append(start.Blobs, &marketpb.Blob{Digest: b.Digest, Size: b.Size, MediaType: b.MediaType})
	}
	s, err := r.cfg.Peers.Open(ctx, a.lease.ProviderPeer, market.ProtocolJob)
	if err != nil {
		return err
	}
	defer s.Close()
	r.mu.Lock()
	a.Sent = r.cfg.Now()
	err = r.save(j)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.WriteMsg(&marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: start}}); err != nil {
		return err
	}
	var need marketpb.JobNeed
	if err := s.ReadMsg(&need); err != nil {
		return err
	}
	if err := need.Validate(); err != nil {
		return err
	}
	for _, d := range need.Digests {
		if err := r.sendBlob(ctx, s, j.img, d); err != nil {
			return fmt.Errorf("image: %w", err)
		}
	}
	for _, in := range job.Inputs {
		if err := r.sendInput(ctx, s, in); err != nil {
			return fmt.Errorf("input %s: %w", in.Local, err)
		}
	}
	r.mu.Lock()
	a.Handed = r.cfg.Now()
	err = r.save(j)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	var started marketpb.JobStarted
	if err := s.ReadMsg(&started); err != nil {
		return err
	}
	if err := started.Validate(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Seen = r.cfg.Now()
	a.Running, a.Alloc, a.Started = true, market.AllocRunning, marketpb.FromMilli(started.StartedMs)
	j.touch()
	return r.save(j)
}

func (r *Renter) sendBlob(ctx context.Context, s Stream, img Image, digest string) error {
	for _, b := range img.Blobs() {
		if b.Digest != digest {
			continue
		}
		f, err := img.Open(ctx, digest)
		if err != nil {
			return fmt.Errorf("%w: %w", errLocal, err)
		}
		defer f.Close()
		return own(f, func(f io.Reader) error { return s.SendBytes(f, b.Size) })
	}
	return fmt.Errorf("%w: the provider asks for %s, which is not of this image", market.ErrInvalid, digest)
}

func (r *Renter) sendInput(ctx context.Context, s Stream, in market.Transfer) error {
	pr, pw := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		pw.CloseWithError(r.cfg.Archive(ctx, in.Local, pw))
	}()
	err := own(pr, func(pr io.Reader) error { return s.SendBytes(pr, -1) })
	_ = pr.CloseWithError(err) // ends the writer above, if the stream broke first
	<-done
	return err
}

// own tells a failure of this machine's files, which another provider would meet
// too, from a failure of the stream that they are sent on.
func own(r io.Reader, send func(io.Reader) error) error {
	w := &watched{r: r}
	err := send(w)
	if err != nil && w.err != nil {
		return fmt.Errorf("%w: %w", errLocal, w.err)
	}
	return err
}

// watched remembers how a reader failed.
type watched struct {
	r   io.Reader
	err error
}

// Read reads on.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil && err != io.EOF && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		w.err = err
	}
	return n, err
}
