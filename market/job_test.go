package market_test

import (
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/etal-cloud/etal/market"
)

func TestJobRoundTrip(t *testing.T) {
	j := market.Job{
		Name: "render", Image: "sha256:" + strings.Repeat("ab", 32), Command: []string{"/render"}, Args: []string{"-x", "a\nb"},
		Env: []string{"A=1", "B="}, WorkDir: "/work", LogLimit: 1 << 20,
		Inputs: []market.Transfer{{Local: "scene.toml", Path: "/in/scene.toml"}}, Outputs: []market.Transfer{{Local: ".", Path: "/out"}},
		Restart: market.RestartOnFailure,
	}
	if err := j.Validate(); err != nil {
		t.Fatal(err)
	}
	back, epoch, err := market.DecodeJob(j.Proto(7))
	if err != nil || epoch != 7 {
		t.Fatal(epoch, err)
	}
	j.Inputs[0].Local, j.Outputs[0].Local, j.Restart = "", "", "" // these stay with the renter
	if !reflect.DeepEqual(back, j) {
		t.Errorf("came back as %+v", back)
	}
}

func TestJobValidate(t *testing.T) {
	good := market.Job{Image: "alpine"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := market.DecodeJob(good.Proto(0)); !errors.Is(err, market.ErrInvalid) {
		t.Errorf("a reference must not cross the wire: %v", err)
	}
	for name, change := range map[string]func(*market.Job){
		"no image":       func(j *market.Job) { j.Image = "" },
		"NUL image":      func(j *market.Job) { j.Image = "a\x00" },
		"rude name":      func(j *market.Job) { j.Name = "A b" },
		"bad env":        func(j *market.Job) { j.Env = []string{"NOVALUE"} },
		"no env name":    func(j *market.Job) { j.Env = []string{"=1"} },
		"NUL argument":   func(j *market.Job) { j.Args = []string{"\x00"} },
		"relative input": func(j *market.Job) { j.Inputs = []market.Transfer{{Path: "in"}} },
		"sneaky output":  func(j *market.Job) { j.Outputs = []market.Transfer{{Path: "/a/../../etc"}} },
		"root as output": func(j *market.Job) { j.Outputs = []market.Transfer{{Path: "/"}} },
		"same input":     func(j *market.Job) { j.Inputs = []market.Transfer{{Path: "/a"}, {Path: "/a"}} },
		"work dir":       func(j *market.Job) { j.WorkDir = "x" },
		"log limit":      func(j *market.Job) { j.LogLimit = -1 },
		"restart":        func(j *market.Job) { j.Restart = "always" },
		"request":        func(j *market.Job) { j.Request.Resources.MilliCPU = -1 },
		"too long":       func(j *market.Job) { j.Args = []string{strings.Repeat("x", 200<<10)} },
		"too many":       func(j *market.Job) { j.Args = make([]string, 1000) },
	} {
		j := good
		change(&j)
		if err := j.Validate(); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRequestValidate(t *testing.T) {
	var zero market.Request
	if err := zero.WithDefaults().Validate(); err != nil {
		t.Fatal(err)
	}
	if r := zero.WithDefaults(); r.Resources.MilliCPU != 1000 || r.Resources.Memory != 512<<20 || r.Resources.Disk != 1<<30 || r.Term != time.Hour || r.Tier != market.TierSandbox {
		t.Errorf("%+v", r)
	}
	for want, change := range map[string]func(*market.Request){
		"cpus must be more than 0":           func(r *market.Request) { r.Resources.MilliCPU = 0 },
		"memory must be more than 0":         func(r *market.Request) { r.Resources.Memory = -1 },
		"the time must be at least a second": func(r *market.Request) { r.Term = -time.Hour },
		"the time must be at most ten years": func(r *market.Request) { r.Term = market.MaxDuration + 1 },
		"there are sandbox and native":       func(r *market.Request) { r.Tier = "vm" },
		"the credit must not be negative":    func(r *market.Request) { r.Credit = -1 },
		"an architecture has at most":        func(r *market.Request) { r.Arch = strings.Repeat("a", 17) },
		"more than 256 regions or providers": func(r *market.Request) { r.Exclude = make([]string, 257) },
		"disk must not be negative":          func(r *market.Request) { r.Resources.Disk = -1 },
		"gpus must be 0 to":                  func(r *market.Request) { r.Resources.GPUs = -1 },
	} {
		r := zero.WithDefaults()
		change(&r)
		if err := r.Validate(); !errors.Is(err, market.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestReceipt(t *testing.T) {
	r := market.Receipt{
		Network: network, Lease: market.LeaseID{1}, Usage: market.Usage{DeliveredMS: 1234, EgressBytes: 5}, EndState: market.AllocExited,
		Reason: "ended by itself", CostUnits: big.NewInt(77), Ended: noon, ProviderSig: make([]byte, 65),
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	if r.Cosigned() {
		t.Error("one signature is not two")
	}
	m, err := r.Proto()
	if err != nil {
		t.Fatal(err)
	}
	back, err := market.ReceiptFromProto(m)
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Fatalf("came back as %+v, %v", back, err)
	}
	signed := r
	signed.RenterSig = make([]byte, 65)
	if !signed.Cosigned() || !signed.SameTerms(r) {
		t.Error("a signature is no term")
	}
	for name, change := range map[string]func(*market.Receipt){
		"network": func(r *market.Receipt) { r.Network[0]++ }, "lease": func(r *market.Receipt) { r.Lease[0]++ },
		"delivered": func(r *market.Receipt) { r.Usage.DeliveredMS++ }, "egress": func(r *market.Receipt) { r.Usage.EgressBytes++ },
		"end": func(r *market.Receipt) { r.EndState = market.AllocLost }, "reason": func(r *market.Receipt) { r.Reason = "" },
		"cost": func(r *market.Receipt) { r.CostUnits = nil }, "ended": func(r *market.Receipt) { r.Ended = noon.Add(time.Millisecond) },
		"moved": func(r *market.Receipt) { r.EndState, r.Reason = "exitede", "nded by itself" },
	} {
		c := r
		change(&c)
		if c.SameTerms(r) {
			t.Errorf("%s is not signed", name)
		}
	}
	for name, change := range map[string]func(*market.Receipt){
		"no network": func(r *market.Receipt) { r.Network = market.NetworkID{} }, "no lease": func(r *market.Receipt) { r.Lease = market.LeaseID{} },
		"running": func(r *market.Receipt) { r.EndState = market.AllocRunning }, "negative": func(r *market.Receipt) { r.CostUnits = big.NewInt(-1) },
		"huge": func(r *market.Receipt) { r.CostUnits = new(big.Int).Lsh(big.NewInt(1), 128) }, "no end": func(r *market.Receipt) { r.Ended = time.Time{} },
		"rude": func(r *market.Receipt) { r.Reason = "\x1b[31m" }, "short sig": func(r *market.Receipt) { r.ProviderSig = make([]byte, 64) },
	} {
		c := r
		change(&c)
		if err := c.Validate(); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAccount(t *testing.T) {
	a := market.Account{0xab, 19: 0xcd}
	text, err := a.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var back market.Account
	if err := back.UnmarshalText(text); err != nil || back != a {
		t.Errorf("%s: %s, %v", text, back, err)
	}
	if v, err := market.ParseAccount("0X" + strings.ToUpper(a.String()[2:])); err != nil || v != a {
		t.Errorf("upper case: %s, %v", v, err)
	}
	for _, s := range []string{"", "0x", a.String()[2:], a.String() + "0", "0x" + strings.Repeat("g", 40)} {
		if _, err := market.ParseAccount(s); !errors.Is(err, market.ErrInvalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestNetworkID(t *testing.T) {
	base := market.NewNetworkID(1, market.Account{1}, market.Account{2}, "/etal")
	for name, other := range map[string]market.NetworkID{
		"chain":    market.NewNetworkID(2, market.Account{1}, market.Account{2}, "/etal"),
		"contract": market.NewNetworkID(1, market.Account{3}, market.Account{2}, "/etal"),
		"token":    market.NewNetworkID(1, market.Account{1}, market.Account{3}, "/etal"),
		"prefix":   market.NewNetworkID(1, market.Account{1}, market.Account{2}, "/eta"),
	} {
		if other == base {
			t.Errorf("another %s is the same network", name)
		}
	}
}
