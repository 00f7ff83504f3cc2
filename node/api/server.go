package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Version is the version of the interface, in its OpenAPI document and its paths.
const Version = "1.0.0"

// drain is how long a request may go on once Serve is told to end.
const drain = 3 * time.Second

// Serve answers requests on the socket until ctx ends, and removes the socket.
// It returns nil when ctx ended it and ErrInUse when a node answers there
// already. stop is called when a client asks the node to end; it must not block,
// and nil refuses.
func Serve(ctx context.Context, b Backend, socket string, stop func()) error {
	l, err := listen(ctx, socket)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	register(mux, b, stop)
	// Requests end with ctx, so that a follower of a log cannot hold the node up.
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	done := make(chan struct{})
	go func() { // ends with ctx, or with the server
		defer close(done)
		<-ctx.Done()
		cancel()
		end, cancelEnd := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancelEnd()
		if s.Shutdown(end) != nil {
			_ = s.Close() // what did not end by itself is cut
		}
	}()
	err = s.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		<-done
		return nil
	}
	_ = s.Close()
	return fmt.Errorf("serve the local interface: %w", err)
}

// OpenAPI returns the interface's OpenAPI 3.1 document in JSON.
func OpenAPI() ([]byte, error) {
	d, err := register(http.NewServeMux(), nil, nil).OpenAPI().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return d, nil
}

// register puts every operation on the mux.
func register(mux *http.ServeMux, b Backend, stop func()) huma.API {
	c := huma.DefaultConfig("etal: a node's local interface", Version)
	c.Info.Description = "What the command line does, over a unix socket of the node's user. Money is a decimal string of whole tokens; durations are nanoseconds."
	c.DocsPath, c.SchemasPath = "", "" // no pages, and no links to them in the answers
	c.CreateHooks = nil
	c.Transformers = append(c.Transformers, plain)
	a := humago.New(mux, c)
	s := &server{b: b, stop: stop}
	s.nodeRoutes(a)
	s.marketRoutes(a)
	s.jobRoutes(a)
	s.moneyRoutes(a)
	s.providerRoutes(a)
	return a
}

// server answers for a backend.
type server struct {
	b    Backend
	stop func()
}

// op describes an operation: every one may fail with a Problem, and reads at
// most limit bytes of body.
func op(a huma.API, id, method, path, summary string, limit int64) huma.Operation {
	schema := a.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: limit,
		BodyReadTimeout: 10 * time.Second,
		Responses: map[string]*huma.Response{
			"default": {
				Description: "What went wrong",
				Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
			},
		},
	}
}

// streamed describes an operation that answers with something else than JSON.
func streamed(o huma.Operation, mediaType, what string) huma.Operation {
	o.Responses["200"] = &huma.Response{
		Description: what,
		Content:     map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	return o
}

// answer is the answer of an operation that has one.
type answer[T any] struct{ Body T }

// answered wraps what a backend returned.
func answered[T any](v T, err error) (*answer[T], error) {
	if err != nil {
		return nil, problemOf(err)
	}
	return &answer[T]{v}, nil
}

// done wraps what a backend returned where there is nothing to show.
func done(err error) (*struct{}, error) {
	if err != nil {
		return nil, problemOf(err)
	}
	return nil, nil
}
