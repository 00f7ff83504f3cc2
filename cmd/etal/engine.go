package main

import (
	"context"

	"github.com/etal-cloud/etal/runtime/containerd"
)

// checkEngine says within a second whether this machine can sell.
func checkEngine(ctx context.Context) error { return containerd.Check(ctx, "") }

// killEngine ends the engine that a provider left in a folder, and all it runs.
func killEngine(ctx context.Context, root string) error { return containerd.Kill(ctx, root) }
