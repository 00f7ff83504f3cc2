// The abuse program does inside a job what a job must not be able to do, or
// tells what it sees. The tests of runtime/containerd pack it as an image.
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(args []string) error {
	arg := func(n int) string {
		if n < len(args) {
			return args[n]
		}
		return ""
	}
	size, _ := strconv.Atoi(arg(len(args) - 1))
	switch arg(0) {
	case "eat": // eat BYTES: touches memory, says ready, waits
		var all [][]byte
		for eaten := 0; eaten < size; eaten += 1 << 20 {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
			time.Sleep(time.Millisecond)
		}
		fmt.Println("ready")
		time.Sleep(time.Hour)
		runtime.KeepAlive(all)
	case "fill", "trickle": // fill FILE BYTES: writes and says how far it came; trickle takes its time
		f, err := os.Create(arg(1))
		if err != nil {
			return err
		}
		b := make([]byte, 1<<20)
		wrote := 0
		for err = nil; err == nil && wrote < size; {
			var n int
			n, err = f.Write(b)
			wrote += n
			if arg(0) == "trickle" {
				time.Sleep(10 * time.Millisecond)
			}
		}
		fmt.Println(wrote)
		return err
	case "forks": // forks NUMBER: processes that wait, and what stopped it
		n := 0
		var err error
		for err = nil; err == nil && n < size; n++ {
			_, err = os.StartProcess("/proc/self/exe", []string{"abuse", "wait"}, &os.ProcAttr{})
		}
		fmt.Println("ready", n, err)
		time.Sleep(time.Hour)
	case "wait":
		time.Sleep(time.Hour)
	case "dial": // dial ADDRESS
		c, err := net.DialTimeout("tcp", arg(1), 5*time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	case "interfaces":
		is, err := net.Interfaces()
		for _, i := range is {
			fmt.Println(i.Name)
		}
		return err
	case "memory": // total memory in kB as the job sees it
		raw, err := os.ReadFile("/proc/meminfo")
		if err != nil {
			return err
		}
		fmt.Println(strings.Fields(string(raw))[1])
	case "cpus":
		fmt.Println(runtime.NumCPU())
	case "who":
		groups, err := os.Getgroups()
		if err != nil {
			return err
		}
		fmt.Println(os.Getuid(), os.Getgid(), groups, os.Getenv("HOME"))
	case "owner": // owner FILE …: uid, gid and mode, or that it is not there
		for _, name := range args[1:] {
			info, err := os.Lstat(name)
			if err != nil {
				fmt.Println("none")
				continue
			}
			st := info.Sys().(*syscall.Stat_t)
			fmt.Println(st.Uid, st.Gid, info.Mode())
		}
	case "device": // device: makes one
		return syscall.Mknod("/disk", syscall.S_IFBLK|0o600, 8<<8)
	case "mount":
		return syscall.Mount("/proc", "/mnt", "", syscall.MS_BIND, "")
	}
	return nil
}
