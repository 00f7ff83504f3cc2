// Command summary reads what `go test -json` says and tells a person about it: a
// line for each package as it ends, what a failed test wrote, and at the end the
// count and every test that was skipped, with its reason.
//
//	go test -json ./... | go run ./.ci/summary -log bin/test.log
//
// Everything that the tests wrote goes to the log. A skip is explained when the
// file given with -skips lists it; with -strict any other skip is a failure. It
// ends with 0 when all passed, else with 1.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	log := flag.String("log", "", "file for everything that the tests wrote")
	skips := flag.String("skips", "", "file that lists the skips which are in order")
	strict := flag.Bool("strict", false, "fail on a skip that is not in the list")
	flag.Parse()
	if err := run(*log, *skips, *strict); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
}

func run(log, skips string, strict bool) error {
	allowed, err := readSkips(skips)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	s := NewSummary(os.Stdout, f)
	if err := s.Read(os.Stdin); err != nil {
		return err
	}
	return s.Finish(allowed, strict)
}
