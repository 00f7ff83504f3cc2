//go:build linux && engine

package containerd

import _ "embed"

// carried is the compressed engine, made by the build beside this file.
//
//go:embed engine.gz
var carried []byte
