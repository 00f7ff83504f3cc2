package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFile bounds what is read as a phrase file: twelve words take under 110
// bytes.
const maxFile = 4096

// Load reads a phrase file. A missing file returns fs.ErrNotExist, one that
// ends too early ErrTruncated, anything else what ParsePhrase says.
func Load(path string) (Phrase, error) {
	f, err := os.Open(path)
	if err != nil {
		return Phrase{}, fmt.Errorf("keys: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Phrase{}, fmt.Errorf("keys: %w", err)
	}
	s := string(b)
	p, err := ParsePhrase(s)
	switch {
	case err == nil:
		return p, nil
	case !strings.HasSuffix(s, "\n") && len(strings.Fields(s)) <= Words && len(s) <= maxFile:
		// Save always ends with a newline, so a missing one means that the end is
		// gone, whatever else is wrong.
		return Phrase{}, fmt.Errorf("keys: %s: %w: %w", path, ErrTruncated, err)
	default:
		return Phrase{}, fmt.Errorf("keys: %s: %w", path, err)
	}
}

// Save writes a phrase file, readable by its owner only, and returns when it is
// on the disk. It never overwrites: ErrExists.
func Save(path string, p Phrase) error {
	if p.IsZero() {
		return fmt.Errorf("keys: save: %w, here are 0", ErrWordCount)
	}
	return write(path, []byte(p.words+"\n"), os.Link)
}

// LoadOrMake reads the phrase at path, or draws one from random and saves it
// when there is no file. made tells which. Anything else that is wrong with
// the file is an error: a phrase that cannot be read is never replaced. Two
// callers at once end up with the same phrase.
func LoadOrMake(path string, random io.Reader) (p Phrase, made bool, err error) {
	p, err = Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return p, false, err
	}
	if p, err = NewPhrase(random); err != nil {
		return Phrase{}, false, err
	}
	err = Save(path, p)
	if errors.Is(err, ErrExists) {
		p, err = Load(path)
		return p, false, err
	}
	if err != nil {
		return Phrase{}, false, err
	}
	return p, true, nil
}

// WriteFile replaces the file at path with data, mode 0600, atomically and
// durably: after a crash the file holds either all of the old or all of the
// new content.
func WriteFile(path string, data []byte) error {
	return write(path, data, os.Rename)
}

// write puts data into a temporary file beside path and moves it there with
// place, which is os.Link where an existing file must stay.
func write(path string, data []byte, place func(from, to string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keys: write %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = place(f.Name(), path)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keys: write %s: %w", path, ErrExists)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("keys: write %s: %w", path, err)
	}
	return nil
}
