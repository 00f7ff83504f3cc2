package notary_test

import (
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/node/notary"
	"google.golang.org/protobuf/proto"
)

func TestConfigurationIsChecked(t *testing.T) {
	cfg := config(t)
	cfg.Wallet = nil
	_, err := notary.New(cfg)
	is(t, "no wallet", err, market.ErrInvalid)
	cfg = config(t)
	cfg.ChainID = 0
	if _, err := notary.New(cfg); err == nil {
		t.Error("a chain without an id was taken")
	}
}

func TestBind(t *testing.T) {
	n, other := open(t, config(t)), open(t, config(t))
	b, err := n.Bind(start, start.Add(30*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.CheckBind(b, start); err != nil {
		t.Errorf("a good bind: %v", err)
	}
	again, err := n.Bind(start.Add(time.Hour), start.Add(30*24*time.Hour+time.Hour))
	if err != nil || !again.ValidUntil.Equal(b.ValidUntil) {
		t.Errorf("a fresh bind was made after an hour: %v, %v", again.ValidUntil, err)
	}
	later := start.Add(20 * 24 * time.Hour)
	renewed, err := n.Bind(later, later.Add(30*24*time.Hour))
	if err != nil || !renewed.ValidUntil.After(b.ValidUntil) {
		t.Errorf("no fresh bind was made when half of its time was over: %v, %v", renewed.ValidUntil, err)
	}
	is(t, "after its end", other.CheckBind(b, b.ValidUntil), market.ErrExpired)
	for what, change := range map[string]func(*market.Bind){
		"account": func(b *market.Bind) { b.Account[0]++ },
		"signer":  func(b *market.Bind) { b.Signer[0]++ },
		"peer":    func(b *market.Bind) { b.Peer = other.Peer() },
		"until":   func(b *market.Bind) { b.ValidUntil = b.ValidUntil.Add(time.Second) },
	} {
		x := b
		change(&x)
		is(t, "another "+what, other.CheckBind(x, start), market.ErrSignature)
	}
	cfg := config(t)
	cfg.Network = market.NewNetworkID(7, contract, token, "elsewhere")
	is(t, "another network", open(t, cfg).CheckBind(b, start), market.ErrSignature)
	cfg = config(t)
	cfg.ChainID = 8
	is(t, "another chain", open(t, cfg).CheckBind(b, start), market.ErrSignature)
}

func TestLease(t *testing.T) {
	r, p := open(t, config(t)), open(t, config(t))
	l := leaseOf(r, p)
	sig, err := r.SignLease(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckLease(l, sig, r.Signer()); err != nil {
		t.Errorf("a good signature: %v", err)
	}
	if r.LeaseID(l) != p.LeaseID(l) {
		t.Error("the two name the lease differently")
	}
	is(t, "the other party's", p.CheckLease(l, sig, p.Signer()), market.ErrSignature)
	for what, change := range map[string]func(*market.Lease){
		"price":    func(l *market.Lease) { l.Price.Core = market.Units(2) },
		"term":     func(l *market.Lease) { l.Term += time.Second },
		"sequence": func(l *market.Lease) { l.Sequence++ },
		"channel":  func(l *market.Lease) { l.Channel[0]++ },
		"credit":   func(l *market.Lease) { l.Credit++ },
		"memory":   func(l *market.Lease) { l.Resources.Memory++ },
		"renter":   func(l *market.Lease) { l.Renter[0]++ },
	} {
		x := l
		change(&x)
		if what == "credit" {
			x.Credit = l.Credit + time.Millisecond
		}
		is(t, "another "+what, p.CheckLease(x, sig, r.Signer()), market.ErrSignature)
	}
	x := l
	x.Network[0]++
	is(t, "another network", p.CheckLease(x, sig, r.Signer()), market.ErrNetwork)
	for _, bad := range [][]byte{nil, sig[:64], append([]byte{}, make([]byte, 65)...)} {
		is(t, "no signature", p.CheckLease(l, bad, r.Signer()), market.ErrSignature)
	}
}

func TestLimitPerLease(t *testing.T) {
	cfg := config(t)
	cfg.Limits.PerLease = market.Units(1)
	r, p := open(t, cfg), open(t, config(t))
	l := leaseOf(r, p) // costs exactly 1
	if _, err := r.SignLease(l); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if err := r.Affordable(market.Units(1), market.Amount{}, start); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	l.Term += time.Second
	_, err := r.SignLease(l)
	is(t, "above the limit", err, notary.ErrLimit)
	is(t, "above the limit", r.Affordable(market.Units(2), market.Amount{}, start), notary.ErrLimit)
	// A provider signs what it is paid, whatever that is.
	l = leaseOf(p, r)
	l.Term = 5 * time.Hour
	if _, err := r.SignLease(l); err != nil {
		t.Errorf("as provider: %v", err)
	}
	_, err = r.SignVoucher(nil, market.ChannelID{9}, market.LeaseID{1}, units(1_000_001), start)
	is(t, "a voucher above the limit", err, notary.ErrLimit)
	if spent, _ := r.Spent(start); !spent.IsZero() {
		t.Errorf("%s counted for a refused voucher", spent)
	}
}

func TestVouchersOnlyGrow(t *testing.T) {
	r, p := open(t, config(t)), open(t, config(t))
	ch := market.ChannelID{9}
	first, err := r.SignVoucher(nil, ch, market.LeaseID{1}, units(10), start)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckVoucher(first, r.Signer()); err != nil {
		t.Errorf("a good voucher: %v", err)
	}
	is(t, "another signer", p.CheckVoucher(first, p.Signer()), market.ErrSignature)
	second, err := r.SignVoucher(first, ch, market.LeaseID{2}, units(5), start)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Follows(first, second); err != nil {
		t.Errorf("the next voucher: %v", err)
	}
	if err := p.Follows(nil, second); err != nil {
		t.Errorf("the first that is seen: %v", err)
	}
	is(t, "the one before", p.Follows(second, first), market.ErrInvalid)
	if got := new(big.Int).SetBytes(second.CumulativeUnits); got.Cmp(units(15)) != 0 {
		t.Errorf("the sum is %s, want 15", got)
	}
	_, err = r.SignVoucher(second, ch, market.LeaseID{1}, units(9), start)
	is(t, "a lower part", err, market.ErrInvalid)
	_, err = r.SignVoucher(second, ch, market.LeaseID{3}, units(-1), start)
	is(t, "a negative part", err, market.ErrInvalid)
	_, err = r.SignVoucher(second, market.ChannelID{8}, market.LeaseID{1}, units(11), start)
	is(t, "another channel's history", err, market.ErrInvalid)

	forged := proto.CloneOf(second)
	forged.CumulativeUnits = units(16).Bytes()
	is(t, "a sum that is not its parts'", p.CheckVoucher(forged, r.Signer()), market.ErrInvalid)
	forged = proto.CloneOf(second)
	forged.Parts[0].Units, forged.CumulativeUnits = units(11).Bytes(), units(16).Bytes()
	is(t, "a raised part", p.CheckVoucher(forged, r.Signer()), market.ErrSignature)
}

func TestLimitPerDay(t *testing.T) {
	cfg := config(t)
	kept := cfg.Store.(*store)
	cfg.Limits.PerDay = market.Atto(100 * 1_000_000_000_000) // 100 units
	r := open(t, cfg)
	ch := market.ChannelID{9}
	v, err := r.SignVoucher(nil, ch, market.LeaseID{1}, units(60), start)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.SignVoucher(v, ch, market.LeaseID{1}, units(101), start)
	is(t, "above the day's limit", err, notary.ErrLimit)
	_, err = r.SignVoucher(nil, market.ChannelID{8}, market.LeaseID{2}, units(41), start)
	is(t, "above it on another channel", err, notary.ErrLimit)

	// The sum is saved before a signature exists: without a store there is none.
	broken := errors.New("the disk is full")
	kept.fail = broken
	_, err = r.SignVoucher(v, ch, market.LeaseID{1}, units(70), start)
	is(t, "a store that fails", err, broken)
	kept.fail = nil
	if v, err = r.SignVoucher(v, ch, market.LeaseID{1}, units(100), start); err != nil {
		t.Fatalf("up to the limit, after a refused one: %v", err)
	}
	// Signing the same again spends nothing.
	if _, err := r.SignVoucher(v, ch, market.LeaseID{1}, units(100), start); err != nil {
		t.Errorf("the same again: %v", err)
	}
	// A restart forgets nothing, and neither does a clock that goes back a day.
	r = open(t, cfg)
	_, err = r.SignVoucher(v, ch, market.LeaseID{1}, units(101), start)
	is(t, "after a restart", err, notary.ErrLimit)
	_, err = r.SignVoucher(v, ch, market.LeaseID{1}, units(101), start.Add(-24*time.Hour))
	is(t, "on the day before", err, notary.ErrLimit)
	one := market.Atto(1_000_000_000_000)
	is(t, "affordable", r.Affordable(one, market.Amount{}, start), notary.ErrLimit)
	is(t, "affordable the next day", r.Affordable(one, market.Amount{}, start.Add(24*time.Hour)), nil)
	is(t, "affordable beside what is promised", r.Affordable(one, market.Atto(100*1_000_000_000_000), start.Add(24*time.Hour)), notary.ErrLimit)
	if _, err := r.SignVoucher(v, ch, market.LeaseID{1}, units(200), start.Add(24*time.Hour)); err != nil {
		t.Errorf("the next day: %v", err)
	}
	if len(kept.keys) != 1 {
		t.Errorf("%d days are kept, want 1", len(kept.keys))
	}
}

func TestChannelAndOpening(t *testing.T) {
	r, p := open(t, config(t)), open(t, config(t))
	terms, err := r.NewChannel(p.Account(), 24*time.Hour, "compute")
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.SignOpen(terms, units(100), nil, start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckOpen(terms, o); err != nil {
		t.Errorf("a good opening: %v", err)
	}
	for what, change := range map[string]func(*marketpb.ChannelTerms, *marketpb.OpenFor){
		"amount":   func(_ *marketpb.ChannelTerms, o *marketpb.OpenFor) { o.AmountUnits = units(101).Bytes() },
		"fee":      func(_ *marketpb.ChannelTerms, o *marketpb.OpenFor) { o.FeeCapUnits = units(1).Bytes() },
		"deadline": func(_ *marketpb.ChannelTerms, o *marketpb.OpenFor) { o.DeadlineS++ },
		"payee":    func(t *marketpb.ChannelTerms, _ *marketpb.OpenFor) { t.Payee = make([]byte, 20); t.Payee[0] = 3 },
		"window":   func(t *marketpb.ChannelTerms, _ *marketpb.OpenFor) { t.WindowS++ },
	} {
		x, y := proto.CloneOf(terms), proto.CloneOf(o)
		change(x, y)
		is(t, "another "+what, p.CheckOpen(x, y), market.ErrSignature)
	}
	a, err := r.ChannelID(terms)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.NewChannel(p.Account(), 24*time.Hour, "compute")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.ChannelID(second); err != nil || a == b {
		t.Errorf("two channels have one id: %v", err)
	}
}

func TestReceipt(t *testing.T) {
	r, p := open(t, config(t)), open(t, config(t))
	l := leaseOf(r, p)
	u := market.Usage{DeliveredMS: 1_800_000}
	cost, err := l.CostUnits(u, 6)
	if err != nil || cost.Cmp(units(500_000)) != 0 {
		t.Fatalf("half an hour costs %v, %v", cost, err)
	}
	rec := market.Receipt{Network: network, Lease: r.LeaseID(l), Usage: u, EndState: market.AllocExited, CostUnits: cost, Ended: start.Add(time.Hour)}
	if rec.ProviderSig, err = p.SignReceipt(rec); err != nil {
		t.Fatal(err)
	}
	if rec.RenterSig, err = r.SignReceipt(rec); err != nil {
		t.Fatal(err)
	}
	if err := r.CheckReceipt(rec, l); err != nil {
		t.Errorf("a good receipt: %v", err)
	}
	for what, c := range map[string]struct {
		change func(*market.Receipt)
		want   error
	}{
		"a wrong cost":      {func(r *market.Receipt) { r.CostUnits = units(500_001) }, market.ErrInvalid},
		"no cost":           {func(r *market.Receipt) { r.CostUnits = nil }, market.ErrInvalid},
		"another lease":     {func(r *market.Receipt) { r.Lease[0]++ }, market.ErrInvalid},
		"another network":   {func(r *market.Receipt) { r.Network[0]++ }, market.ErrNetwork},
		"another end":       {func(r *market.Receipt) { r.EndState = market.AllocLost }, market.ErrSignature},
		"another reason":    {func(r *market.Receipt) { r.Reason = "x" }, market.ErrSignature},
		"swapped signers":   {func(r *market.Receipt) { r.ProviderSig, r.RenterSig = r.RenterSig, r.ProviderSig }, market.ErrSignature},
		"a negative amount": {func(r *market.Receipt) { r.Usage.DeliveredMS = -1 }, market.ErrInvalid},
	} {
		x := rec
		c.change(&x)
		is(t, what, r.CheckReceipt(x, l), c.want)
	}
}

func TestProposal(t *testing.T) {
	r, p := open(t, config(t)), open(t, config(t))
	bind, err := r.Bind(start, start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	prop := market.Proposal{
		Network: network, Bind: bind, Resources: market.Resources{MilliCPU: 1000, Memory: 1 << 30}, Price: market.Price{Core: market.Units(1)},
		Term: time.Hour, Tier: market.TierSandbox, Issued: start,
	}
	if err := r.SignProposal(&prop); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckProposal(prop); err != nil {
		t.Errorf("a good proposal: %v", err)
	}
	for what, change := range map[string]func(*market.Proposal){
		"term":    func(p *market.Proposal) { p.Term += time.Second },
		"price":   func(p *market.Proposal) { p.Price.Core = market.Units(2) },
		"nonce":   func(p *market.Proposal) { p.Nonce[0]++ },
		"network": func(p *market.Proposal) { p.Network[0]++ },
		"channel": func(p *market.Proposal) { p.Channel[0]++ },
		"issued":  func(p *market.Proposal) { p.Issued = p.Issued.Add(time.Millisecond) },
	} {
		x := prop
		change(&x)
		is(t, "another "+what, p.CheckProposal(x), market.ErrSignature)
	}
}
