package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
)

// problemTrailer carries the Problem that a byte stream ended with.
const problemTrailer = "Etal-Problem"

// jobInput names a job.
type jobInput struct {
	Name string `path:"name" maxLength:"64" pattern:"^[a-z0-9-]+$"`
}

type logsInput struct {
	Name   string `path:"name" maxLength:"64" pattern:"^[a-z0-9-]+$"`
	Seq    int64  `query:"seq" minimum:"0" doc:"first byte wanted"`
	Follow bool   `query:"follow" doc:"go on until the job has ended"`
}

type stopInput struct {
	Name string `path:"name" maxLength:"64" pattern:"^[a-z0-9-]+$"`
	Body struct {
		Grace time.Duration `json:"grace_ns" minimum:"0" maximum:"3600000000000" doc:"time to end by itself before force"`
	}
}

type outputInput struct {
	Name string `path:"name" maxLength:"64" pattern:"^[a-z0-9-]+$"`
	Path string `query:"path" required:"true" maxLength:"4096" doc:"absolute path inside the job"`
}

type submitInput struct{ Body submission }

// jobRoutes are about jobs.
func (s *server) jobRoutes(a huma.API) {
	submit := op(a, "submit", http.MethodPost, "/v1/jobs", "Run a job", maxJobBytes)
	submit.DefaultStatus = http.StatusCreated
	huma.Register(a, submit, func(ctx context.Context, in *submitInput) (*answer[node.JobView], error) {
		return answered(s.b.SubmitJob(ctx, in.Body.Job.job(), in.Body.Options))
	})
	huma.Register(a, op(a, "jobs", http.MethodGet, "/v1/jobs", "Jobs that were not removed, oldest first", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*answer[[]node.JobView], error) { return answered(s.b.Jobs(ctx)) })
	huma.Register(a, op(a, "job", http.MethodGet, "/v1/jobs/{name}", "One job", maxSmallBytes),
		func(ctx context.Context, in *jobInput) (*answer[node.JobView], error) {
			return answered(s.b.Job(ctx, in.Name))
		})
	huma.Register(a, op(a, "wait", http.MethodGet, "/v1/jobs/{name}/wait", "The job once it is done", maxSmallBytes),
		func(ctx context.Context, in *jobInput) (*answer[node.JobView], error) {
			return answered(s.b.WaitJob(ctx, in.Name))
		})
	huma.Register(a, op(a, "stop", http.MethodPost, "/v1/jobs/{name}/stop", "Stop a job", maxSmallBytes),
		func(ctx context.Context, in *stopInput) (*answer[node.JobView], error) {
			return answered(s.b.StopJob(ctx, in.Name, in.Body.Grace))
		})
	huma.Register(a, op(a, "remove", http.MethodDelete, "/v1/jobs/{name}", "Forget a job that has ended", maxSmallBytes),
		func(ctx context.Context, in *jobInput) (*struct{}, error) { return done(s.b.RemoveJob(ctx, in.Name)) })

	huma.Register(a, streamed(op(a, "watch", http.MethodGet, "/v1/jobs/{name}/events", "The job now and at every change", maxSmallBytes),
		"text/event-stream", "events named job, then one named end, or error with a Problem"), s.watch)
	huma.Register(a, streamed(op(a, "logs", http.MethodGet, "/v1/jobs/{name}/logs", "What the job writes", maxSmallBytes),
		"text/event-stream", "events named log, then one named end, or error with a Problem"), s.logs)
	huma.Register(a, streamed(op(a, "output", http.MethodGet, "/v1/jobs/{name}/output", "An output of the job", maxSmallBytes),
		"application/x-tar", "a tar stream; the trailer "+problemTrailer+" tells of a failure on the way"), s.output)
}

func (s *server) watch(_ context.Context, in *jobInput) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		stream(hc, func(ctx context.Context, send func(string, any) error) error {
			return s.b.WatchJob(ctx, in.Name, func(j node.JobView) error { return send(eventJob, j) })
		})
	}}, nil
}

func (s *server) logs(_ context.Context, in *logsInput) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		stream(hc, func(ctx context.Context, send func(string, any) error) error {
			return s.b.JobLogs(ctx, in.Name, in.Seq, in.Follow, func(r runtime.LogRecord) error {
				return send(eventLog, eventOf(r))
			})
		})
	}}, nil
}

func (s *server) output(_ context.Context, in *outputInput) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		t := &tarWriter{w: w}
		err := s.b.JobOutput(hc.Context(), in.Name, in.Path, t)
		switch {
		case err == nil:
			t.begin()
		case !t.begun:
			writeProblem(w, problemOf(err))
		default:
			if data, mErr := json.Marshal(problemOf(err)); mErr == nil {
				w.Header().Set(problemTrailer, string(data))
			}
		}
	}}, nil
}

// tarWriter begins the answer with the first byte, so that an error before it
// is an ordinary one.
type tarWriter struct {
	w     http.ResponseWriter
	begun bool
}

func (t *tarWriter) begin() {
	if !t.begun {
		t.begun = true
		t.w.Header().Set("Content-Type", "application/x-tar")
		t.w.Header().Set("Trailer", problemTrailer)
		t.w.WriteHeader(http.StatusOK)
	}
}

// Write sends bytes of the tar stream.
func (t *tarWriter) Write(p []byte) (int, error) {
	t.begin()
	return t.w.Write(p)
}
