package marketpb_test

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/etal-cloud/etal/market/marketpb"
)

func TestGoodOnesAreValid(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	for _, m := range good() {
		seen[m.ProtoReflect().Descriptor().FullName()] = true
		if err := m.Validate(); err != nil {
			t.Errorf("%T: %v", m, err)
		}
	}
	all := marketpb.File_market_proto.Messages()
	for i := range all.Len() {
		if name := all.Get(i).FullName(); !seen[name] {
			t.Errorf("%s is not among the good ones", name)
		}
	}
}

// A message that is not there is an error, never a panic, on its own and as a
// part of every other.
func TestNil(t *testing.T) {
	for _, m := range good() {
		none := reflect.Zero(reflect.TypeOf(m)).Interface().(message)
		if err := none.Validate(); !errors.Is(err, marketpb.ErrInvalid) {
			t.Errorf("%T: %v", m, err)
		}
		empty := m.ProtoReflect().New().Interface().(message)
		if _, none := m.(*marketpb.Released); empty.Validate() == nil && !none && !mayBeEmpty(m) {
			t.Errorf("an empty %T is valid", m)
		}
	}
}

func mayBeEmpty(m message) bool {
	switch m.(type) {
	case *marketpb.Resources, *marketpb.Price, *marketpb.BookAnswer, *marketpb.JobNeed, *marketpb.JobStarted, *marketpb.LogRecord, *marketpb.CloseAnswer:
		return true
	}
	return false
}

// unbounded are the fields whose every value is valid.
var unbounded = map[protoreflect.FullName]bool{
	"etal.market.v1.Offer.boot": true, "etal.market.v1.Offer.seq": true, "etal.market.v1.Delta.boot": true, "etal.market.v1.Delta.seq": true,
	"etal.market.v1.LeaseTerms.resource_id": true, "etal.market.v1.LeaseTerms.sequence": true, "etal.market.v1.JobSpec.epoch": true,
	"etal.market.v1.JobStatus.epoch": true,
}

// Every field of every message has a limit: a value far outside is refused. The
// test finds the fields by itself, so that none can be forgotten.
func TestEveryFieldIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for i, m := range good() {
		fields := m.ProtoReflect().Descriptor().Fields()
		for j := range fields.Len() {
			f := fields.Get(j)
			bad := good()[i]
			r := bad.ProtoReflect()
			switch {
			case f.IsList():
				list := r.Mutable(f).List()
				for range 5000 {
					if f.Kind() == protoreflect.MessageKind {
						list.Append(list.NewElement())
					} else if f.Kind() == protoreflect.StringKind {
						list.Append(protoreflect.ValueOfString("/a"))
					} else {
						list.Append(protoreflect.ValueOfBytes([]byte{1}))
					}
				}
			case f.Kind() == protoreflect.MessageKind:
				if !r.Has(f) {
					continue // another arm of a oneof, or optional
				}
				r.Set(f, protoreflect.ValueOfMessage(poisoned(r.Get(f).Message())))
			case f.Kind() == protoreflect.StringKind:
				r.Set(f, protoreflect.ValueOfString(long))
			case f.Kind() == protoreflect.BytesKind:
				if f.ContainingOneof() != nil && !r.Has(f) {
					continue
				}
				r.Set(f, protoreflect.ValueOfBytes([]byte(long)))
			case f.Kind() == protoreflect.Int64Kind:
				for _, v := range []int64{math.MinInt64, -1, math.MaxInt64} {
					if f.Name() == "time_ns" && v > 0 {
						continue // every positive nanosecond is a time
					}
					r.Set(f, protoreflect.ValueOfInt64(v))
					if err := bad.Validate(); !errors.Is(err, marketpb.ErrInvalid) {
						t.Errorf("%s = %d: %v", f.FullName(), v, err)
					}
				}
				continue
			case f.Kind() == protoreflect.Int32Kind:
				r.Set(f, protoreflect.ValueOfInt32(-1))
			case f.Kind() == protoreflect.Uint32Kind && f.FullName() != "etal.market.v1.Reject.code":
				r.Set(f, protoreflect.ValueOfUint32(math.MaxUint32))
			default: // booleans, codes that a later version may add, and numbers without a limit
				if k := f.Kind(); k == protoreflect.Uint64Kind && !unbounded[f.FullName()] {
					t.Errorf("%s has no limit and is not listed", f.FullName())
				}
				continue
			}
			if err := bad.Validate(); !errors.Is(err, marketpb.ErrInvalid) {
				t.Errorf("%s: a value far outside gives %v", f.FullName(), err)
			}
		}
	}
}

// poisoned returns a copy of a message with its first field out of bounds.
func poisoned(m protoreflect.Message) protoreflect.Message {
	c := proto.Clone(m.Interface()).ProtoReflect()
	f := c.Descriptor().Fields().Get(0)
	if of := f.ContainingOneof(); of != nil {
		f = c.WhichOneof(of)
	}
	switch {
	case f.Kind() == protoreflect.BytesKind:
		c.Set(f, protoreflect.ValueOfBytes(make([]byte, 5000)))
	case f.Kind() == protoreflect.StringKind:
		c.Set(f, protoreflect.ValueOfString("\x00"))
	case f.Kind() == protoreflect.Int64Kind:
		c.Set(f, protoreflect.ValueOfInt64(-1))
	case f.Kind() == protoreflect.Uint32Kind:
		c.Set(f, protoreflect.ValueOfUint32(0))
	}
	return c
}

func TestRules(t *testing.T) {
	bad := func(name string, m message) {
		t.Helper()
		err := m.Validate()
		if !errors.Is(err, marketpb.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		} else if len(err.Error()) > 300 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
	edit := func(change func(*marketpb.JobSpec)) *marketpb.JobSpec { s := spec(); change(s); return s }
	bad("image by name", edit(func(s *marketpb.JobSpec) { s.Image = "alpine" }))
	bad("upper-case digest", edit(func(s *marketpb.JobSpec) { s.Image = digest("A") }))
	bad("not hex", edit(func(s *marketpb.JobSpec) { s.Image = digest("g") }))
	bad("env without =", edit(func(s *marketpb.JobSpec) { s.Env = []string{"A"} }))
	bad("NUL", edit(func(s *marketpb.JobSpec) { s.Command = []string{"a\x00b"} }))
	bad("path up", edit(func(s *marketpb.JobSpec) { s.Outputs = []string{"/a/../b"} }))
	bad("relative", edit(func(s *marketpb.JobSpec) { s.Inputs = []string{"a"} }))
	bad("root", edit(func(s *marketpb.JobSpec) { s.Inputs = []string{"/"} }))
	bad("twice", edit(func(s *marketpb.JobSpec) { s.Inputs = []string{"/a", "/a"} }))
	bad("much together", edit(func(s *marketpb.JobSpec) {
		for range 300 {
			s.Args = append(s.Args, strings.Repeat("x", 1000))
		}
	}))
	bad("blob twice", &marketpb.JobStart{Lease: id(1), Spec: spec(), Blobs: []*marketpb.Blob{{Digest: digest("a")}, {Digest: digest("a")}}})
	bad("nil blob", &marketpb.JobStart{Lease: id(1), Spec: spec(), Blobs: []*marketpb.Blob{nil}})
	bad("need twice", &marketpb.JobNeed{Digests: []string{digest("a"), digest("a")}})
	v := voucher()
	v.Parts[1].Lease = v.Parts[0].Lease
	bad("lease twice", v)
	bad("nil part", &marketpb.Voucher{Channel: id(1), Parts: []*marketpb.Part{nil}, Sig: sig65()})
	bad("leading zero", &marketpb.Price{Core: []byte{0, 1}})
	bad("data without stream", &marketpb.LogRecord{Data: []byte("x")})
	bad("stream 3", &marketpb.LogRecord{Stream: 3, Data: []byte("x")})
	st := status()
	st.Reason = "\x1b]0;owned\a"
	bad("escape sequence", st)
	bad("commit without channel", func() message {
		tm := terms()
		tm.Channel = nil
		return &marketpb.Commit{Hold: make([]byte, 16), Terms: tm, RenterSig: sig65()}
	}())
	bad("open without its terms", &marketpb.Commit{
		Hold: make([]byte, 16), Terms: terms(), RenterSig: sig65(), Open: &marketpb.OpenFor{AmountUnits: []byte{1}, DeadlineS: 1, Sig: sig65()},
	})
	bad("short window", &marketpb.ChannelTerms{Renter: account(1), Payee: account(1), Signer: account(1), Token: account(0), WindowS: 3599, Salt: id(1)})
	bad("code 0", &marketpb.Reject{Text: "no"})
}

// The largest valid message of each protocol fits into what its reader reads.
func TestSizeCaps(t *testing.T) {
	s := spec()
	s.Command, s.Args, s.Env = nil, nil, nil
	for range marketpb.MaxWords {
		s.Command, s.Args, s.Env = append(s.Command, "x"), append(s.Args, "x"), append(s.Env, "A=")
	}
	for i := range marketpb.MaxTransfers {
		p := "/" + strings.Repeat(string(rune('a'+i)), 1000)
		s.Inputs, s.Outputs = append(s.Inputs[:i], p), append(s.Outputs[:i], p)
	}
	s.Args[0] = strings.Repeat("x", marketpb.MaxSpecBytes-36<<10)
	start := &marketpb.JobStart{Lease: id(1), Spec: s}
	for i := range marketpb.MaxBlobs {
		d := []byte(digest("0"))
		d[70], d[69] = "0123456789abcdef"[i%16], "0123456789abcdef"[i/16]
		start.Blobs = append(start.Blobs, &marketpb.Blob{Digest: string(d), Size: marketpb.MaxBlobBytes, MediaType: strings.Repeat("m", 128)})
	}
	pay := voucher()
	pay.Parts = nil
	for i := range marketpb.MaxParts {
		pay.Parts = append(pay.Parts, &marketpb.Part{Lease: append(id(1)[1:], byte(i)), Units: id(255)[:16]})
	}
	settle := &marketpb.SettleCall{Lease: id(1), Receipt: receipt(), Voucher: pay}
	settle.Receipt.Reason = strings.Repeat("x", marketpb.MaxTextBytes)
	book := &marketpb.BookAnswer{}
	for range marketpb.MaxBookOffers {
		book.Offers = append(book.Offers, make([]byte, marketpb.MaxSealedBytes))
	}
	for _, c := range []struct {
		m   message
		cap int
	}{
		{&marketpb.JobCall{Call: &marketpb.JobCall_Start{Start: start}}, marketpb.MaxJobBytes},
		{&marketpb.LogRecord{Stream: 1, Data: make([]byte, marketpb.MaxLogData)}, marketpb.MaxJobBytes},
		{&marketpb.TradeCall{Call: &marketpb.TradeCall_Settle{Settle: settle}}, marketpb.MaxPayBytes},
		{book, marketpb.MaxBookBytes},
	} {
		if err := c.m.Validate(); err != nil {
			t.Errorf("%T: %v", c.m, err)
		}
		if n := proto.Size(c.m); n > c.cap || n < c.cap/4 {
			t.Errorf("%T: the largest has %d bytes, the cap is %d", c.m, n, c.cap)
		}
	}
	for _, m := range good() {
		if n := proto.Size(m); n > marketpb.MaxLeaseBytes {
			t.Errorf("%T: %d bytes", m, n)
		}
	}
}

func TestUnits(t *testing.T) {
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))
	for _, v := range []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(256), most} {
		b, err := marketpb.UnitsBytes(v)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := marketpb.Units(b); err != nil || back.Cmp(v) != 0 {
			t.Errorf("%s comes back as %s, %v", v, back, err)
		}
	}
	if b, err := marketpb.UnitsBytes(nil); err != nil || len(b) != 0 {
		t.Errorf("nil: %x, %v", b, err)
	}
	for _, v := range []*big.Int{big.NewInt(-1), new(big.Int).Add(most, big.NewInt(1))} {
		if _, err := marketpb.UnitsBytes(v); !errors.Is(err, marketpb.ErrInvalid) {
			t.Errorf("%s: %v", v, err)
		}
	}
	for _, b := range [][]byte{{0}, {0, 1}, make([]byte, 17), append([]byte{1}, make([]byte, 16)...)} {
		if _, err := marketpb.Units(b); !errors.Is(err, marketpb.ErrInvalid) {
			t.Errorf("%x: %v", b, err)
		}
	}
}

func TestTimes(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 5e6, time.UTC)
	if back := marketpb.FromMilli(marketpb.Milli(at)); !back.Equal(at) {
		t.Errorf("%s", back)
	}
	if back := marketpb.FromSeconds(marketpb.Seconds(at)); !back.Equal(at.Truncate(time.Second)) {
		t.Errorf("%s", back)
	}
	if marketpb.Milli(time.Time{}) != 0 || !marketpb.FromMilli(0).IsZero() || marketpb.Seconds(time.Time{}) != 0 || !marketpb.FromSeconds(0).IsZero() {
		t.Error("no time is 0")
	}
}
