package image

import (
	"archive/tar"
	"context"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/etal-cloud/etal/runtime"
)

// machines maps what a program's header says to GOARCH.
var machines = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm",
	elf.EM_RISCV: "riscv64", elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64",
}

// Binary packs a single static Linux program as an image of one layer that
// holds it as /bin/NAME and an empty /tmp. Its file name is part of the image,
// for programs that look at it; time, owner and mode are not. Everything else
// is refused with runtime.ErrImage and a sentence on what to do.
func Binary(ctx context.Context, path, arch string) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open program: %w", err)
	}
	fi, err := f.Stat()
	if err == nil {
		err = checkProgram(f, path, arch)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	name := programName(path)
	layer := func(w io.Writer) error { return programLayer(w, name, io.NewSectionReader(f, 0, fi.Size()), fi.Size()) }
	i, err := Pack(ctx, Config{OS: "linux", Arch: arch, Entrypoint: []string{"/bin/" + name}, Env: []string{DefaultPath}, WorkDir: "/"}, layer)
	if err != nil {
		f.Close()
		return nil, err
	}
	i.release = append(i.release, f.Close)
	return i, nil
}

// programName is the name that a program has inside its image.
func programName(path string) string {
	name := filepath.Base(path)
	ok := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._+-", r)
	}
	if len(name) > 64 || strings.Trim(name, ".") == "" || strings.ContainsFunc(name, func(r rune) bool { return !ok(r) }) {
		return "app"
	}
	return name
}

// programLayer writes the layer of a single program.
func programLayer(w io.Writer, name string, r io.Reader, size int64) error {
	t := tar.NewWriter(w)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "bin/", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "bin/" + name, Mode: 0o755, Size: size},
		{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777},
	} {
		h.ModTime = time.Unix(0, 0)
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := io.CopyN(t, r, size); err != nil {
				return fmt.Errorf("read program: %w", err)
			}
		}
	}
	return t.Close()
}

// checkProgram accepts static Linux programs for arch.
func checkProgram(r io.ReaderAt, path, arch string) error {
	refuse := func(why string, args ...any) error {
		return fmt.Errorf("%w: %s %s", runtime.ErrImage, path, fmt.Sprintf(why, args...))
	}
	f, err := elf.NewFile(r)
	if err != nil {
		return refuse("is no Linux program: %s", foreign(r))
	}
	defer f.Close()
	if f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return refuse("is an ELF file but no program (%s)", f.Type)
	}
	if got := machines[f.Machine]; got != arch {
		if got == "" {
			got = f.Machine.String()
		}
		return refuse("is a program for %s, and %s is needed; build it with GOARCH=%s, or a cross compiler", got, arch, arch)
	}
	libs, _ := f.ImportedLibraries()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			libs = append(libs, "a dynamic loader")
		}
	}
	if len(libs) > 0 {
		return refuse("is dynamically linked and would miss %s; link it statically: CGO_ENABLED=0 go build, or gcc -static", libs[len(libs)-1])
	}
	if f.Entry == 0 {
		return refuse("is a library, not a program")
	}
	return nil
}

// foreign says what a file that is no ELF file seems to be.
func foreign(r io.ReaderAt) string {
	head := make([]byte, 4)
	n, _ := r.ReadAt(head, 0)
	switch s := string(head[:n]); {
	case n == 0:
		return "it is empty"
	case strings.HasPrefix(s, "#!"):
		return "it is a script: put it into an image with its interpreter"
	case strings.HasPrefix(s, "MZ"):
		return "it is a Windows program: build it with GOOS=linux"
	case s == "\xcf\xfa\xed\xfe" || s == "\xca\xfe\xba\xbe":
		return "it is a macOS program: build it with GOOS=linux"
	}
	return "nor is it an image archive"
}
