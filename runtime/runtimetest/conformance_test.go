package runtimetest_test

import (
	"testing"

	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/runtimetest"
)

// TestFakeConforms runs the suite that the real engine passes on the fake.
func TestFakeConforms(t *testing.T) {
	runtimetest.Conformance(t, runtimetest.Factory{
		Open: func(t *testing.T) (runtime.Engine, func() runtime.Engine) {
			f := runtimetest.NewFake(runtimetest.Config{})
			t.Cleanup(f.Shutdown)
			return f, func() runtime.Engine {
				if err := f.Close(); err != nil {
					t.Error(err)
				}
				f = f.Reopen()
				return f
			}
		},
	})
}
