package voucher_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"github.com/etal-cloud/etal/chain/voucher"
)

func TestOpen(t *testing.T) {
	s := newSource(t)
	d, key := s.domain(), s.key(t)
	good := voucher.Open{Terms: s.terms(), Amount: big.NewInt(100), FeeCap: big.NewInt(0), Deadline: 9}
	good.Terms.Renter = voucher.Address(key)
	sig, err := good.Sign(d, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := good.Verify(d, sig); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*voucher.Open)
		want   error
	}{
		"amount":         {func(o *voucher.Open) { o.Amount = big.NewInt(101) }, voucher.ErrSignature},
		"fee cap":        {func(o *voucher.Open) { o.FeeCap = big.NewInt(1) }, voucher.ErrSignature},
		"deadline":       {func(o *voucher.Open) { o.Deadline++ }, voucher.ErrSignature},
		"payee":          {func(o *voucher.Open) { o.Terms.Payee = s.address() }, voucher.ErrSignature},
		"salt":           {func(o *voucher.Open) { o.Terms.Salt = s.hash() }, voucher.ErrSignature},
		"other renter":   {func(o *voucher.Open) { o.Terms.Renter = s.address() }, voucher.ErrSignature},
		"no amount":      {func(o *voucher.Open) { o.Amount = nil }, voucher.ErrAmount},
		"amount zero":    {func(o *voucher.Open) { o.Amount = new(big.Int) }, voucher.ErrAmount},
		"no fee cap":     {func(o *voucher.Open) { o.FeeCap = nil }, voucher.ErrAmount},
		"negative fee":   {func(o *voucher.Open) { o.FeeCap = big.NewInt(-1) }, voucher.ErrAmount},
		"no renter":      {func(o *voucher.Open) { o.Terms.Renter = common.Address{} }, voucher.ErrTerms},
		"no payee":       {func(o *voucher.Open) { o.Terms.Payee = common.Address{} }, voucher.ErrTerms},
		"no signer":      {func(o *voucher.Open) { o.Terms.Signer = common.Address{} }, voucher.ErrTerms},
		"window short":   {func(o *voucher.Open) { o.Terms.Window = voucher.MinWindow - 1 }, voucher.ErrTerms},
		"window long":    {func(o *voucher.Open) { o.Terms.Window = voucher.MaxWindow + 1 }, voucher.ErrTerms},
		"the chain coin": {func(o *voucher.Open) { o.Terms.Token = common.Address{} }, voucher.ErrSignature},
	} {
		o := good
		c.change(&o)
		if err := o.Verify(d, sig); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want != voucher.ErrSignature {
			if _, err := o.Sign(d, key); !errors.Is(err, c.want) {
				t.Errorf("%s: signed: %v", name, err)
			}
		}
		o.Digest(d)
	}
}

func TestStartClose(t *testing.T) {
	s := newSource(t)
	d, key := s.domain(), s.key(t)
	c := voucher.StartClose{Channel: s.hash(), Deadline: 5}
	sig, err := c.Sign(d, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(d, voucher.Address(key), sig); err != nil {
		t.Fatal(err)
	}
	c.Deadline++
	if err := c.Verify(d, voucher.Address(key), sig); !errors.Is(err, voucher.ErrSignature) {
		t.Errorf("another deadline: %v", err)
	}
	if _, err := c.Sign(voucher.Domain{ChainID: 1}, key); !errors.Is(err, voucher.ErrDomain) {
		t.Errorf("no contract: %v", err)
	}
}

func TestBind(t *testing.T) {
	s := newSource(t)
	d, key := s.domain(), s.key(t)
	good := voucher.Bind{
		Network: s.hash(), Peer: []byte("peer id"), Signer: s.address(), Account: voucher.Address(key), ValidUntil: 100,
	}
	sig, err := good.Sign(d, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := good.Verify(d, sig); err != nil {
		t.Fatal(err)
	}
	if good.Expired(100) || !good.Expired(101) {
		t.Error("the last second counts, and no other after it")
	}
	for name, c := range map[string]struct {
		change func(*voucher.Bind)
		want   error
	}{
		"network":     {func(b *voucher.Bind) { b.Network[0]++ }, voucher.ErrSignature},
		"peer":        {func(b *voucher.Bind) { b.Peer = []byte("peer ix") }, voucher.ErrSignature},
		"signer":      {func(b *voucher.Bind) { b.Signer[0]++ }, voucher.ErrSignature},
		"account":     {func(b *voucher.Bind) { b.Account[0]++ }, voucher.ErrSignature},
		"valid until": {func(b *voucher.Bind) { b.ValidUntil++ }, voucher.ErrSignature},
		"no network":  {func(b *voucher.Bind) { b.Network = [32]byte{} }, voucher.ErrBind},
		"no peer":     {func(b *voucher.Bind) { b.Peer = nil }, voucher.ErrBind},
		"long peer":   {func(b *voucher.Bind) { b.Peer = make([]byte, voucher.MaxPeer+1) }, voucher.ErrBind},
		"no signer":   {func(b *voucher.Bind) { b.Signer = common.Address{} }, voucher.ErrBind},
		"no account":  {func(b *voucher.Bind) { b.Account = common.Address{} }, voucher.ErrBind},
		"no end":      {func(b *voucher.Bind) { b.ValidUntil = 0 }, voucher.ErrBind},
	} {
		b := good
		c.change(&b)
		if err := b.Verify(d, sig); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	renewed, elsewhere := good, good
	renewed.ValidUntil, renewed.Signer = 200, s.address()
	elsewhere.Network[0]++
	if string(renewed.PeerMessage()) != string(good.PeerMessage()) {
		t.Error("the peer would have to sign again for a renewed bind")
	}
	if string(elsewhere.PeerMessage()) == string(good.PeerMessage()) {
		t.Error("the peer's signature counts on another network")
	}
}

func TestLease(t *testing.T) {
	s := newSource(t)
	d, renter, provider := s.domain(), s.key(t), s.key(t)
	good := voucher.Lease{
		Network: s.hash(), Renter: voucher.Address(renter), Provider: voucher.Address(provider), ResourceID: 0, Sequence: 0,
		Channel: s.hash(), Accepted: 1_800_000_000, Term: 600, Terms: s.hash(),
	}
	byRenter, err := good.Sign(d, renter)
	if err != nil {
		t.Fatal(err)
	}
	byProvider, err := good.Sign(d, provider)
	if err != nil {
		t.Fatal(err)
	}
	if err := good.VerifyRenter(d, byRenter); err != nil {
		t.Error(err)
	}
	if err := good.VerifyProvider(d, byProvider); err != nil {
		t.Error(err)
	}
	if err := good.VerifyRenter(d, byProvider); !errors.Is(err, voucher.ErrSignature) {
		t.Errorf("the provider signs for the renter: %v", err)
	}
	if err := good.VerifyProvider(d, byRenter); !errors.Is(err, voucher.ErrSignature) {
		t.Errorf("the renter signs for the provider: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*voucher.Lease)
		want   error
	}{
		"network":     {func(l *voucher.Lease) { l.Network[0]++ }, voucher.ErrSignature},
		"provider":    {func(l *voucher.Lease) { l.Provider[0]++ }, voucher.ErrSignature},
		"resource":    {func(l *voucher.Lease) { l.ResourceID++ }, voucher.ErrSignature},
		"sequence":    {func(l *voucher.Lease) { l.Sequence++ }, voucher.ErrSignature},
		"channel":     {func(l *voucher.Lease) { l.Channel[0]++ }, voucher.ErrSignature},
		"accepted":    {func(l *voucher.Lease) { l.Accepted++ }, voucher.ErrSignature},
		"term":        {func(l *voucher.Lease) { l.Term++ }, voucher.ErrSignature},
		"terms":       {func(l *voucher.Lease) { l.Terms[0]++ }, voucher.ErrSignature},
		"no network":  {func(l *voucher.Lease) { l.Network = [32]byte{} }, voucher.ErrLease},
		"no renter":   {func(l *voucher.Lease) { l.Renter = common.Address{} }, voucher.ErrLease},
		"no provider": {func(l *voucher.Lease) { l.Provider = common.Address{} }, voucher.ErrLease},
		"no channel":  {func(l *voucher.Lease) { l.Channel = [32]byte{} }, voucher.ErrLease},
		"no term":     {func(l *voucher.Lease) { l.Term = 0 }, voucher.ErrLease},
		"never ends":  {func(l *voucher.Lease) { l.Term = 1<<64 - 1 }, voucher.ErrLease},
		"no terms":    {func(l *voucher.Lease) { l.Terms = [32]byte{} }, voucher.ErrLease},
	} {
		l := good
		c.change(&l)
		if err := l.VerifyRenter(d, byRenter); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestSalt(t *testing.T) {
	a, err := voucher.NewSalt("compute", [24]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := voucher.NewSalt("compute", [24]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	if a == b || voucher.Purpose(a) != "compute" || voucher.Purpose(b) != "compute" {
		t.Errorf("%x %x", a, b)
	}
	for _, bad := range []string{"", "too long a purpose", "Compute", "a b"} {
		if _, err := voucher.NewSalt(bad, [24]byte{}); !errors.Is(err, voucher.ErrTerms) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, salt := range [][32]byte{{}, {'a', 0, 'b'}, {0, 'a'}, {0xff}} {
		if got := voucher.Purpose(salt); got != "" {
			t.Errorf("%x has purpose %q", salt, got)
		}
	}
}

func TestDigestsOfDifferentStatementsDiffer(t *testing.T) {
	s := newSource(t)
	x := s.terms()
	one, two := s.domain(), s.domain()
	if x.ID(one) == x.ID(two) {
		t.Error("a channel has the same id in two domains")
	}
	y := x
	y.Salt[31]++
	if x.ID(one) == y.ID(one) {
		t.Error("two salts make one channel")
	}
}
