package keys_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/etal-cloud/etal/chain/keys"
)

func TestLoadOrMake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phrase")
	if _, err := keys.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no file: %v", err)
	}
	p, made, err := keys.LoadOrMake(path, rand.Reader)
	if err != nil || !made {
		t.Fatalf("first: made %v, %v", made, err)
	}
	q, made, err := keys.LoadOrMake(path, rand.Reader)
	if err != nil || made || p != q {
		t.Fatalf("second: made %v, same %v, %v", made, p == q, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if err := keys.Save(path, p); !errors.Is(err, keys.ErrExists) {
		t.Errorf("a phrase was overwritten: %v", err)
	}
	onlyFile(t, path)
}

// onlyFile fails when something but path is in its folder, such as a temporary
// file with the words in it.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(all) != 1 || all[0].Name() != filepath.Base(path) {
		t.Errorf("left in the folder: %v, %v", all, err)
	}
}

func TestLoadOrMakeAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phrase")
	var wg sync.WaitGroup
	got := make([]keys.Phrase, 8)
	made := make([]bool, len(got))
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], made[i], err = keys.LoadOrMake(path, rand.Reader); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	makers := 0
	for i := range got {
		if got[i] != got[0] {
			t.Fatal("two callers hold different phrases")
		}
		if made[i] {
			makers++
		}
	}
	if makers != 1 {
		t.Errorf("%d callers made the phrase", makers)
	}
	onlyFile(t, path)
}

func TestBrokenFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phrase")
	eleven := strings.TrimSuffix(junk, " junk")
	for _, c := range []struct {
		in   string
		want error
	}{
		{"", keys.ErrTruncated},
		{"test te", keys.ErrTruncated},
		{eleven, keys.ErrTruncated},
		{eleven + " jun", keys.ErrTruncated},
		{eleven + "\n", keys.ErrWordCount},
		{eleven + " test\n", keys.ErrChecksum},
		{eleven + " jnuk\n", keys.ErrWord},
		{strings.Repeat("x", 10_000), keys.ErrWordCount},
	} {
		if err := os.WriteFile(path, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		p, made, err := keys.LoadOrMake(path, rand.Reader)
		if !errors.Is(err, c.want) || made || !p.IsZero() {
			t.Errorf("%.20q: %v, want %v", c.in, err, c.want)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != c.in {
			t.Errorf("%.20q: the broken file was changed", c.in)
		}
	}
}

func TestLoadHandWritten(t *testing.T) {
	// A person who types the words into a file may leave the newline out.
	path := filepath.Join(t.TempDir(), "phrase")
	if err := os.WriteFile(path, []byte(junk), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := keys.Load(path); err != nil || p.Reveal() != junk {
		t.Errorf("%v", err)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, s := range []string{"one", "two, longer"} {
		if err := keys.WriteFile(path, []byte(s)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != s {
			t.Fatalf("%q, %v", b, err)
		}
	}
	onlyFile(t, path)
	if err := keys.WriteFile(filepath.Join(path, "below-a-file"), nil); err == nil {
		t.Error("wrote below a file")
	}
}
