//go:build linux

package containerd_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
)

// ordinary is a user without any right.
const ordinary = 65534

// copyTo copies a program to where everybody can run it.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAsOrdinaryUser runs all other tests of the engine once more as a user who
// is not root, when this one is.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("all tests run as an ordinary user already")
	}
	binary := engineBinary(t)
	// Not t.TempDir, whose parent nobody else may enter.
	dir, err := os.MkdirTemp("", "etal-user-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		self: "tests", binary: "etal-engine", program(t, testjob): filepath.Base(testjob), program(t, abuse): filepath.Base(abuse),
	} {
		copyTo(t, from, filepath.Join(dir, to))
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{os.Chmod(dir, 0o755), os.Chown(home, ordinary, ordinary)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	run := "^(TestConformance|TestSandbox|TestImage.*|Test(Memory|Disk|Volume)Limit|TestFlood|Test.*Killed|TestNothingLeft|TestAdopt|TestLongPath|TestSideBySide)$"
	args := []string{"-test.run", run, "-test.timeout", "10m"}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	c := exec.Command(filepath.Join(dir, "tests"), args...)
	c.Dir = home
	c.Env = []string{"HOME=" + home, "TMPDIR=" + home, "PATH=" + os.Getenv("PATH"), "ETAL_ENGINE=" + filepath.Join(dir, "etal-engine"), "ETAL_PROGRAMS=" + dir}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinary, Gid: ordinary}, Pdeathsig: syscall.SIGKILL}
	out, err := c.CombinedOutput()
	if err != nil || testing.Verbose() {
		t.Logf("as uid %d:\n%s", ordinary, out)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestRefused asks for an engine where user namespaces are used up and this user
// is not root.
func TestRefused(t *testing.T) {
	binary := engineBinary(t)
	if err := containerd.Check(t.Context(), binary); err != nil {
		t.Skipf("this machine makes no namespace to take the right away in: %v", err)
	}
	// A namespace in which one more may be made, and in that one none.
	const script = `echo 1 > /proc/sys/user/max_user_namespaces && exec unshare -U --map-user=1000 "$0" -test.run '^TestRefusedHere$' -test.v`
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", "-c", script, self)
	c.Env = append(os.Environ(), "ETAL_ENGINE="+binary, "ETAL_TEST_REFUSED=1")
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestRefusedHere") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestRefusedHere is the other half of TestRefused.
func TestRefusedHere(t *testing.T) {
	if os.Getenv("ETAL_TEST_REFUSED") == "" {
		t.Skip("run by TestRefused")
	}
	root := t.TempDir()
	for what, err := range map[string]error{
		"Check": containerd.Check(context.Background(), ""),
		"Launch": func() error {
			_, err := containerd.Launch(context.Background(), containerd.Config{Root: root})
			return err
		}(),
	} {
		if !errors.Is(err, runtime.ErrUnsupported) || !strings.Contains(err.Error(), "sysctl") || !strings.Contains(err.Error(), "root") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want ErrUnsupported and the way out in one sentence", what, err)
		}
	}
	if containerd.Alive(root) {
		t.Error("an engine runs nevertheless")
	}
	if err := containerd.Kill(context.Background(), root); err != nil {
		t.Error(err)
	}
}
