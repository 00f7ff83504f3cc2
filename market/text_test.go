package market_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
)

// What the ledger and the API keep as text comes back the same.
func TestText(t *testing.T) {
	type all struct {
		Amount  market.Amount
		Account market.Account
		Lease   market.LeaseID
		Channel market.ChannelID
		Network market.NetworkID
		Price   market.Price
	}
	in := all{amount(t, "0.003"), market.Account{1}, market.LeaseID{2}, market.ChannelID{3}, network, price(t, "1", "2", "3", "4", "5")}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out all
	if err := json.Unmarshal(text, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%s comes back as %+v, %v", text, out, err)
	}
	if s := in.Channel.String(); !strings.HasPrefix(s, "0x03") || len(s) != 66 {
		t.Errorf("channel %s", s)
	}
	digits := strings.Repeat("a", 64)
	for _, v := range []encoding.TextUnmarshaler{&out.Amount, &out.Account, &out.Lease, &out.Channel, &out.Network} {
		for _, s := range []string{"", "0x", "-1", digits[1:], digits + "a", "0x" + digits[1:], strings.Repeat("g", 64), "0x" + strings.Repeat("g", 64)} {
			if err := v.UnmarshalText([]byte(s)); !errors.Is(err, market.ErrInvalid) {
				t.Errorf("%T reads %q: %v", v, s, err)
			}
		}
	}
	if !reflect.DeepEqual(in, out) {
		t.Error("a bad text changed a value")
	}
}

func TestRejectCodesHaveWords(t *testing.T) {
	seen := map[string]bool{}
	for c := market.RejectInvalid; c <= market.RejectClosed; c++ {
		if s := c.String(); seen[s] || s == market.RejectCode(0).String() {
			t.Errorf("code %d reads %q", c, s)
		}
		seen[c.String()] = true
	}
}

func TestNewer(t *testing.T) {
	for _, c := range []struct {
		boot, seq, boot0, seq0 uint64
		want                   bool
	}{{1, 2, 1, 1, true}, {1, 1, 1, 1, false}, {2, 0, 1, 9, true}, {1, 9, 2, 0, false}} {
		if market.Newer(c.boot, c.seq, c.boot0, c.seq0) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func TestPerHour(t *testing.T) {
	p := price(t, "0.1", "0.02", "0.001", "1", "9")
	got, err := p.PerHour(market.Resources{MilliCPU: 500, Memory: 2 << 30, Disk: 10 << 30, GPUs: 1})
	if err != nil || got.String() != "1.1" {
		t.Errorf("%s, %v", got, err)
	}
}

// Whatever a stranger's message holds, converting it is an error or a valid
// value that makes the same message again.
func FuzzConvert(f *testing.F) {
	key, _ := newPeer(f, 1)
	lease := newLease(f)
	proposal := market.Proposal{
		Network: network, Bind: newBind(f, key, 1), Resources: lease.Resources, Price: lease.Price, Term: lease.Term, Tier: lease.Tier, Issued: noon, Sig: make([]byte, 65),
	}
	job := market.Job{Image: "sha256:" + strings.Repeat("a", 64), Inputs: []market.Transfer{{Path: "/in"}}, Env: []string{"A=1"}}
	receipt, err := (market.Receipt{Network: network, Lease: market.LeaseID{1}, EndState: market.AllocExited, Ended: noon}).Proto()
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range []proto.Message{lease.Proto(), proposal.Proto(), job.Proto(3), receipt, lease.Resources.Proto(), lease.Price.Proto(), proposal.Bind.Proto()} {
		raw, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		same := func(m, again proto.Message, err error) {
			t.Helper()
			if err != nil && !errors.Is(err, market.ErrInvalid) {
				t.Fatalf("%T: %v is not ErrInvalid", m, err)
			}
			if err == nil && !proto.Equal(m, again) {
				t.Fatalf("%v comes back as %v", m, again)
			}
		}
		read := func(m proto.Message) bool {
			return proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, m) == nil
		}
		if m := new(marketpb.LeaseTerms); read(m) {
			v, err := market.LeaseFromProto(m)
			same(m, orNil(err, v.Proto), err)
		}
		if m := new(marketpb.Proposal); read(m) {
			v, err := market.ProposalFromProto(m)
			same(m, orNil(err, v.Proto), err)
		}
		if m := new(marketpb.JobSpec); read(m) {
			v, epoch, err := market.DecodeJob(m)
			same(m, orNil(err, func() *marketpb.JobSpec { return v.Proto(epoch) }), err)
		}
		if m := new(marketpb.Receipt); read(m) {
			v, err := market.ReceiptFromProto(m)
			same(m, orNil(err, func() *marketpb.Receipt { p, _ := v.Proto(); return p }), err)
		}
		if m := new(marketpb.Bind); read(m) {
			v, err := market.BindFromProto(m)
			same(m, orNil(err, v.Proto), err)
		}
		if m := new(marketpb.Price); read(m) {
			v, err := market.PriceFromProto(m)
			same(m, orNil(err, v.Proto), err)
		}
		if m := new(marketpb.Resources); read(m) {
			v, err := market.ResourcesFromProto(m)
			same(m, orNil(err, v.Proto), err)
		}
	})
}

// orNil makes the message only of a value that was read without an error.
func orNil[M proto.Message](err error, make func() M) proto.Message {
	if err != nil {
		return nil
	}
	return make()
}
