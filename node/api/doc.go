// Package api is a node's local interface: HTTP and JSON over a unix socket,
// described by an OpenAPI 3.1 document, and a Client for it. Everything that the
// command line does goes through it.
//
// Backend is what the interface shows: *node.Node has its methods, and a test
// has a double of them.
//
// Serve answers requests on a Socket until its context ends. There is no TCP:
// who may open the socket is decided by the kernel, which names the user behind
// each connection. Only the user that runs the node, and root, are let in.
//
// Socket is a file in the node's data folder. A system allows about a hundred
// bytes for its path, so a node with a longer one listens in a short folder of
// its user; SocketPath tells both sides where.
//
// Client has the methods of Backend. An error of the node crosses the socket as
// a Problem, {code, text, detail}, and comes back as the same sentinel of
// package node, to be matched with errors.Is.
//
// Event is one message of a stream (job changes, log records), sent as a
// server-sent event. A stream that fails after its first event ends with an
// event named error, whose data is a Problem.
package api
