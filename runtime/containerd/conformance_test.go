//go:build linux

package containerd_test

import (
	"testing"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/containerd"
	"github.com/etal-cloud/etal/runtime/runtimetest"
)

func TestConformance(t *testing.T) {
	runtimetest.Conformance(t, runtimetest.Factory{
		Program: program(t, testjob),
		Open: func(t *testing.T) (runtime.Engine, func() runtime.Engine) {
			root := t.TempDir()
			e := launch(t, root)
			return e, func() runtime.Engine {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
				next, err := containerd.Launch(t.Context(), containerd.Config{Root: root, Binary: engineBinary(t)})
				if err != nil {
					t.Fatal(err)
				}
				e = next
				t.Cleanup(func() { next.Close() })
				return next
			}
		},
	})
}
