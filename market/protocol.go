package market

// The names of the trade's conversations. A protocol id is /etal/NETWORK/NAME/VERSION:
// the highest version that both sides know is used, and the one before is always
// served.
const (
	ProtocolBook  = "book"
	ProtocolLease = "lease"
	ProtocolJob   = "job"
	ProtocolPay   = "pay"
	// TopicOffers is the gossip topic of sealed offers and deltas.
	TopicOffers = "offers/1"
)
