package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/runtime"
)

// The exit codes that are etal's own. Every other code of run and wait is the
// job's.
const (
	codeFailure      = 1
	codeUsage        = 2
	codeNoOffer      = 120
	codeLimit        = 121
	codeNoNetwork    = 122
	codeProviderLost = 123
	codeTime         = 124
	codeEtal         = 125
	codeInterrupted  = 130
)

// exit ends with a code and says nothing more: all was said before.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usage(form string, args ...any) error { return usageError{fmt.Sprintf(form, args...)} }

// told is an error with a text of its own for the person in front of it.
type told struct {
	text string
	err  error
}

func (t told) Error() string { return t.text }
func (t told) Unwrap() error { return t.err }

// tell gives an error another text.
func tell(err error, form string, args ...any) error { return told{fmt.Sprintf(form, args...), err} }

// passing marks the commands through which a job's own code passes: etal's own
// outcomes keep out of its way there.
const passing = "passes-code"

// passesCode reports whether a command ends with a job's own code.
func passesCode(cmd *cobra.Command) bool { return cmd != nil && cmd.Annotations[passing] != "" }

// exitCode is what an error ends the process with.
func exitCode(err error, passes bool) int {
	var code exit
	var bad usageError
	failure, misuse := codeFailure, codeUsage
	if passes {
		failure, misuse = codeEtal, codeEtal
	}
	switch {
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &bad), errors.Is(err, node.ErrBadRequest), errors.Is(err, market.ErrInvalid):
		return misuse
	case errors.Is(err, node.ErrNoOffer):
		return codeNoOffer
	case errors.Is(err, node.ErrLimit):
		return codeLimit
	case errors.Is(err, node.ErrNoNetwork):
		return codeNoNetwork
	case errors.Is(err, node.ErrProviderLost):
		return codeProviderLost
	case errors.Is(err, node.ErrTime):
		return codeTime
	case errors.Is(err, context.Canceled):
		return codeInterrupted
	}
	return failure
}

// sentence is an error as it is said: without the words that only sort it.
func sentence(err error) string {
	s := err.Error()
	for _, sorting := range []error{node.ErrBadRequest, market.ErrInvalid, runtime.ErrUnsupported} {
		s = strings.TrimPrefix(s, sorting.Error()+": ")
	}
	return s
}
