package devnet_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/testnet/devnet"
)

// The test binary is also the program that the network's processes run: one
// that starts, answers and ends as etal does, and does nothing else.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && (os.Args[1] == "node" || os.Args[1] == "devchain") {
		if err := fake(os.Args[1], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		time.Sleep(2 * time.Minute) // ends by itself should the test not end it
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(s string) error { *w = append(*w, s); return nil }

// fake is a process of a network.
func fake(what string, args []string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	defer cancelTime()
	f := flag.NewFlagSet(what, flag.ContinueOnError)
	data, rpc := f.String("data", "", ""), f.String("rpc", "", "")
	name, role, profile := f.String("name", "", ""), f.String("role", "", ""), f.String("profile", "", "")
	var listen words
	f.Var(&listen, "listen", "")
	for _, s := range []string{"region", "cpus", "memory", "disk", "price"} {
		f.String(s, "", "")
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if *name != "" && *name == os.Getenv("FAKE_FAIL") {
		return fmt.Errorf("the disk of %s is on fire", *name)
	}
	if what == "devchain" {
		c := devnet.ChainInfo{RPC: "http://" + *rpc, ChainID: 1337, Contract: "0x" + strings.Repeat("01", 20), Token: "0x" + strings.Repeat("02", 20), Symbol: "test$", Decimals: 6}
		if err := c.Write(*data); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	if *role == "provider" {
		engine := exec.Command(os.Args[0], "engine")
		engine.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := engine.Start(); err != nil {
			return err
		}
	}
	if _, err := os.Stat(*profile); err != nil {
		return err
	}
	socket, err := api.SocketPath(*data)
	if err != nil {
		return err
	}
	return api.Serve(ctx, &fakeNode{data: *data, listen: listen, nodes: filepath.Join(filepath.Dir(*profile), "nodes")}, socket, cancel)
}

type fakeNode struct {
	api.Backend // no other method is called
	data        string
	nodes       string
	listen      []string
	asked       atomic.Bool
}

func (f *fakeNode) Status(context.Context) (node.Status, error) {
	return node.Status{PID: os.Getpid(), Peer: "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X", Addresses: f.listen}, nil
}

// Wallet has test money from the second look on.
func (f *fakeNode) Wallet(context.Context) (node.Wallet, error) {
	if !f.asked.Swap(true) {
		return node.Wallet{}, nil
	}
	w := node.Wallet{Coin: market.Units(1), Deposited: market.Units(1)}
	return w, os.WriteFile(filepath.Join(f.data, "funded"), nil, 0o600)
}

// Offers shows the providers that have been funded.
func (f *fakeNode) Offers(context.Context, string) ([]node.OfferView, error) {
	m, err := filepath.Glob(filepath.Join(f.nodes, "*-*", "funded"))
	if err != nil {
		return nil, err
	}
	var out []node.OfferView
	for _, p := range m {
		out = append(out, node.OfferView{Provider: filepath.Base(filepath.Dir(p))})
	}
	return out, nil
}
