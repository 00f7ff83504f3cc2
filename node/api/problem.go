package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

// codes are the outcomes that cross the socket. The list only grows: an older
// client reads an unknown code as an internal failure.
var codes = []struct {
	code     string
	status   int
	sentinel error
}{
	{"no_offer", http.StatusConflict, node.ErrNoOffer},
	{"limit", http.StatusPaymentRequired, node.ErrLimit},
	{"no_network", http.StatusServiceUnavailable, node.ErrNoNetwork},
	{"provider_lost", http.StatusBadGateway, node.ErrProviderLost},
	{"time", http.StatusGatewayTimeout, node.ErrTime},
	{"bad_request", http.StatusBadRequest, node.ErrBadRequest},
	{"not_found", http.StatusNotFound, node.ErrNotFound},
	{"conflict", http.StatusConflict, node.ErrConflict},
	{"bad_request", http.StatusBadRequest, market.ErrInvalid},
}

// codeInternal is the code of an error that no sentinel names.
const codeInternal = "internal"

// Problem is an error as it crosses the socket. Code is for programs, Text is
// one sentence for people, Detail what else helps and may be empty.
type Problem struct {
	Code   string `json:"code" doc:"for programs: no_offer, limit, no_network, provider_lost, time, bad_request, not_found, conflict or internal"`
	Text   string `json:"text" doc:"one sentence for people"`
	Detail string `json:"detail,omitempty" doc:"what else helps"`
	status int
}

// Error returns the sentence for people.
func (p *Problem) Error() string { return p.Text }

// GetStatus returns the HTTP status that the problem is sent with.
func (p *Problem) GetStatus() int {
	if p.status == 0 {
		return http.StatusInternalServerError
	}
	return p.status
}

// Unwrap returns the sentinel that the code names, nil where there is none.
func (p *Problem) Unwrap() error {
	for _, c := range codes {
		if c.code == p.Code {
			return c.sentinel
		}
	}
	return nil
}

// problemOf turns an error of the backend into what crosses the socket.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	for _, c := range codes {
		if errors.Is(err, c.sentinel) {
			return &Problem{Code: c.code, Text: err.Error(), status: c.status}
		}
	}
	return &Problem{Code: codeInternal, Text: err.Error(), status: http.StatusInternalServerError}
}

// plain turns the errors that huma itself makes (a malformed body, an unknown
// field) into a Problem, so that a client reads one form only.
func plain(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Code: codeInternal, Text: e.Detail, status: e.Status}
	if e.Status >= 400 && e.Status < 500 {
		p.Code = "bad_request"
	}
	var why []string
	for _, d := range e.Errors {
		s := d.Message
		if d.Location != "" {
			s = fmt.Sprintf("%s (%s)", d.Message, d.Location)
		}
		why = append(why, s)
	}
	p.Detail = strings.Join(why, "; ")
	return p, nil
}

// cancelled reports whether an error only says that the caller went away.
func cancelled(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}
