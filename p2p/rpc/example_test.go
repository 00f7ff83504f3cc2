package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/etal-cloud/etal/p2p"
	"github.com/etal-cloud/etal/p2p/rpc"
)

// A protocol of one request and one answer, with an error of its own that is the
// same on both sides.
func ExampleHandle1() {
	errShy := errors.New("too shy to say")
	greet := rpc.Protocol{Name: "greet", Codes: rpc.Codes{100: errShy}}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := func() *p2p.Network {
		n, err := p2p.New(p2p.Config{NetworkID: [32]byte{1}, Local: true})
		if err != nil {
			log.Fatal(err)
		}
		go func() { _ = n.Run(ctx) }()
		<-n.Ready()
		return n
	}
	alice, bob := start(), start()
	defer func() { _, _ = alice.Close(), bob.Close() }()

	server := rpc.NewServer(bob, rpc.ServerOptions{})
	defer func() { _ = server.Close() }()
	err := rpc.Handle1(server, greet, func(_ context.Context, _ peer.ID, req *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
		if req.GetValue() == "" {
			return nil, errShy
		}
		return wrapperspb.String("hello " + strings.ToUpper(req.GetValue())), nil
	})
	if err != nil {
		log.Fatal(err)
	}

	if err := alice.Connect(ctx, bob.AddrInfo()); err != nil {
		log.Fatal(err)
	}
	var answer wrapperspb.StringValue
	if err := rpc.Call(ctx, alice, bob.ID(), greet, wrapperspb.String("etal"), &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.GetValue())
	err = rpc.Call(ctx, alice, bob.ID(), greet, wrapperspb.String(""), &answer)
	fmt.Println(errors.Is(err, errShy), err)
	// Output:
	// hello ETAL
	// true call greet: peer: too shy to say
}
