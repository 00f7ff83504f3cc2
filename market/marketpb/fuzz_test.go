package marketpb_test

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/etal-cloud/etal/market/marketpb"
)

// fuzz feeds any bytes to one message: whatever unmarshals is validated without
// a panic, and what is valid stays the same and valid on its way.
func fuzz[M message](f *testing.F, fresh func() M) {
	for _, m := range good() {
		if _, same := m.(M); same {
			raw, err := proto.Marshal(m)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := fresh()
		if proto.Unmarshal(raw, m) != nil {
			return
		}
		if err := m.Validate(); err != nil {
			if !errors.Is(err, marketpb.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
			return
		}
		again, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back := fresh()
		if err := proto.Unmarshal(again, back); err != nil || !proto.Equal(m, back) || back.Validate() != nil {
			t.Fatalf("valid, but not the same after a trip: %v", err)
		}
	})
}

func FuzzResources(f *testing.F) {
	fuzz(f, func() *marketpb.Resources { return new(marketpb.Resources) })
}
func FuzzPrice(f *testing.F)  { fuzz(f, func() *marketpb.Price { return new(marketpb.Price) }) }
func FuzzBind(f *testing.F)   { fuzz(f, func() *marketpb.Bind { return new(marketpb.Bind) }) }
func FuzzOffer(f *testing.F)  { fuzz(f, func() *marketpb.Offer { return new(marketpb.Offer) }) }
func FuzzDelta(f *testing.F)  { fuzz(f, func() *marketpb.Delta { return new(marketpb.Delta) }) }
func FuzzSealed(f *testing.F) { fuzz(f, func() *marketpb.Sealed { return new(marketpb.Sealed) }) }
func FuzzBookQuery(f *testing.F) {
	fuzz(f, func() *marketpb.BookQuery { return new(marketpb.BookQuery) })
}

func FuzzBookAnswer(f *testing.F) {
	fuzz(f, func() *marketpb.BookAnswer { return new(marketpb.BookAnswer) })
}

func FuzzLeaseTerms(f *testing.F) {
	fuzz(f, func() *marketpb.LeaseTerms { return new(marketpb.LeaseTerms) })
}
func FuzzProposal(f *testing.F) { fuzz(f, func() *marketpb.Proposal { return new(marketpb.Proposal) }) }
func FuzzAccept(f *testing.F)   { fuzz(f, func() *marketpb.Accept { return new(marketpb.Accept) }) }
func FuzzReject(f *testing.F)   { fuzz(f, func() *marketpb.Reject { return new(marketpb.Reject) }) }
func FuzzProposalAnswer(f *testing.F) {
	fuzz(f, func() *marketpb.ProposalAnswer { return new(marketpb.ProposalAnswer) })
}

func FuzzChannelTerms(f *testing.F) {
	fuzz(f, func() *marketpb.ChannelTerms { return new(marketpb.ChannelTerms) })
}
func FuzzOpenFor(f *testing.F) { fuzz(f, func() *marketpb.OpenFor { return new(marketpb.OpenFor) }) }
func FuzzCommit(f *testing.F)  { fuzz(f, func() *marketpb.Commit { return new(marketpb.Commit) }) }
func FuzzCommitted(f *testing.F) {
	fuzz(f, func() *marketpb.Committed { return new(marketpb.Committed) })
}
func FuzzRelease(f *testing.F)  { fuzz(f, func() *marketpb.Release { return new(marketpb.Release) }) }
func FuzzReleased(f *testing.F) { fuzz(f, func() *marketpb.Released { return new(marketpb.Released) }) }
func FuzzLeaseCall(f *testing.F) {
	fuzz(f, func() *marketpb.LeaseCall { return new(marketpb.LeaseCall) })
}
func FuzzBlob(f *testing.F)     { fuzz(f, func() *marketpb.Blob { return new(marketpb.Blob) }) }
func FuzzJobSpec(f *testing.F)  { fuzz(f, func() *marketpb.JobSpec { return new(marketpb.JobSpec) }) }
func FuzzJobStart(f *testing.F) { fuzz(f, func() *marketpb.JobStart { return new(marketpb.JobStart) }) }
func FuzzJobNeed(f *testing.F)  { fuzz(f, func() *marketpb.JobNeed { return new(marketpb.JobNeed) }) }
func FuzzJobStarted(f *testing.F) {
	fuzz(f, func() *marketpb.JobStarted { return new(marketpb.JobStarted) })
}
func FuzzJobRef(f *testing.F)  { fuzz(f, func() *marketpb.JobRef { return new(marketpb.JobRef) }) }
func FuzzJobStop(f *testing.F) { fuzz(f, func() *marketpb.JobStop { return new(marketpb.JobStop) }) }
func FuzzJobStatus(f *testing.F) {
	fuzz(f, func() *marketpb.JobStatus { return new(marketpb.JobStatus) })
}
func FuzzJobLogs(f *testing.F) { fuzz(f, func() *marketpb.JobLogs { return new(marketpb.JobLogs) }) }
func FuzzLogRecord(f *testing.F) {
	fuzz(f, func() *marketpb.LogRecord { return new(marketpb.LogRecord) })
}

func FuzzJobOutput(f *testing.F) {
	fuzz(f, func() *marketpb.JobOutput { return new(marketpb.JobOutput) })
}
func FuzzJobCall(f *testing.F) { fuzz(f, func() *marketpb.JobCall { return new(marketpb.JobCall) }) }
func FuzzPart(f *testing.F)    { fuzz(f, func() *marketpb.Part { return new(marketpb.Part) }) }
func FuzzVoucher(f *testing.F) { fuzz(f, func() *marketpb.Voucher { return new(marketpb.Voucher) }) }
func FuzzPayCall(f *testing.F) { fuzz(f, func() *marketpb.PayCall { return new(marketpb.PayCall) }) }
func FuzzPayAnswer(f *testing.F) {
	fuzz(f, func() *marketpb.PayAnswer { return new(marketpb.PayAnswer) })
}
func FuzzReceipt(f *testing.F) { fuzz(f, func() *marketpb.Receipt { return new(marketpb.Receipt) }) }
func FuzzSettleCall(f *testing.F) {
	fuzz(f, func() *marketpb.SettleCall { return new(marketpb.SettleCall) })
}

func FuzzSettleAnswer(f *testing.F) {
	fuzz(f, func() *marketpb.SettleAnswer { return new(marketpb.SettleAnswer) })
}

func FuzzCloseCall(f *testing.F) {
	fuzz(f, func() *marketpb.CloseCall { return new(marketpb.CloseCall) })
}

func FuzzCloseAnswer(f *testing.F) {
	fuzz(f, func() *marketpb.CloseAnswer { return new(marketpb.CloseAnswer) })
}

func FuzzTradeCall(f *testing.F) {
	fuzz(f, func() *marketpb.TradeCall { return new(marketpb.TradeCall) })
}
