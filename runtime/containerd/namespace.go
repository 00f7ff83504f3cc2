//go:build linux

package containerd

import (
	"context"

	"github.com/containerd/containerd/v2/pkg/namespaces"
	"google.golang.org/grpc"
)

// inNamespace and inNamespaceStream put every call into our namespace: a client
// made over a connection of one's own does not.
func inNamespace(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(namespaces.WithNamespace(ctx, namespace), method, req, reply, cc, opts...)
}

func inNamespaceStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return open(namespaces.WithNamespace(ctx, namespace), desc, cc, method, opts...)
}
