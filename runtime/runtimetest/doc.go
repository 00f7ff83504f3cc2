// Package runtimetest tests engines, and replaces one where a test needs none.
//
// Conformance is the suite that every runtime.Engine passes alike: the fake in
// this package and the real one in runtime/containerd. Factory says how the
// suite gets an engine. Each case runs the same Spec of the same image: the
// static program runtime/runtimetest/testjob, which the suite builds.
//
// Fake is an engine that runs nothing. Its jobs are Go functions, a Program
// each; by default they interpret the commands of runtimetest/job. It keeps
// blobs, states, clocks and logs the way a real engine does, and fails on
// demand: unreachable, a start that errors, a shim that is lost.
//
// Process is what a Program sees: its command line, its output, its files, the
// signals sent to it, and a Sleep that a pause really stops.
//
// Clock is the time of a Fake. ManualClock stands still until it is advanced.
package runtimetest
