// Package containerd runs allocations on containerd: on etal's own engine, the
// one file that runtime/engine builds, which sandboxes every job in gVisor and
// needs no root.
//
// Root is the folder that holds everything of one engine: images, snapshots,
// logs, what is known of each job. A root has one engine at a time, and several
// roots can be used side by side on one machine. The engine lives in namespaces
// of its own and outlives the process that launched it.
//
// Launch adopts the running engine of a root, or starts one. Close lets go of
// it, Shutdown ends it with everything in it, and Kill ends what was left behind
// by a process that is gone.
//
// Binary is the engine's file. Built with the tag "engine", this package carries
// it compressed and unpacks it on first use into a folder named by its hash;
// otherwise it is looked for.
//
// Job folder is ROOT/jobs/ID, shared by this package and the engine. It is made
// before anything else of an allocation and removed after everything else, so
// that whatever is interrupted can be done again. runtime/engine's doc.go says
// what lies in it, and its segment.go how a log is written.
//
// Times are the moments at which a job started, paused and resumed. The engine
// writes them where they happen, so that Ran counts neither a pause nor an hour
// in which this package was not there to look.
//
// Lost is an allocation that ran, has no shim any more and left no exit code: its
// shim was killed, or its engine. It is billed to the moment at which the engine
// saw its sandbox alive at last.
package containerd
