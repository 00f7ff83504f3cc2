//go:build engine

package tour

import _ "embed"

// carried is the compressed program, made by the build beside this file.
//
//go:embed render.tar.gz
var carried []byte
