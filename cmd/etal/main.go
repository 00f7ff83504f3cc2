// Command etal buys and sells computing on a network of everyone's machines:
// containers run on other people's machines, paid by the second.
//
// Everything it shows comes from the local interface of a node (node/api). Each
// command is in the file of its name.
//
// Home is the folder that holds the networks a user has joined: each with its
// profile and the data of the user's own node there. `current` names the one in
// use.
//
// Talk is what is said to a person, on standard error; data goes to standard
// output, and nothing else does.
package main

import (
	"os"
	"time"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the command line over the process's own surroundings.
func run(args []string) int {
	a := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		getenv: os.Getenv, now: time.Now, launch: launchNode, serve: serveNode,
	}
	return a.main(args)
}
