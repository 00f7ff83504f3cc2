package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

// maxAnswerBytes bounds a JSON answer that a client reads.
const maxAnswerBytes = 64 << 20

// Client speaks to the node of a socket. Its methods are those of Backend; every
// one may return an error that wraps node.ErrNoNetwork when no node answers.
type Client struct {
	socket string
	http   *http.Client
}

var _ Backend = (*Client)(nil)

// NewClient returns a client for the node that listens on a socket. It connects
// with the first call.
func NewClient(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", socket)
	}
	return &Client{socket: socket, http: &http.Client{Transport: &http.Transport{
		DialContext:        dial,
		DisableCompression: true,
		MaxIdleConns:       4,
		IdleConnTimeout:    30 * time.Second,
	}}}
}

// Close lets go of the connections that no call uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Stop asks the node to end. It returns once the node has taken the wish.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/node/stop", nil, nil, nil)
}

// Status says how the node is.
func (c *Client) Status(ctx context.Context) (node.Status, error) {
	return get[node.Status](ctx, c, "/v1/status", nil)
}

// Peers lists the peers that the node knows.
func (c *Client) Peers(ctx context.Context) ([]node.PeerView, error) {
	return get[[]node.PeerView](ctx, c, "/v1/peers", nil)
}

// Offers lists the offers that match a query; an empty query matches all.
func (c *Client) Offers(ctx context.Context, query string) ([]node.OfferView, error) {
	return get[[]node.OfferView](ctx, c, "/v1/offers", url.Values{"q": {query}})
}

// Quote says what a job would cost now. Nothing is signed.
func (c *Client) Quote(ctx context.Context, job market.Job) (node.Quote, error) {
	var q node.Quote
	return q, c.call(ctx, http.MethodPost, "/v1/quote", nil, specOf(job), &q)
}

// Wallet shows what the node's account has and may spend.
func (c *Client) Wallet(ctx context.Context) (node.Wallet, error) {
	return get[node.Wallet](ctx, c, "/v1/wallet", nil)
}

// Fund asks a local network's faucet for test money.
func (c *Client) Fund(ctx context.Context) (node.Wallet, error) {
	var w node.Wallet
	return w, c.call(ctx, http.MethodPost, "/v1/wallet/fund", nil, nil, &w)
}

// Bill shows what one job cost, or all of them where name is empty.
func (c *Client) Bill(ctx context.Context, name string) (node.Bill, error) {
	return get[node.Bill](ctx, c, "/v1/bill", url.Values{"name": {name}})
}

// Settle closes the channels that serve no running lease and waits for it.
func (c *Client) Settle(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/settle", nil, nil, nil)
}

// ProviderStatus shows what the node sells and earns.
func (c *Client) ProviderStatus(ctx context.Context) (node.ProviderStatus, error) {
	return get[node.ProviderStatus](ctx, c, "/v1/provider", nil)
}

// SetPrice changes the prices of the next offer; running leases keep theirs.
func (c *Client) SetPrice(ctx context.Context, p market.Price) error {
	return c.call(ctx, http.MethodPut, "/v1/provider/price", nil, p, nil)
}

// get asks for a JSON value.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	var v T
	return v, c.call(ctx, http.MethodGet, path, query, nil, &v)
}

// call sends a request and reads the answer into out, where that is not nil.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	resp, err := c.send(ctx, method, path, query, in)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswerBytes)).Decode(out); err != nil {
		return c.broken(ctx, err)
	}
	return nil
}

// send sends a request and returns the answer if it tells no problem. The
// caller closes its body.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	u := url.URL{Scheme: "http", Host: "etal", Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	p := &Problem{status: resp.StatusCode}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSmallBytes))
	if err == nil {
		err = json.Unmarshal(data, p)
	}
	if err != nil || p.Text == "" {
		return nil, fmt.Errorf("the node answered %s", resp.Status)
	}
	if p.Detail != "" {
		return nil, fmt.Errorf("%w: %s", p, p.Detail)
	}
	return nil, p
}

// broken says in plain words why no answer came.
func (c *Client) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p := &Problem{Code: "no_network"}
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		p.Text = "No node is running here: `etal node start` starts it"
	case errors.Is(err, os.ErrPermission):
		p.Text = "The node here belongs to another user"
	default:
		p.Text = fmt.Sprintf("The node went away in the middle of its answer (%v): `etal node status` says how it is", err)
	}
	return p
}
