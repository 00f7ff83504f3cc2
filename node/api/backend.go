package api

import (
	"context"
	"io"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
)

// Backend is what the interface shows. Its errors match the sentinels of
// package node; any other error is the node's own failure.
type Backend interface {
	// Status says how the node is.
	Status(ctx context.Context) (node.Status, error)
	// Peers lists the peers that the node knows.
	Peers(ctx context.Context) ([]node.PeerView, error)
	// Offers lists the offers that match a query; an empty query matches all.
	Offers(ctx context.Context, query string) ([]node.OfferView, error)
	// Quote says what a job would cost now. Nothing is signed.
	Quote(ctx context.Context, job market.Job) (node.Quote, error)

	// SubmitJob takes a job on. It returns once the job has a name and its cost
	// is known; the job is looked after until it has ended.
	SubmitJob(ctx context.Context, job market.Job, o node.RunOptions) (node.JobView, error)
	// Jobs lists the jobs that were not removed, oldest first.
	Jobs(ctx context.Context) ([]node.JobView, error)
	// Job shows one job.
	Job(ctx context.Context, name string) (node.JobView, error)
	// WatchJob calls f with the job now and at every change, until the job is
	// done or f returns an error, which it returns.
	WatchJob(ctx context.Context, name string, f func(node.JobView) error) error
	// JobLogs calls f with each log record from byte seq on. With follow it ends
	// when the job has ended and all was read.
	JobLogs(ctx context.Context, name string, seq int64, follow bool, f func(runtime.LogRecord) error) error
	// WaitJob returns the job once it is done.
	WaitJob(ctx context.Context, name string) (node.JobView, error)
	// StopJob ends the job, with force after grace, and returns it when it has ended.
	StopJob(ctx context.Context, name string, grace time.Duration) (node.JobView, error)
	// RemoveJob forgets a job that has ended; ErrConflict while it runs.
	RemoveJob(ctx context.Context, name string) error
	// JobOutput writes an output of the job, a file or a folder, as a tar stream.
	JobOutput(ctx context.Context, name, path string, w io.Writer) error

	// Wallet shows what the node's account has and may spend.
	Wallet(ctx context.Context) (node.Wallet, error)
	// Fund asks the network's faucet for test money; only a local network has one.
	Fund(ctx context.Context) (node.Wallet, error)
	// Bill shows what one job cost, or all of them where name is empty.
	Bill(ctx context.Context, name string) (node.Bill, error)
	// Settle closes the channels that serve no running lease and waits for it.
	Settle(ctx context.Context) error

	// ProviderStatus shows what the node sells and earns.
	ProviderStatus(ctx context.Context) (node.ProviderStatus, error)
	// SetPrice changes the prices of the next offer; running leases keep theirs.
	SetPrice(ctx context.Context, p market.Price) error
}
