package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/notary"
	"github.com/etal-cloud/etal/node/renter"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
)

// plain turns the agents' errors into the node's outcomes.
func plain(err error) error {
	for _, m := range []struct{ is, as error }{
		{renter.ErrNoOffer, ErrNoOffer},
		{renter.ErrFunds, ErrLimit},
		{notary.ErrLimit, ErrLimit},
		{renter.ErrNotFound, ErrNotFound},
		{renter.ErrRunning, ErrConflict},
		{renter.ErrExists, ErrConflict},
		{renter.ErrLost, ErrProviderLost},
		{market.ErrInvalid, ErrBadRequest},
		{market.ErrOverflow, ErrBadRequest},
		{runtime.ErrImage, ErrBadRequest},
		{image.ErrNoImage, ErrBadRequest},
		{runtime.ErrDigest, ErrBadRequest},
		{market.ErrUnknown, ErrNotFound},
	} {
		if errors.Is(err, m.is) && !errors.Is(err, m.as) {
			return fmt.Errorf("%w%w", hidden{m.as}, err)
		}
	}
	return err
}

// hidden carries a sentinel without its text: the error behind it says it better.
type hidden struct{ error }

func (hidden) Error() string   { return "" }
func (h hidden) Unwrap() error { return h.error }

// Job is a job that was submitted.
type Job struct {
	n    *Node
	name string
}

// Submit takes a job on. It returns once the job has a name and its cost is
// known; the node looks after it until it has ended.
func (n *Node) Submit(ctx context.Context, job market.Job) (*Job, error) {
	v, err := n.SubmitJob(ctx, job, RunOptions{})
	if err != nil {
		return nil, err
	}
	return &Job{n, v.Name}, nil
}

// Name returns the job's name.
func (j *Job) Name() string { return j.name }

// View returns the job as it is now.
func (j *Job) View(ctx context.Context) (JobView, error) { return j.n.Job(ctx, j.name) }

// Logs writes the job's output, both streams as they come, to w until the job
// has ended.
func (j *Job) Logs(ctx context.Context, w io.Writer) error {
	return j.n.JobLogs(ctx, j.name, 0, true, func(r runtime.LogRecord) error {
		_, err := w.Write(r.Data)
		return err
	})
}

// Wait blocks until the job is done and returns its exit code. Where etal and
// not the job ended it, the error says why and the code is etal's (120 to 125).
func (j *Job) Wait(ctx context.Context) (exit int, err error) {
	v, err := j.n.WaitJob(ctx, j.name)
	if err != nil {
		return 125, err
	}
	return v.Code, v.Outcome()
}

// Stop ends the job: SIGTERM, after grace SIGKILL.
func (j *Job) Stop(ctx context.Context, grace time.Duration) error {
	_, err := j.n.StopJob(ctx, j.name, grace)
	return err
}

// Output writes an output of the job, a file or a folder, to w as a tar stream.
func (j *Job) Output(ctx context.Context, path string, w io.Writer) error {
	return j.n.JobOutput(ctx, j.name, path, w)
}

// Outcome returns nil where the job came to its own end, and the sentinel of what
// etal ended it for otherwise.
func (v JobView) Outcome() error {
	if v.ExitBy != "etal" {
		return nil
	}
	is := map[int]error{120: ErrNoOffer, 121: ErrLimit, 122: ErrNoNetwork, 123: ErrProviderLost, 124: ErrTime}[v.Code]
	if is == nil {
		return errors.New(cmp.Or(v.Reason, "the job did not run"))
	}
	return fmt.Errorf("%w%s", hidden{is}, cmp.Or(v.Reason, is.Error()))
}

// SubmitJob takes a job on with options.
func (n *Node) SubmitJob(ctx context.Context, job market.Job, o RunOptions) (JobView, error) {
	v, err := n.renter.Submit(ctx, job, renter.Options{Prepay: o.Prepay, Remove: o.Remove})
	if err != nil {
		return JobView{}, plain(err)
	}
	return n.jobView(v), nil
}

// Jobs lists the jobs that were not removed, oldest first.
func (n *Node) Jobs(context.Context) ([]JobView, error) {
	list := []JobView{}
	for _, v := range n.renter.Jobs(false) {
		list = append(list, n.jobView(v))
	}
	return list, nil
}

// Job shows one job, by its name or an unambiguous beginning of it.
func (n *Node) Job(_ context.Context, name string) (JobView, error) {
	v, err := n.renter.Job(name)
	if err != nil {
		return JobView{}, plain(err)
	}
	return n.jobView(v), nil
}

// WatchJob calls f with the job now and at every change, until the job is done or
// f returns an error, which it returns.
func (n *Node) WatchJob(ctx context.Context, name string, f func(JobView) error) error {
	return plain(n.renter.Watch(ctx, name, func(v renter.View) error { return f(n.jobView(v)) }))
}

// WaitJob returns the job once it is done.
func (n *Node) WaitJob(ctx context.Context, name string) (JobView, error) {
	v, err := n.renter.Wait(ctx, name)
	if err != nil {
		return JobView{}, plain(err)
	}
	return n.jobView(v), nil
}

// JobLogs calls f with each log record from byte seq on. With follow it ends when
// the job has ended and all was read.
func (n *Node) JobLogs(ctx context.Context, name string, seq int64, follow bool, f func(runtime.LogRecord) error) error {
	return plain(n.renter.Logs(ctx, name, seq, follow, f))
}

// StopJob ends a job, with force after grace, and returns it when it has ended.
func (n *Node) StopJob(ctx context.Context, name string, grace time.Duration) (JobView, error) {
	if err := n.renter.Stop(name, max(grace, 0)); err != nil {
		return JobView{}, plain(err)
	}
	return n.WaitJob(ctx, name)
}

// RemoveJob forgets a job that has ended.
func (n *Node) RemoveJob(_ context.Context, name string) error { return plain(n.renter.Remove(name)) }

// JobOutput writes an output of a job, a file or a folder, to w as a tar stream.
func (n *Node) JobOutput(ctx context.Context, name, path string, w io.Writer) error {
	return plain(n.renter.Output(ctx, name, path, w))
}

// Quote says what a job would cost now. Nothing is signed. Where no offer fits,
// the error is ErrNoOffer and the quote explains.
func (n *Node) Quote(ctx context.Context, job market.Job) (Quote, error) {
	out := Quote{Offers: []QuotedOffer{}}
	if job.Image != "" {
		img, err := openImage(ctx, job.Image, job.Request.Arch)
		if err != nil {
			return out, plain(err)
		}
		defer img.Close()
		out.Image = img.Digest()
		for _, b := range img.Blobs() {
			out.Bytes += b.Size
		}
	}
	q, err := n.renter.Quote(job.Request)
	out.Explain, out.Seen, out.Term = q.Explain, q.Seen, job.Request.WithDefaults().Term
	for i, c := range q.Ranked {
		if i == 0 {
			out.PerHour, out.Max = c.PerHour, c.Max
		}
		out.Offers = append(out.Offers, QuotedOffer{OfferView: n.offerView(c.Offer), PerHour: c.PerHour, Max: c.Max, Score: c.Score})
	}
	return out, plain(err)
}
