package api_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/etal-cloud/etal/node/api"
)

// The kernel names the user behind a connection: another one is shut out even
// where the file would let it in.
func TestAnotherUserIsShutOut(t *testing.T) {
	if path := os.Getenv("ETAL_TEST_SOCKET"); path != "" { // the other user
		c := api.NewClient(path)
		defer c.Close()
		_, err := c.Status(t.Context())
		if err == nil {
			t.Error("the node answered another user")
		} else if strings.Contains(err.Error(), "belongs to another user") {
			t.Errorf("shut out by the file, not by the kernel's word: %v", err)
		}
		return
	}
	if os.Getuid() != 0 {
		t.Skip("only root can be two users")
	}
	dir, err := os.MkdirTemp("/tmp", "etal-api-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	_, path := serve(t, &double{}, nil)
	for d := filepath.Dir(path); d != "/" && d != "/tmp"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "test") // where the other user can run it
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, self, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run", "^TestAnotherUserIsShutOut$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ETAL_TEST_SOCKET="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// What a client may be told of a node that it cannot open.
func TestSomebodyElsesSocket(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root opens every socket")
	}
	_, path := serve(t, &double{}, nil)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	c := api.NewClient(path)
	defer c.Close()
	if _, err := c.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "another user") {
		t.Errorf("got %v", err)
	}
}
