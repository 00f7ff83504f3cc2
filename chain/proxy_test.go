package chain_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// proxy stands between a client and a chain, and can make anything of the
// answers.
type proxy struct {
	*httptest.Server
	target string
	client *http.Client

	mu    sync.Mutex // guards the following field
	hook  func(method string, params json.RawMessage) verdict
	calls map[string]int
}

// verdict says what a proxy does with one request. The zero value passes it on.
type verdict struct {
	cut    bool                // break the connection without passing it on
	mute   bool                // pass it on, and break the connection instead of answering
	body   string              // answer with exactly this
	result string              // answer with this result
	fault  string              // answer with this error object
	change func(string) string // pass it on and change the result
}

func newProxy(t testing.TB, target string) *proxy {
	p := &proxy{target: target, client: &http.Client{Transport: &http.Transport{}}, calls: make(map[string]int)}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		p.Close()
		p.client.CloseIdleConnections()
	})
	return p
}

func (p *proxy) set(hook func(method string, params json.RawMessage) verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hook = hook
}

func (p *proxy) count(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[method]
}

func (p *proxy) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var q struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if err != nil || json.Unmarshal(body, &q) != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.calls[q.Method]++
	var v verdict
	if p.hook != nil {
		v = p.hook(q.Method, q.Params)
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	answer := func(kind, value string) {
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":`+string(q.ID)+`,"`+kind+`":`+value+`}`)
	}
	switch {
	case v.cut:
		panic(http.ErrAbortHandler)
	case v.body != "":
		_, _ = io.WriteString(w, v.body)
		return
	case v.result != "":
		answer("result", v.result)
		return
	case v.fault != "":
		answer("error", v.fault)
		return
	}
	resp, err := p.client.Post(p.target, "application/json", bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	var a struct {
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil || v.mute || json.Unmarshal(raw, &a) != nil {
		panic(http.ErrAbortHandler)
	}
	switch {
	case a.Error != nil:
		answer("error", string(a.Error))
	case v.change != nil:
		answer("result", v.change(string(a.Result)))
	default:
		answer("result", string(a.Result))
	}
}
