package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/runtime/image"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program returns the bytes of an ELF file that begins like a program. With
// interp it asks for a dynamic loader.
func program(t testing.TB, kind elf.Type, machine elf.Machine, interp bool) []byte {
	t.Helper()
	h := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(kind), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Entry: 0x401000,
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	p := elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_X | elf.PF_R), Off: 0, Filesz: 120, Memsz: 120}
	if interp {
		p = elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 120, Filesz: 8, Memsz: 8}
	}
	var b bytes.Buffer
	for _, v := range []any{h, p} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString("/lib/ld\x00")
	return b.Bytes()
}

// file writes a file into a folder of the test and returns its path.
func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// entry is one file of an archive that a test makes.
type entry struct {
	name string
	data string
	kind byte // 0 is a file
	link string
}

// archiveOf makes a tar archive.
func archiveOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Mode: 0o755, Size: int64(len(e.data))}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// contents reads every blob of an image.
func contents(t testing.TB, i *image.Image) map[string][]byte {
	t.Helper()
	m := make(map[string][]byte)
	for _, b := range i.Blobs() {
		r, err := i.Open(context.Background(), b.Digest)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("read %s: %v", b.Digest, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if int64(len(data)) != b.Size {
			t.Errorf("%s has %d bytes, and is said to have %d", b.Digest, len(data), b.Size)
		}
		m[b.Digest] = data
	}
	return m
}

// open opens an image that ends with the test.
func open(t testing.TB, ref string, o image.Options) *image.Image {
	t.Helper()
	i, err := image.Open(context.Background(), ref, o)
	if err != nil {
		t.Fatalf("Open(%s): %v", ref, err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return i
}
