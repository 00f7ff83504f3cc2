// Command etal-engine is etal's own container engine in one static file:
// containerd, its runc shim and gVisor's runsc, and the few things of ours that
// make them work together for an ordinary user.
//
// Name: what the file does depends on the base name it was started as (names.go).
// The names are hard links to one file, because the shim finds its own program
// through /proc/self/exe, which a symbolic link does not survive.
//
// Root: the folder that holds everything of one engine. Inside the engine's
// mount namespace it is bound to /run/etal, so that no path inside is long,
// however long the root's own is. A root has one engine at a time; engine.lock
// is locked as long as it lives, and engine.json says how to end it.
//
// House: the namespaces in which an engine and all of its jobs live: user (one
// uid mapped, for root too), mount, network (nothing but its own loopback), IPC
// and, where /proc can be mounted, pid. The first process of the house is the
// keeper. With a pid namespace the keeper's death ends all that is inside;
// without one, whoever cleans up finds the rest by the user namespace.
//
// Keeper: the process that runs containerd, starts it again when it dies (jobs
// go on meanwhile), reaps orphans, watches the memory of the jobs, and ends
// everything at SIGTERM. It survives the death of the process that launched it.
//
// Launcher: what `etal-engine serve --root DIR` starts as. It makes the house,
// waits until containerd answers, writes engine.json, and ends with 0. When it
// cannot, it prints one sentence and ends with 1, or with 3 where this machine
// refuses what is needed.
//
// Runtime: the name etal-runsc, which the shim calls in place of runc. It adds
// our flags to runsc and writes down when a job started, paused and resumed.
//
// Logger: the name etal-log, which the shim starts for each job and hands the
// reading ends of its output. It keeps a bounded log and never makes a job wait.
//
// Job folder: ROOT/jobs/ID, made by the client before anything of the job
// exists and removed by it after everything else is gone: job.json (limits, from
// the client), times (from the runtime), log/ (from the logger), seen (from the
// keeper: its time is when the sandbox was alive at last), oom (from the keeper,
// when it ended the job for its memory), over (when for its disk or its
// processes), exit.json (from the client).
package main
