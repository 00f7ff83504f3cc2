package marketpb_test

import (
	"bytes"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/etal-cloud/etal/market/marketpb"
)

// message is what every message of the package is.
type message interface {
	proto.Message
	Validate() error
}

func id(n byte) []byte      { return bytes.Repeat([]byte{n}, 32) }
func account(n byte) []byte { return bytes.Repeat([]byte{n}, 20) }
func sig65() []byte         { return make([]byte, 65) }

func digest(c string) string { return "sha256:" + strings.Repeat(c, 64) }

func resources() *marketpb.Resources {
	return &marketpb.Resources{MilliCpu: 1000, Memory: 1 << 30, Disk: 1 << 30, Gpus: 1, Gpu: "L4"}
}

func price() *marketpb.Price {
	return &marketpb.Price{Core: []byte{1, 0}, Memory: bytes.Repeat([]byte{255}, 16)}
}

func bind() *marketpb.Bind {
	return &marketpb.Bind{Account: account(1), Signer: account(2), Peer: []byte("peer"), ValidUntilS: 1, AccountSig: sig65(), PeerSig: make([]byte, 64)}
}

func terms() *marketpb.LeaseTerms {
	return &marketpb.LeaseTerms{
		Network: id(1), Renter: account(1), Provider: account(2), RenterPeer: []byte("r"), ProviderPeer: []byte("p"), RenterSigner: account(3),
		ProviderSigner: account(4), ResourceId: 1, Sequence: 1, Resources: resources(), Price: price(), Tier: "sandbox", AcceptedS: 1, TermS: 60,
		Channel: id(2), CreditMs: 1, UnpaidPauseMs: 2, UnpaidStopMs: 3,
	}
}

func proposal() *marketpb.Proposal {
	return &marketpb.Proposal{
		Network: id(1), Bind: bind(), Nonce: make([]byte, 16), Resources: resources(), Price: price(), TermS: 60, Tier: "sandbox", IssuedMs: 1, Sig: sig65(),
	}
}

func spec() *marketpb.JobSpec {
	return &marketpb.JobSpec{
		Name: "job-1", Image: digest("a"), Command: []string{"/bin/true"}, Args: []string{""}, Env: []string{"A=b"}, WorkDir: "/",
		Inputs: []string{"/in"}, Outputs: []string{"/out"}, LogLimit: 1, Epoch: 1,
	}
}

func status() *marketpb.JobStatus {
	return &marketpb.JobStatus{State: "running", StartedMs: 1, DeliveredMs: 2, Code: 255, Reason: "fine", PaidUnits: []byte{1}, NowMs: 3}
}

func voucher() *marketpb.Voucher {
	return &marketpb.Voucher{
		Channel: id(1), CumulativeUnits: []byte{3}, Parts: []*marketpb.Part{{Lease: id(1), Units: []byte{1}}, {Lease: id(2), Units: []byte{2}}}, Sig: sig65(),
	}
}

func receipt() *marketpb.Receipt {
	return &marketpb.Receipt{Network: id(1), Lease: id(2), DeliveredMs: 1, EndState: "exited", CostUnits: []byte{9}, EndedMs: 1, ProviderSig: sig65()}
}

// good returns a valid one of every message, a new one at each call.
func good() []message {
	accept := &marketpb.Accept{Hold: make([]byte, 16), Terms: terms(), HoldUntilMs: 1, Bind: bind(), CloseWindowS: 3600, MaxOpenFee: []byte{1}}
	reject := &marketpb.Reject{Code: 3, Text: "gone", Delta: []byte{1}}
	channel := &marketpb.ChannelTerms{Renter: account(1), Payee: account(2), Signer: account(3), Token: account(4), WindowS: 3600, Salt: id(7)}
	open := &marketpb.OpenFor{AmountUnits: []byte{1}, FeeCapUnits: []byte{2}, DeadlineS: 1, Sig: sig65()}
	commit := &marketpb.Commit{Hold: make([]byte, 16), Terms: terms(), RenterSig: sig65(), Channel: channel, Open: open}
	offer := &marketpb.Offer{
		Network: id(1), Bind: bind(), Boot: 1, Seq: 1, IssuedMs: 1, ExpiresMs: 2, Name: "fr-2", Region: "fr", Arch: "amd64", Free: &marketpb.Resources{},
		Price: price(), Tiers: []string{"sandbox"}, Limits: "none", Reach: "direct", MaxTermMs: 1, MinChannel: []byte{1},
	}
	blob := &marketpb.Blob{Digest: digest("b"), Size: 1, MediaType: "application/x"}
	start := &marketpb.JobStart{Lease: id(1), Spec: spec(), Blobs: []*marketpb.Blob{blob}}
	stop := &marketpb.JobStop{Lease: id(1), GraceMs: 1}
	logs := &marketpb.JobLogs{Lease: id(1), Seq: 1}
	ref := &marketpb.JobRef{Lease: id(1)}
	output := &marketpb.JobOutput{Lease: id(1), Path: "/out"}
	pay := &marketpb.PayCall{Lease: id(1), Voucher: voucher()}
	settle := &marketpb.SettleCall{Lease: id(1), Receipt: receipt()}
	closing := &marketpb.CloseCall{Channel: id(1)}
	list := []message{
		resources(), price(), bind(), offer, terms(), proposal(), spec(), status(), voucher(), receipt(), accept, reject, channel, open, commit, blob, start, stop,
		logs, ref, output, pay, settle, closing, start.Blobs[0], voucher().Parts[0],
		&marketpb.Delta{Network: id(1), Peer: []byte("p"), IssuedMs: 1, Free: resources(), Price: price()},
		&marketpb.Sealed{Body: &marketpb.Sealed_Offer{Offer: []byte{1}}, Sig: make([]byte, 64)},
		&marketpb.Sealed{Body: &marketpb.Sealed_Delta{Delta: []byte{1}}, Sig: make([]byte, 64)},
		&marketpb.BookQuery{Want: resources(), Limit: 1}, &marketpb.BookAnswer{Offers: [][]byte{{1}}},
		&marketpb.ProposalAnswer{Answer: &marketpb.ProposalAnswer_Accept{Accept: accept}},
		&marketpb.ProposalAnswer{Answer: &marketpb.ProposalAnswer_Reject{Reject: reject}},
		&marketpb.Committed{ProviderSig: sig65(), OpenTx: id(1)}, &marketpb.Release{Hold: make([]byte, 16)}, &marketpb.Released{},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Propose{Propose: proposal()}},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Commit{Commit: commit}},
		&marketpb.LeaseCall{Call: &marketpb.LeaseCall_Release{Release: &marketpb.Release{Hold: make([]byte, 16)}}},
		&marketpb.JobNeed{Digests: []string{digest("c")}}, &marketpb.JobStarted{StartedMs: 1},
		&marketpb.LogRecord{Seq: 1, TimeNs: 1, Stream: 1, Data: []byte("x")}, &marketpb.LogRecord{End: true},
		&marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: start}}, &marketpb.JobCall{Call: &marketpb.JobCall_Status{Status: ref}},
		&marketpb.JobCall{Call: &marketpb.JobCall_Stop{Stop: stop}}, &marketpb.JobCall{Call: &marketpb.JobCall_Logs{Logs: logs}},
		&marketpb.JobCall{Call: &marketpb.JobCall_Output{Output: output}}, &marketpb.JobCall{Call: &marketpb.JobCall_Wait{Wait: ref}},
		&marketpb.JobCall{Call: &marketpb.JobCall_End{End: ref}},
		&marketpb.PayAnswer{Status: status()}, &marketpb.SettleAnswer{Receipt: receipt()}, &marketpb.CloseAnswer{Tx: id(1)},
		&marketpb.TradeCall{Call: &marketpb.TradeCall_Pay{Pay: pay}}, &marketpb.TradeCall{Call: &marketpb.TradeCall_Settle{Settle: settle}},
		&marketpb.TradeCall{Call: &marketpb.TradeCall_Receipt{Receipt: ref}}, &marketpb.TradeCall{Call: &marketpb.TradeCall_Close{Close: closing}},
	}
	for i, m := range list { // they share parts: none may see another's change
		list[i] = proto.Clone(m).(message)
	}
	return list
}
