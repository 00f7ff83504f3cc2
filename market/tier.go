package market

// Tier says how a job is kept apart from the host that runs it.
type Tier string

const (
	// TierSandbox is gVisor: the default, and always for strangers.
	TierSandbox Tier = "sandbox"
	// TierNative is hardened runc, by the provider's choice only.
	TierNative Tier = "native"
)

// Known reports whether t is a tier of this version.
func (t Tier) Known() bool { return t == TierSandbox || t == TierNative }
