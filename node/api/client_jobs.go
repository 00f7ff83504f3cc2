package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
)

// SubmitJob takes a job on. Local paths in it must be absolute: the node does
// not share the caller's working directory.
func (c *Client) SubmitJob(ctx context.Context, job market.Job, o node.RunOptions) (node.JobView, error) {
	var j node.JobView
	return j, c.call(ctx, http.MethodPost, "/v1/jobs", nil, submission{specOf(job), o}, &j)
}

// Jobs lists the jobs that were not removed, oldest first.
func (c *Client) Jobs(ctx context.Context) ([]node.JobView, error) {
	return get[[]node.JobView](ctx, c, "/v1/jobs", nil)
}

// Job shows one job.
func (c *Client) Job(ctx context.Context, name string) (node.JobView, error) {
	if err := checkName(name); err != nil {
		return node.JobView{}, err
	}
	return get[node.JobView](ctx, c, jobPath(name, ""), nil)
}

// WaitJob returns the job once it is done.
func (c *Client) WaitJob(ctx context.Context, name string) (node.JobView, error) {
	if err := checkName(name); err != nil {
		return node.JobView{}, err
	}
	return get[node.JobView](ctx, c, jobPath(name, "/wait"), nil)
}

// StopJob ends the job, with force after grace, and returns it when it has ended.
func (c *Client) StopJob(ctx context.Context, name string, grace time.Duration) (node.JobView, error) {
	if err := checkName(name); err != nil {
		return node.JobView{}, err
	}
	var j node.JobView
	in := struct {
		Grace time.Duration `json:"grace_ns"`
	}{grace}
	return j, c.call(ctx, http.MethodPost, jobPath(name, "/stop"), nil, in, &j)
}

// RemoveJob forgets a job that has ended.
func (c *Client) RemoveJob(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return c.call(ctx, http.MethodDelete, jobPath(name, ""), nil, nil, nil)
}

// WatchJob calls f with the job now and at every change until it is done.
func (c *Client) WatchJob(ctx context.Context, name string, f func(node.JobView) error) error {
	if err := checkName(name); err != nil {
		return err
	}
	return c.events(ctx, jobPath(name, "/events"), nil, eventJob, func(data []byte) error {
		var j node.JobView
		if err := json.Unmarshal(data, &j); err != nil {
			return fmt.Errorf("read a change of the job: %w", err)
		}
		return f(j)
	})
}

// JobLogs calls f with each log record from byte seq on.
func (c *Client) JobLogs(ctx context.Context, name string, seq int64, follow bool, f func(runtime.LogRecord) error) error {
	if err := checkName(name); err != nil {
		return err
	}
	q := url.Values{"seq": {strconv.FormatInt(seq, 10)}, "follow": {strconv.FormatBool(follow)}}
	return c.events(ctx, jobPath(name, "/logs"), q, eventLog, func(data []byte) error {
		var e logEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("read a log record: %w", err)
		}
		return f(e.record())
	})
}

// JobOutput writes an output of the job as a tar stream.
func (c *Client) JobOutput(ctx context.Context, name, path string, w io.Writer) error {
	if err := checkName(name); err != nil {
		return err
	}
	resp, err := c.send(ctx, http.MethodGet, jobPath(name, "/output"), url.Values{"path": {path}}, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	src := &readFailure{r: resp.Body}
	if _, err := io.Copy(w, src); err != nil {
		if src.err != nil {
			return c.broken(ctx, src.err)
		}
		return fmt.Errorf("write the output: %w", err)
	}
	if t := resp.Trailer.Get(problemTrailer); t != "" {
		p := &Problem{}
		if err := json.Unmarshal([]byte(t), p); err != nil {
			return fmt.Errorf("read the output's end: %w", err)
		}
		return p
	}
	return nil
}

// readFailure remembers an error of its source, to tell it from the sink's.
type readFailure struct {
	r   io.Reader
	err error
}

func (r *readFailure) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// events reads a stream whose events all have one name.
func (c *Client) events(ctx context.Context, path string, query url.Values, name string, f func(data []byte) error) error {
	resp, err := c.send(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var own error // of f, which is the caller's and stays as it is
	err = readEvents(resp.Body, func(got string, data []byte) error {
		if got != name { // of a later version
			return nil
		}
		own = f(data)
		return own
	})
	var p *Problem
	switch {
	case err == nil || own != nil:
		return own
	case errors.As(err, &p):
		return p
	}
	return c.broken(ctx, err)
}

// jobPath is the path of a job's operation.
func jobPath(name, operation string) string { return "/v1/jobs/" + name + operation }

// checkName refuses what cannot be a job's name before it becomes a path.
func checkName(name string) error {
	if name == "" || len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%w: no job is called %.70q", node.ErrNotFound, name)
	}
	return nil
}
