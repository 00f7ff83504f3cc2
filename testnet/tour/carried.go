//go:build !engine

package tour

// carried is the compressed program; without the build tag there is none.
var carried []byte
