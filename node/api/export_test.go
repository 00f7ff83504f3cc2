package api

// Allowed is the rule of who may speak to a node.
var Allowed = allowed

// ReadEvents reads a stream of events.
var ReadEvents = readEvents
