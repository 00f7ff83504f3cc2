//go:build !linux

package devnet

import (
	"context"
	"time"
)

// process cannot be told from a later one with the same number here, so none is
// started.
type process struct {
	PID int `json:"pid"`
}

const markName = "ETAL_DEVNET"

func spawn(string, []string, []string, string) (process, error) { return process{}, ErrUnsupported }

func (p process) alive() bool { return false }

func (p process) end(context.Context, time.Duration) error { return nil }

func marked(string) []process { return nil }

func lock(string) (func(), error) { return nil, ErrUnsupported }
