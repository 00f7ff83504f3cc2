//go:build linux

package containerd_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"
)

// TestSandbox looks at the world from inside a job.
func TestSandbox(t *testing.T) {
	e := launch(t, t.TempDir())
	job, ab := pack(t, testjob), pack(t, abuse)

	t.Run("Kernel", func(t *testing.T) {
		_, out := run(t, e, job, spec(job, "kernel", "cat", "/proc/version"))
		mine, err := os.ReadFile("/proc/version")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out, "gvisor") || out == string(mine) {
			t.Errorf("the kernel inside is %q", out)
		}
	})
	t.Run("Network", func(t *testing.T) {
		l, err := net.Listen("tcp", "0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		addrs := []string{"127.0.0.1"}
		if all, err := net.InterfaceAddrs(); err == nil {
			for _, a := range all {
				if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
					addrs = append(addrs, n.IP.String())
				}
			}
		}
		for i, a := range addrs {
			at := net.JoinHostPort(a, strconv.Itoa(port))
			if c, err := net.Dial("tcp", at); err != nil {
				t.Fatalf("the listener at %s does not even answer here: %v", at, err)
			} else {
				c.Close()
			}
			if st, out := run(t, e, ab, spec(ab, fmt.Sprintf("dial-%d", i), "dial", at)); st.Code != 1 {
				t.Errorf("a job reached the host at %s: %q", at, out)
			}
		}
		if _, out := run(t, e, ab, spec(ab, "interfaces", "interfaces")); out != "lo\n" {
			t.Errorf("interfaces inside: %q, want lo alone", out)
		}
	})
	t.Run("Resources", func(t *testing.T) {
		s := spec(ab, "memory", "memory")
		if _, out := run(t, e, ab, s); strings.TrimSpace(out) != strconv.FormatInt(s.Resources.Memory>>10, 10) {
			t.Errorf("memory inside is %q kB, want the job's %d", out, s.Resources.Memory>>10)
		}
		s = spec(ab, "cpus", "cpus")
		s.Resources.MilliCPU = 500
		if _, out := run(t, e, ab, s); out != "1\n" && goruntime.NumCPU() > 1 {
			t.Errorf("%q CPUs inside, want 1 for half of one", out)
		}
	})
	t.Run("Files", func(t *testing.T) {
		// Neither this test's own program nor the engine's root is visible.
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{self, filepath.Join(e.Root(), "engine.json"), "/run/etal/engine.json", "/etc/hostname"} {
			if st, out := run(t, e, job, spec(job, fmt.Sprintf("file-%d", i), "cat", name)); st.Code != 1 {
				t.Errorf("a job read %s: %.100q", name, out)
			}
		}
		if st, out := run(t, e, job, spec(job, "root", "ls", "/")); st.Code != 0 || strings.Contains(out, ".gvisor") {
			t.Errorf("code %d, / inside: %q", st.Code, out)
		}
	})
	t.Run("Privileges", func(t *testing.T) {
		for _, what := range []string{"device", "mount"} {
			if st, _ := run(t, e, ab, spec(ab, what, what)); st.Code != 1 {
				t.Errorf("a job made a %s", what)
			}
		}
	})
}
