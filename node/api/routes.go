package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node"
)

var problemType = reflect.TypeFor[Problem]()

// nothing is the input of an operation that takes none.
type nothing struct{}

// nodeRoutes are about the node itself.
func (s *server) nodeRoutes(a huma.API) {
	huma.Register(a, op(a, "status", http.MethodGet, "/v1/status", "How the node is", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*answer[node.Status], error) { return answered(s.b.Status(ctx)) })
	huma.Register(a, op(a, "peers", http.MethodGet, "/v1/peers", "The peers that the node knows", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*answer[[]node.PeerView], error) {
			return answered(s.b.Peers(ctx))
		})
	huma.Register(a, op(a, "stop-node", http.MethodPost, "/v1/node/stop", "End the node; jobs on providers run on", maxSmallBytes),
		func(context.Context, *nothing) (*struct{}, error) {
			if s.stop == nil {
				return nil, problemOf(node.ErrConflict)
			}
			s.stop()
			return nil, nil
		})
}

// offersInput is a query for offers.
type offersInput struct {
	Query string `query:"q" maxLength:"1024" doc:"what the offers must have; empty: all"`
}

// marketRoutes are about offers.
func (s *server) marketRoutes(a huma.API) {
	huma.Register(a, op(a, "offers", http.MethodGet, "/v1/offers", "Offers that match a query", maxSmallBytes),
		func(ctx context.Context, in *offersInput) (*answer[[]node.OfferView], error) {
			return answered(s.b.Offers(ctx, in.Query))
		})
	huma.Register(a, op(a, "quote", http.MethodPost, "/v1/quote", "What a job would cost now; nothing is signed", maxJobBytes),
		func(ctx context.Context, in *struct{ Body jobSpec }) (*answer[node.Quote], error) {
			return answered(s.b.Quote(ctx, in.Body.job()))
		})
}

// billInput names a job, or none.
type billInput struct {
	Name string `query:"name" maxLength:"64" doc:"a job; empty: all"`
}

// moneyRoutes are about what an account has and pays.
func (s *server) moneyRoutes(a huma.API) {
	huma.Register(a, op(a, "wallet", http.MethodGet, "/v1/wallet", "What the account has and may spend", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*answer[node.Wallet], error) { return answered(s.b.Wallet(ctx)) })
	huma.Register(a, op(a, "fund", http.MethodPost, "/v1/wallet/fund", "Ask a local network's faucet for test money", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*answer[node.Wallet], error) { return answered(s.b.Fund(ctx)) })
	huma.Register(a, op(a, "bill", http.MethodGet, "/v1/bill", "What jobs cost, and what the chain shows of it", maxSmallBytes),
		func(ctx context.Context, in *billInput) (*answer[node.Bill], error) {
			return answered(s.b.Bill(ctx, in.Name))
		})
	huma.Register(a, op(a, "settle", http.MethodPost, "/v1/settle", "Close the channels that serve no running lease, and wait for it", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*struct{}, error) { return done(s.b.Settle(ctx)) })
}

// providerRoutes are about selling.
func (s *server) providerRoutes(a huma.API) {
	huma.Register(a, op(a, "provider", http.MethodGet, "/v1/provider", "What the node sells and earns", maxSmallBytes),
		func(ctx context.Context, _ *nothing) (*answer[node.ProviderStatus], error) {
			return answered(s.b.ProviderStatus(ctx))
		})
	huma.Register(a, op(a, "set-price", http.MethodPut, "/v1/provider/price", "Change the prices of the next offer", maxSmallBytes),
		func(ctx context.Context, in *struct{ Body market.Price }) (*struct{}, error) {
			return done(s.b.SetPrice(ctx, in.Body))
		})
}
