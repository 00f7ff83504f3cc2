//go:build linux

package containerd_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"testing"

	"github.com/etal-cloud/etal/runtime"
)

const passwd = "root:x:0:0:root:/root:/bin/sh\nann:x:1001:1002::/home/ann:/bin/sh\n"

// TestImageOfSeveralOwners unpacks what every Debian image has: files of other
// owners than the one uid that is mapped, set-uid bits, links, devices, deleted
// files of a lower layer, extended attributes.
func TestImageOfSeveralOwners(t *testing.T) {
	e := launch(t, t.TempDir())
	lower := files(
		entry{tar.Header{Name: "etc/", Mode: 0o755, Typeflag: tar.TypeDir}, ""},
		entry{tar.Header{Name: "etc/shadow", Mode: 0o640, Gid: 42, Typeflag: tar.TypeReg}, "root:*\n"},
		entry{tar.Header{Name: "etc/gone", Mode: 0o644, Uid: 7, Typeflag: tar.TypeReg}, "x"},
		entry{tar.Header{Name: "bin/su", Mode: 0o4755, Uid: 1000, Gid: 1000, Typeflag: tar.TypeReg}, "x"},
		entry{tar.Header{Name: "var/mail", Mode: 0o2775 | 0o1000, Gid: 8, Typeflag: tar.TypeDir}, ""},
		entry{tar.Header{Name: "etc/link", Linkname: "shadow", Typeflag: tar.TypeSymlink, Uid: 33, Gid: 33}, ""},
		entry{tar.Header{Name: "etc/hard", Linkname: "etc/shadow", Mode: 0o640, Typeflag: tar.TypeLink}, ""},
		entry{tar.Header{Name: "dev/disk", Mode: 0o600, Typeflag: tar.TypeBlock, Devmajor: 8}, ""},
		entry{tar.Header{Name: "dev/fifo", Mode: 0o600, Typeflag: tar.TypeFifo}, ""},
		entry{tar.Header{
			Name: "bin/ping", Mode: 0o755, Typeflag: tar.TypeReg, Format: tar.FormatPAX,
			PAXRecords: map[string]string{"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
		}, "x"},
	)
	upper := files(
		entry{tar.Header{Name: "etc/.wh.gone", Typeflag: tar.TypeReg}, ""},
		entry{tar.Header{Name: "etc/new", Mode: 0o600, Uid: 4_000_000_000, Typeflag: tar.TypeReg, Format: tar.FormatPAX}, "y"},
	)
	i := packAs(t, abuse, "", lower, upper)
	st, out := run(t, e, i, spec(i, "owners", "owner", "/etc/shadow", "/etc/gone", "/etc/link", "/etc/hard", "/etc/new", "/bin/ping", "/var/mail"))
	const want = "0 0 -rw-r-----\nnone\n0 0 Lrwxrwxrwx\n0 0 -rw-r-----\n0 0 -rw-------\n0 0 -rwxr-xr-x\n0 0 dgtrwxrwxr-x\n"
	if st.Code != 0 || out != want {
		t.Errorf("code %d, inside there is\n%swant\n%s", st.Code, out, want)
	}
}

// TestImageUser runs images that say as whom.
func TestImageUser(t *testing.T) {
	e := launch(t, t.TempDir())
	accounts := files(
		entry{tar.Header{Name: "etc/passwd", Mode: 0o644, Typeflag: tar.TypeReg}, passwd},
		entry{tar.Header{Name: "etc/group", Mode: 0o644, Typeflag: tar.TypeReg}, "staff:x:50:bob,ann\nother:x:51:\n"},
	)
	for n, c := range []struct{ user, want string }{
		{"", "0 0 [] /root\n"},
		{"root", "0 0 [] /root\n"},
		{"ann", "1001 1002 [50] /home/ann\n"},
		{"1001", "1001 1002 [50] /home/ann\n"},
		{"ann:other", "1001 51 [] /home/ann\n"},
		{"ann:77", "1001 77 [] /home/ann\n"},
		{"5000:6000", "5000 6000 [] /\n"},
		{"65534", "65534 0 [] /\n"},
	} {
		i := packAs(t, abuse, c.user, accounts)
		if st, out := run(t, e, i, spec(i, fmt.Sprintf("user-%d", n), "who")); st.Code != 0 || out != c.want {
			t.Errorf("as %q: code %d, %q, want %q", c.user, st.Code, out, c.want)
		}
	}
	for n, user := range []string{"nobody-of-that-name", "ann:nogroup", "-1", "99999999999"} {
		i := packAs(t, abuse, user, accounts)
		send(t, e, i)
		if err := e.Create(t.Context(), spec(i, fmt.Sprintf("bad-%d", n), "who")); !errors.Is(err, runtime.ErrImage) {
			t.Errorf("as %q: %v, want ErrImage", user, err)
		}
	}
}

// TestImageTraps unpacks layers that try to write outside.
func TestImageTraps(t *testing.T) {
	e := launch(t, t.TempDir())
	for n, layer := range []entry{
		{tar.Header{Name: "../../../../../../tmp/etal-escaped", Mode: 0o644, Typeflag: tar.TypeReg}, "x"},
		{tar.Header{Name: "/tmp/../../etal-escaped", Mode: 0o644, Typeflag: tar.TypeReg}, "x"},
	} {
		i := packAs(t, testjob, "", files(
			entry{tar.Header{Name: "up", Linkname: "/tmp", Typeflag: tar.TypeSymlink}, ""},
			entry{tar.Header{Name: "up/etal-escaped", Mode: 0o644, Typeflag: tar.TypeReg}, "x"},
			layer))
		send(t, e, i)
		err := e.Create(t.Context(), spec(i, fmt.Sprintf("trap-%d", n), "exit", "0"))
		if err != nil && !errors.Is(err, runtime.ErrImage) {
			t.Error(err)
		}
		for _, p := range []string{"/tmp/etal-escaped", "/etal-escaped"} {
			if exists(p) {
				t.Errorf("%s was written", p)
			}
		}
	}
}
