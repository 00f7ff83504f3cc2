//go:build linux && !engine

package containerd

// carried is the compressed engine; without the build tag there is none.
var carried []byte
