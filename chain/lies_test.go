package chain_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/chain/chaintest"
)

// lies are answers that no honest server gives, each to one method.
var lies = map[string]struct {
	method string
	verdict
}{
	"no JSON":                {"eth_getBlockByNumber", verdict{body: "<html>hello</html>"}},
	"another JSON":           {"eth_getBlockByNumber", verdict{body: `{"a":[1,2,{}]}`}},
	"nothing":                {"eth_getBlockByNumber", verdict{body: " "}},
	"deep JSON":              {"eth_getBlockByNumber", verdict{body: strings.Repeat("[", 100_000)}},
	"no block":               {"eth_getBlockByNumber", verdict{result: "null"}},
	"a word for a block":     {"eth_getBlockByNumber", verdict{result: `"latest"`}},
	"an empty block":         {"eth_getBlockByNumber", verdict{result: "{}"}},
	"a block without a hash": {"eth_getBlockByNumber", verdict{change: cut(`"hash":`)}},
	"a giant block number":   {"eth_getBlockByNumber", verdict{change: swap(`"number":"0x`, `"number":"0xffffffff`)}},
	"an overflowing number":  {"eth_getBlockByNumber", verdict{change: swap(`"number":"0x`, `"number":"0xffffffffffffffffff`)}},
	"a negative fee":         {"eth_getBlockByNumber", verdict{change: swap(`"baseFeePerGas":"0x`, `"baseFeePerGas":"-0x`)}},
	"no events":              {"eth_getLogs", verdict{result: "null"}},
	"no event":               {"eth_getLogs", verdict{result: "[null]"}},
	"events of nobody":       {"eth_getLogs", verdict{change: swap(`"address":"0x`, `"address":"0x00`)}},
	"another contract":       {"eth_getLogs", verdict{change: swapAll(`"address":"0x`, 40)}},
	"another block's events": {"eth_getLogs", verdict{change: swapAll(`"blockHash":"0x`, 64)}},
	"a removed event":        {"eth_getLogs", verdict{change: swap(`"removed":false`, `"removed":true`)}},
	"an event twice":         {"eth_getLogs", verdict{change: func(s string) string { return "[" + s[1:len(s)-1] + "," + s[1:] }}},
	"an event without data":  {"eth_getLogs", verdict{change: emptyData}},
	"a wrong amount of data": {"eth_getLogs", verdict{change: swap(`"data":"0x`, `"data":"0x00`)}},
	"a topic too few":        {"eth_getLogs", verdict{change: dropTopic}},
	"a giant amount":         {"eth_getLogs", verdict{change: giant}},
	"another chain":          {"eth_chainId", verdict{result: `"0x1"`}},
	"no chain":               {"eth_chainId", verdict{result: "null"}},
	"no contract":            {"eth_getCode", verdict{result: `"0x"`}},
	"a word for a balance":   {"eth_getBalance", verdict{result: `"much"`}},
	"no balance":             {"eth_getBalance", verdict{result: "null"}},
	"a short token balance":  {"eth_call", verdict{result: `"0x01"`}},
	"a refused read":         {"eth_call", verdict{fault: `{"code":3,"message":"no","data":17}`}},
	"a fault of its own":     {"eth_call", verdict{fault: `"no"`}},
}

func swap(old, repl string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, repl, 1) }
}

func cut(key string) func(string) string { return swap(key, `"no`+key[1:]) }

// swapAll replaces the n digits after each occurrence of a key with zeros.
func swapAll(key string, n int) func(string) string {
	return func(s string) string {
		parts := strings.Split(s, key)
		for i := 1; i < len(parts); i++ {
			parts[i] = strings.Repeat("0", n) + parts[i][n:]
		}
		return strings.Join(parts, key)
	}
}

// events decodes a list of events, lets f change each, and encodes it.
func events(s string, f func(map[string]any)) string {
	var all []map[string]any
	if err := json.Unmarshal([]byte(s), &all); err != nil {
		return s
	}
	for _, e := range all {
		f(e)
	}
	b, err := json.Marshal(all)
	if err != nil {
		return s
	}
	return string(b)
}

func emptyData(s string) string { return events(s, func(e map[string]any) { e["data"] = "0x" }) }

func dropTopic(s string) string {
	return events(s, func(e map[string]any) {
		topics := e["topics"].([]any)
		e["topics"] = topics[:len(topics)-1]
	})
}

func giant(s string) string {
	return events(s, func(e map[string]any) {
		// A deposit can be any amount; a channel cannot.
		if data := e["data"].(string); len(data) > 2+64 {
			e["data"] = data[:len(data)-64] + strings.Repeat("f", 64)
		}
	})
}

// TestLies asks a lying server first. It is found out, and with an honest server
// beside it everything is right.
func TestLies(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	first, stop := start(t, config(c, key))
	d := newDeal(t, c, key, c.Account(t))
	rec, err := first.Deposit("d", units(10))
	wait(t, first, rec, err)
	rec, err = first.OpenChannel(d.terms, units(4))
	wait(t, first, rec, err)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, c.RPC())
			told := new(atomic.Bool)
			p.set(func(method string, _ json.RawMessage) verdict {
				if method == lie.method {
					told.Store(true)
					return lie.verdict
				}
				return verdict{}
			})
			cfg := config(c, nil)
			cfg.RPC = []string{p.URL}
			liar, _ := start(t, cfg)
			liar.Watch(address(key))
			if lie.method == "eth_getLogs" && lie.result == "null" {
				// Leaving out events cannot be seen by itself; it must not do harm.
				return
			}
			until(t, liar, "the lie is found out", func() bool { return liar.Healthy().Err != nil && told.Load() })
			if liar.Healthy().OK || len(liar.ChannelsOf(address(key))) > 1 {
				t.Errorf("a lie was believed: %+v", liar.Healthy())
			}
			cfg = config(c, nil)
			cfg.RPC = []string{p.URL, c.RPC()}
			cl := running(t, cfg)
			cl.Watch(address(key))
			until(t, cl, "the truth", func() bool { b := cl.Balances(address(key)); return b.Wallet != nil })
			equal(t, "deposited", cl.Balances(address(key)).Deposited, units(6))
			equal(t, "wallet", cl.Balances(address(key)).Wallet, units(990))
			if ch := cl.ChannelsOf(address(key)); len(ch) != 1 || ch[0].ID != cl.ID(d.terms) {
				t.Errorf("channels: %+v", ch)
			}
		})
	}
}

// TestOmission leaves out an event on which later ones build.
func TestOmission(t *testing.T) {
	c := chaintest.New(t)
	key := c.Account(t)
	p := newProxy(t, c.RPC())
	p.set(func(method string, _ json.RawMessage) verdict {
		if method == "eth_getLogs" {
			return verdict{result: "[]"}
		}
		return verdict{}
	})
	cfg := config(c, nil)
	cfg.RPC = []string{p.URL}
	blind := running(t, cfg)
	cl := running(t, config(c, key))
	rec, err := cl.Deposit("d", units(10))
	r := wait(t, cl, rec, err)
	until(t, blind, "the block with the deposit", func() bool { return blind.Healthy().Tip >= r.Block })
	p.set(nil)
	rec, err = cl.Withdraw("w", units(10), cl.Address())
	wait(t, cl, rec, err)
	until(t, blind, "it does not add up", func() bool { return errors.Is(blind.Healthy().Err, chain.ErrBadAnswer) })
}

// TestEndlessAnswer has a server that never stops talking.
func TestEndlessAnswer(t *testing.T) {
	c := chaintest.New(t)
	chunk := []byte(strings.Repeat("x", 1<<20))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, err := w.Write([]byte(`{"jsonrpc":"2.0","id":1,"result":"`))
		for err == nil {
			_, err = w.Write(chunk)
		}
	}))
	defer s.Close()
	cfg := config(c, nil)
	cfg.RPC, cfg.Timeout = []string{s.URL}, time.Minute
	cl, stop := start(t, cfg)
	until(t, cl, "it is cut off", func() bool { return cl.Healthy().Err != nil })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if !errors.Is(cl.Healthy().Err, chain.ErrBadAnswer) {
		t.Errorf("%v", cl.Healthy().Err)
	}
}

// FuzzAnswers lets a server answer everything with the same bytes, whole or as a
// result. Nothing may panic, and nothing may be believed to be this chain.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`null`, `"0x539"`, `"0x"`, `[]`, `[null]`, `{}`, `{"number":"0x1"}`, `{"jsonrpc":"2.0","id":1,"result":null}`,
		`{"number":"0x1","hash":"0x0000000000000000000000000000000000000000000000000000000000000001","parentHash":"0x0000000000000000000000000000000000000000000000000000000000000000","timestamp":"0x1","logsBloom":"0x` + strings.Repeat("ff", 256) + `"}`,
	} {
		f.Add([]byte(s), byte(0))
		f.Add([]byte(s), byte(7))
	}
	f.Fuzz(func(t *testing.T, answer []byte, honest byte) {
		if len(answer) > 1<<16 {
			t.Skip()
		}
		chain.Answers(t, answer, honest)
	})
}
