package rpc_test

import (
	"context"
	"io"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/p2ptest"
	"github.com/etal-cloud/etal/p2p/rpc"
)

// BenchmarkBytes sends 64 MiB through one stream on loopback, both ends here.
func BenchmarkBytes(b *testing.B) {
	for _, on := range []struct{ name, listen string }{
		{"tcp", "/ip4/127.0.0.1/tcp/0"}, {"quic", "/ip4/127.0.0.1/udp/0/quic-v1"},
	} {
		b.Run(on.name, func(b *testing.B) {
			x, y := p2ptest.Pair(b, func(c *p2p.Config) { c.Listen = []string{on.listen} })
			s := serve(b, y, rpc.ServerOptions{})
			p := rpc.Protocol{Name: "bulk", Rate: 1e6, Burst: 1e6}
			err := s.Handle(p, func(_ context.Context, st *rpc.Stream) error {
				n, err := io.Copy(io.Discard, st.RecvBytes(1<<30))
				if err != nil {
					return err
				}
				return st.WriteMsg(wrapperspb.Int64(n))
			})
			if err != nil {
				b.Fatal(err)
			}
			const size = 64 << 20
			b.SetBytes(size)
			for b.Loop() {
				st, err := rpc.Open(within(b), x, y.ID(), p)
				if err != nil {
					b.Fatal(err)
				}
				if err := st.SendBytes(endless{}, size); err != nil {
					b.Fatal(err)
				}
				var got wrapperspb.Int64Value
				if err := st.ReadMsg(&got); err != nil || got.GetValue() != size {
					b.Fatal(got.GetValue(), err)
				}
				_ = st.Close()
			}
		})
	}
}

// BenchmarkCall asks one question at a time on loopback.
func BenchmarkCall(b *testing.B) {
	x, y := p2ptest.Pair(b)
	s := serve(b, y, rpc.ServerOptions{})
	p := echo
	p.Rate, p.Burst = 1e6, 1e6
	if err := rpc.Handle1(s, p, shout); err != nil {
		b.Fatal(err)
	}
	var resp wrapperspb.StringValue
	for b.Loop() {
		if err := rpc.Call(within(b), x, y.ID(), p, text("x"), &resp); err != nil {
			b.Fatal(err)
		}
	}
}
