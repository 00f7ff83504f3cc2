package main_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	etal "github.com/etal-cloud/etal/cmd/etal"
)

// checked looks for goroutines that the tests left.
type checked struct{ *testing.M }

func (c checked) Run() int {
	code := c.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// The test binary is also the program that the scripts run.
func TestMain(m *testing.M) {
	testscript.Main(checked{m}, map[string]func(){"etal": etal.Main})
}
