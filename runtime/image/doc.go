// Package image turns what a renter has into an image ready to be sent, and
// checks what a stranger calls one.
//
// Image is a manifest, a configuration and layers, each a runtime.Blob. Open
// makes one from an OCI or docker archive, an OCI layout folder, a root
// filesystem folder, a single static Linux program or a registry's reference.
// What etal packs itself is deterministic: the same program or folder always
// gives the same digest, whoever packs it and when.
//
// Blob content is streamed, never held in memory, and checked against its
// digest and its size while it is read: a tampered layer ends with
// runtime.ErrDigest at the latest at its last byte.
//
// Manifest and Config are the checked forms of an image's two documents.
// ParseManifest and ParseConfig bound everything in them; a renter uses them
// before sending and an engine before unpacking.
//
// Archive writes a folder of files as a tar stream, Extract reads one that a
// stranger wrote: a job's inputs and outputs travel this way. Limits bound what
// Extract accepts. Links, devices and every name that would leave the folder
// are refused.
package image
