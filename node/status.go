package node

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/etal-cloud/etal/chain"
	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/node/renter"
)

// staleChain is how long the chain may be silent before the node warns.
const staleChain = 15 * time.Second

// Status says how the node is.
func (n *Node) Status(context.Context) (Status, error) {
	s := Status{
		Version: n.cfg.Version, Network: n.profile.Name, NetworkID: n.profile.ID().String(),
		Symbol: n.profile.Symbol, Decimals: n.profile.Decimals, Local: n.profile.Local,
		Name: n.name(), Peer: n.net.ID().String(), Addresses: n.net.Addrs(), Peers: len(n.net.Peers()),
		Offers: len(n.offers.Offers()), Roles: []string{"renter"}, Account: n.notary.Account(),
		PID: os.Getpid(), Data: n.cfg.Data, Started: n.started,
	}
	if n.seller != nil {
		s.Roles = append(s.Roles, "provider")
	}
	h := n.chain.Healthy()
	s.Chain = ChainStatus{
		RPC: cmp.Or(h.RPC, n.profile.RPC[0]), Contract: n.profile.Contract.String(), Token: n.profile.Token.String(),
		Head: max(h.Head, h.Tip), HeadTime: h.HeadTime, Healthy: h.OK,
	}
	for _, it := range n.chain.Items() {
		if it.State != chain.Done && it.State != chain.Failed {
			s.Chain.Pending++
		}
	}
	n.mu.Lock()
	funding := n.funding
	n.mu.Unlock()
	now := n.cfg.Now()
	switch {
	case !h.OK && (h.SeenAt.IsZero() || now.Sub(h.SeenAt) > staleChain):
		s.Warnings = append(s.Warnings, fmt.Sprintf("The chain at %s does not answer. Jobs go on; money is settled when it is back.", s.Chain.RPC))
	case h.OK && !n.profile.Local && now.Sub(h.HeadTime).Abs() > 10*time.Minute:
		s.Warnings = append(s.Warnings, "This machine's clock and the chain's differ by more than 10 minutes: check the clock.")
	case funding != nil && n.profile.Local:
		s.Warnings = append(s.Warnings, fmt.Sprintf("No test money yet (%s). Ask again with `etal wallet fund`.", funding))
	}
	if s.Peers == 0 {
		s.Warnings = append(s.Warnings, "No other node is reached yet: is the network up? See `etal network peers`.")
	}
	return s, nil
}

func (n *Node) name() string {
	id := n.net.ID().String()
	return cmp.Or(n.cfg.Name, "node-"+strings.ToLower(id[len(id)-6:]))
}

// Peers lists the connected peers.
func (n *Node) Peers(context.Context) ([]PeerView, error) {
	names := map[string]string{}
	for _, o := range n.offers.Offers() {
		names[o.Bind.Peer.String()] = o.Name
	}
	list := []PeerView{}
	for _, p := range n.net.Peers() {
		v := PeerView{Peer: p.String(), Name: names[p.String()], Connected: true, Addresses: []string{}}
		if h := n.net.Host(); h != nil {
			for _, c := range h.Network().ConnsToPeer(p) {
				v.Addresses = append(v.Addresses, c.RemoteMultiaddr().String())
			}
			v.RTT = h.Peerstore().LatencyEWMA(p)
		}
		list = append(list, v)
	}
	return list, nil
}

// Offers lists the valid offers, cheapest core first. A query is a list of words
// that must all be found in name, region, tier, arch or peer.
func (n *Node) Offers(_ context.Context, query string) ([]OfferView, error) {
	list := []OfferView{}
	for _, o := range n.offers.Offers() {
		if v := n.offerView(o); v.matches(query) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b OfferView) int {
		if c := a.Price.Core.Cmp(b.Price.Core); c != 0 {
			return c
		}
		return strings.Compare(a.Provider, b.Provider)
	})
	return list, nil
}

func (v OfferView) matches(query string) bool {
	hay := fmt.Sprintf("%s %s region=%s %v %s %s", v.Provider, v.Region, v.Region, v.Tiers, v.Arch, v.Peer)
	for _, w := range strings.Fields(query) {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

func (n *Node) offerView(o market.Offer) OfferView {
	return OfferView{
		Provider: o.Name, Peer: o.Bind.Peer.String(), Account: o.Bind.Account, Region: o.Region, Arch: o.Arch,
		Free: o.Free, Price: o.Price, Tiers: o.Tiers, Limits: o.Limits, Reach: o.Reach, MaxTerm: o.MaxTerm,
		SellsUntil: o.SellsUntil, Credit: o.Credit, Expires: o.Expires, Trust: n.offers.Trust(o.Bind.Peer),
	}
}

// jobView turns the renter's view into the public one.
func (n *Node) jobView(v renter.View) JobView {
	d := n.profile.Decimals
	out := JobView{
		Name: v.Name, Image: v.Image, Digest: v.Digest, State: market.AllocPending, Phase: v.Phase,
		Exit: v.Exit, ExitBy: v.ExitBy, Code: v.Code, Reason: v.Reason, Created: v.Created, Ended: v.Ended,
		PhaseS: v.PhaseS, Leases: []BillRow{}, Settled: v.Done(),
	}
	for _, a := range v.Attempts {
		row := n.billRow(v.Name, a)
		out.Leases = append(out.Leases, row)
		out.DeliveredMS += row.DeliveredMS
		out.Paid = plus(out.Paid, row.Paid)
		out.Settled = out.Settled && (a.Receipt || !a.Ran)
		// The present allocation is the last one.
		out.State, out.Provider, out.Lease, out.Epoch = a.Alloc, a.Provider, a.ID.String(), a.Epoch
		out.Started, out.Expires = a.Started, a.Lease.Expires()
		out.PerHour, _ = a.Lease.Price.PerHour(a.Lease.Resources)
		out.Max = row.Promised
		out.Returned, _ = row.Promised.Sub(row.Paid)
		if over := money(a.Promised, d); !a.State.Final() {
			out.Prepaid, _ = over.Sub(money(a.Cost, d))
		}
		if out.Reason == "" {
			out.Reason = a.Reason
		}
	}
	if len(v.Attempts) == 0 && v.Done() {
		out.State = market.AllocFailed
	}
	return out
}

// plus adds amounts that came from one token's supply and cannot overflow.
func plus(a, b market.Amount) market.Amount {
	s, err := a.Add(b)
	if err != nil {
		return a
	}
	return s
}

func (n *Node) billRow(job string, a renter.AttemptView) BillRow {
	most, _ := a.Lease.MaxCost()
	owed := a.Owed()
	return BillRow{
		Job: job, Lease: a.ID.String(), Provider: a.Provider, Peer: a.Lease.ProviderPeer.String(),
		Account: a.Lease.Provider, Channel: a.Lease.Channel.String(), State: a.State, End: a.Alloc,
		Started: a.Started, Ended: a.Exited, Promised: most, DeliveredMS: a.Usage.DeliveredMS,
		Paid: money(owed, n.profile.Decimals), PaidUnits: owed.String(), Receipt: a.Receipt,
	}
}
