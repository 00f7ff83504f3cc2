package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	etal "github.com/etal-cloud/etal/cmd/etal"
	"github.com/etal-cloud/etal/market"
)

func TestParseTime(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "10m": 10 * time.Minute, "1h30m": 90 * time.Minute, "1d": 24 * time.Hour, "2d12h": 60 * time.Hour, "0s": 0,
	} {
		if got, err := etal.ParseTime(s); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "d", "1", "-1h", "1x", "d1h", "1d1d", "-1d", "99999999999d", "1.5d", " 1h"} {
		if got, err := etal.ParseTime(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

func TestTransfers(t *testing.T) {
	dir := t.TempDir()
	odd := filepath.Join(dir, "a:b")
	if err := os.WriteFile(odd, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := etal.ParseInput(odd + ":/p/q"); err != nil || got != (market.Transfer{Local: odd, Path: "/p/q"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := etal.ParseOutput("/p:" + dir + "/new"); err != nil || got != (market.Transfer{Local: dir + "/new", Path: "/p"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := etal.ParseOutput("/p:" + dir + "/new/deep/"); err != nil || got.Local != dir+"/new/deep/" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, s := range []string{"", ":", "/p", "/p:", "p:x", "/:x", "/p:" + dir + "/no/such"} {
		if got, err := etal.ParseOutput(s); err == nil {
			t.Errorf("--out %q was read as %+v", s, got)
		}
	}
	for _, s := range []string{"", ":/p", "x", dir + "/nothing:/p", dir, dir + ":p"} {
		if got, err := etal.ParseInput(s); err == nil {
			t.Errorf("--in %q was read as %+v", s, got)
		}
	}
}

func TestNumber(t *testing.T) {
	for s, want := range map[string]string{
		"0": "0", "1": "1", "0.5": "0.5", "0.0000001": "<0.000001", "1.0000001": "1", "0.123456789": "0.123456", "12.500000001": "12.5",
	} {
		if got := etal.Number(amount(s)); got != want {
			t.Errorf("%s is written %q, want %q", s, got, want)
		}
	}
}

// Names come from strangers: none may move the cursor or forge a line.
func TestStrangersNamesAreTamed(t *testing.T) {
	if got := etal.PlainCell("a\x1b[2Jb\nc\u009bd\x7f"); strings.ContainsAny(got, "\x1b\n\u009b\x7f") || got != "a?[2Jb?c?d?" {
		t.Errorf("%q", got)
	}
	b := newBench(t)
	for _, args := range [][]string{{"bill"}, {"bill", "-o", "csv"}} {
		if code, out, _ := b.run(args...); code != 0 || strings.Contains(out, "\x1b") {
			t.Errorf("%q: code %d: %q", args, code, out)
		}
	}
}

func TestProviderFile(t *testing.T) {
	dir := t.TempDir()
	half := market.Resources{MilliCPU: 1000, Memory: 1 << 30, Disk: 1 << 30}
	if p, err := etal.Provide(dir, half); p != nil || err != nil {
		t.Errorf("without a file: %+v, %v", p, err)
	}
	write := func(s string) {
		if err := os.WriteFile(filepath.Join(dir, "provider.toml"), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("region = \"fr\"\ncpus = \"2.5\"\ncredit = \"0s\"\n[price]\ncore = \"0.5\"\n")
	p, err := etal.Provide(dir, half)
	if err != nil || p.Region != "fr" || p.Resources.MilliCPU != 2500 || p.Resources.Memory != 1<<30 || p.Price.Core != amount("0.5") || p.Price.Memory.IsZero() || p.Credit >= 0 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, s := range []string{
		"nonsense = 1", "cpus = \"0\"", "cpus = 2", "memory = \"lots\"", "region = \"In The North\"", "max_term = \"1s\"",
		"[price]\ncore = \"-1\"", "[price]\ncore = \"99999999\"", "=", strings.Repeat("#", 70<<10),
	} {
		write(s)
		if p, err := etal.Provide(dir, half); err == nil {
			t.Errorf("%.40q was read as %+v", s, p)
		}
	}
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	put := func(path, text string) {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("new/a", "new")
	put("new/d/b", "new")
	put("old/a", "old")
	put("old/d/c", "old")
	if err := etal.Merge(filepath.Join(dir, "new"), filepath.Join(dir, "old")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a": "new", "d/b": "new", "d/c": "old"} {
		if b, err := os.ReadFile(filepath.Join(dir, "old", path)); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
	put("file", "x")
	put("folder/x", "x")
	for _, c := range [][2]string{{"file", "folder"}, {"folder", "file"}} {
		if err := etal.Merge(filepath.Join(dir, c[0]), filepath.Join(dir, c[1])); err == nil {
			t.Errorf("%s replaced %s", c[0], c[1])
		}
	}
}
