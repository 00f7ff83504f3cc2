package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// logger is the name etal-log: the shim's logging program. The shim hands it
// the job's stdout and stderr as files 3 and 4, and waits until it closes file
// 5. Its arguments are "dir DIR limit BYTES", pairs in any order.
func logger(args []string) int {
	dir, limit := "", int64(0)
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "dir":
			dir = args[i+1]
		case "limit":
			limit, _ = strconv.ParseInt(args[i+1], 10, 64)
		}
	}
	if dir == "" {
		fmt.Fprintln(os.Stderr, "etal-log: no dir")
		return 2
	}
	if err := logAll(dir, limit); err != nil {
		fmt.Fprintln(os.Stderr, "etal-log:", err)
		return 1
	}
	return 0
}

// drainTime is how long a logger that was told to end still reads: the job is
// dead by then, and what it wrote is in the pipe already.
const drainTime = 2 * time.Second

func logAll(dir string, limit int64) error {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	s, err := openSegments(dir, limit)
	if err != nil {
		return err
	}
	// Non-blocking files, so that a deadline can end a read.
	var pipes [2]*os.File
	for i := range pipes {
		fd := 3 + i
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
		pipes[i] = os.NewFile(uintptr(fd), "output")
		defer pipes[i].Close()
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, unix.SIGTERM, unix.SIGINT)
	defer signal.Stop(term)
	if err := os.NewFile(5, "ready").Close(); err != nil {
		return err
	}

	var wg sync.WaitGroup
	for i, p := range pipes {
		wg.Go(func() {
			buf := make([]byte, maxRecord)
			for {
				n, err := p.Read(buf)
				if n > 0 {
					s.append(byte(i+1), time.Now(), buf[:n])
				}
				if err != nil {
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-term:
		for _, p := range pipes {
			err = errors.Join(err, p.SetReadDeadline(time.Now().Add(drainTime)))
		}
		<-done
	}
	return errors.Join(err, s.finish())
}
