package devchain_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/etal-cloud/etal/chain/devchain"
)

// childDir names, in the environment of a child process, the folder of the
// chain it shall run until it is killed.
const childDir = "ETAL_DEVCHAIN_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	goleak.VerifyTestMain(m,
		// Started once per process by the chain's library, for good.
		goleak.IgnoreAnyFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		// Ends by itself within half a minute of closing the database.
		goleak.IgnoreAnyFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
	)
}

// child runs the chain in dir and prints its URL once it is ready.
func child(dir string) int {
	c, err := devchain.New(devchain.Config{Dir: dir, ChainID: 4242, Period: 4 * time.Millisecond, FaucetEvery: -1})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		<-c.Ready()
		fmt.Println(c.RPC())
	}()
	if err := c.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
