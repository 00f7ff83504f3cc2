package marketpb

import (
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// check collects the first fault of a message. Its methods do nothing once one
// is found, so that a Validate reads as a list of rules.
type check struct {
	of  string
	err error
}

func (c *check) fail(field, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w %s: %s %s", ErrInvalid, c.of, field, fmt.Sprintf(format, args...))
	}
}

func (c *check) that(ok bool, field, format string, args ...any) {
	if !ok {
		c.fail(field, format, args...)
	}
}

// size demands exactly n bytes.
func (c *check) size(field string, b []byte, n int) {
	c.that(len(b) == n, field, "has %d bytes, want %d", len(b), n)
}

// optSize demands nothing or exactly n bytes.
func (c *check) optSize(field string, b []byte, n int) {
	c.that(len(b) == 0 || len(b) == n, field, "has %d bytes, want none or %d", len(b), n)
}

// between demands lo to hi bytes.
func (c *check) between(field string, b []byte, lo, hi int) {
	c.that(len(b) >= lo && len(b) <= hi, field, "has %d bytes, want %d to %d", len(b), lo, hi)
}

// integer demands a minimal big-endian integer of at most 16 bytes.
func (c *check) integer(field string, b []byte) {
	c.that(len(b) <= amountBytes, field, "has %d bytes, want at most %d", len(b), amountBytes)
	c.that(len(b) == 0 || b[0] != 0, field, "begins with a zero byte")
}

func (c *check) inRange(field string, v, lo, hi int64) {
	c.that(v >= lo && v <= hi, field, "is %d, want %d to %d", v, lo, hi)
}

func (c *check) count(field string, n, lo, hi int) {
	c.that(n >= lo && n <= hi, field, "has %d entries, want %d to %d", n, lo, hi)
}

// word demands lo to hi characters of a-z, 0-9 and hyphen.
func (c *check) word(field, s string, lo, hi int) {
	c.that(len(s) >= lo && len(s) <= hi, field, "has %d bytes, want %d to %d", len(s), lo, hi)
	for i := 0; i < len(s); i++ {
		if b := s[i]; b != '-' && (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			c.fail(field, "may hold a-z, 0-9 and - only")
			return
		}
	}
}

// text demands at most max bytes of printable UTF-8, so that nothing a stranger
// wrote moves the cursor of the terminal that shows it.
func (c *check) text(field, s string, hi int) {
	c.that(len(s) <= hi, field, "has %d bytes, want at most %d", len(s), hi)
	c.that(utf8.ValidString(s), field, "is not UTF-8")
	c.that(strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0, field, "has unprintable characters")
}

// argument demands at most max bytes of UTF-8 without NUL, as exec takes them.
func (c *check) argument(field, s string, hi int) {
	c.that(len(s) <= hi, field, "has %d bytes, want at most %d", len(s), hi)
	c.that(utf8.ValidString(s), field, "is not UTF-8")
	c.that(strings.IndexByte(s, 0) < 0, field, "has a NUL byte")
}

// absPath demands an absolute, clean path below the root.
func (c *check) absPath(field, s string) {
	c.argument(field, s, MaxPathBytes)
	c.that(len(s) > 1 && s[0] == '/' && path.Clean(s) == s, field, "must be an absolute, clean path")
}

// digest demands sha256: and 64 lower-case hex digits.
func (c *check) digest(field, s string) {
	h, ok := strings.CutPrefix(s, "sha256:")
	if ok && len(h) == 64 && strings.ToLower(h) == h {
		if _, err := hex.DecodeString(h); err == nil {
			return
		}
	}
	c.fail(field, "is not sha256: and 64 lower-case hex digits")
}

// part checks a message within this one; a missing one is at fault.
func (c *check) part(field string, m interface{ Validate() error }) {
	if c.err != nil {
		return
	}
	if err := m.Validate(); err != nil {
		c.err = fmt.Errorf("%s %s: %w", c.of, field, err)
	}
}

// missing is the fault of a required message that is not there.
func missing(of string) error { return fmt.Errorf("%w %s: missing", ErrInvalid, of) }

// unique reports whether no two of the keys are equal.
func unique[T any, K comparable](list []T, key func(T) K) bool {
	seen := make(map[K]struct{}, len(list))
	for _, v := range list {
		k := key(v)
		if _, dup := seen[k]; dup {
			return false
		}
		seen[k] = struct{}{}
	}
	return true
}
