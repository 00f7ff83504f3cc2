package rpc_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/etal-cloud/etal/p2p/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// serve serves on h until the test ends.
func serve(t testing.TB, h rpc.Host, o rpc.ServerOptions) *rpc.Server {
	t.Helper()
	s := rpc.NewServer(h, o)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func text(s string) *wrapperspb.StringValue { return wrapperspb.String(s) }
