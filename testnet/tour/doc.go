// Package tour shows the whole trade in a minute: `etal demo` is made of it.
//
// Tour is one run: a network of separate processes is started, a picture is
// rendered on it, one provider dies halfway, the money is settled, and
// everything is ended again.
//
// Scene is what is rendered, and how large. Tile is a third of its picture: one
// job, on one provider after another where they are lost.
//
// Program is the renderer (testnet/jobs/render) packed as an OCI image. Built
// with the tag "engine" this package carries it, as the build packs it;
// otherwise the archive is looked for beside the executable.
//
// Strike is the death of the provider that is first halfway through a tile which
// others can still take: its node and its engine end at once, as if its machine
// had lost power. It is started again later, as a provider that comes back.
//
// Report is the outcome, for programs.
//
// Leftover is the folder of a tour that was itself killed, so that its network
// could not be ended. The next tour of the same user ends it.
package tour
