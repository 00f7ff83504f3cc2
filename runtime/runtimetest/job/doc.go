// Package job is the program that engines are tested with. It is a library, so
// that the fake engine interprets the same commands that the static program
// runtime/runtimetest/testjob runs inside a real one.
//
// Process is what a job sees of the world: arguments, environment, output,
// files, signals and sleep.
//
// Commands follow each other on the command line, with ";" as a word of its
// own between them: "print ready ; sleep 1s ; exit 7". The first one that ends
// with another code than 0 ends the job.
package job
