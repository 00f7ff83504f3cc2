//go:build !unix

package image

// nonblock is not needed where a folder holds no named pipes.
const nonblock = 0
