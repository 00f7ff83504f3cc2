package marketpb

import "errors"

// ErrInvalid is matched by every error of this package.
var ErrInvalid = errors.New("invalid")

// The largest message that each protocol reads, in bytes. They leave room for
// the largest valid message and hardly more.
const (
	MaxSealedBytes = 1024      // a sealed offer or delta on the offers topic
	MaxBookBytes   = 160 << 10 // /etal/book/1: MaxBookOffers sealed offers
	MaxLeaseBytes  = 8 << 10   // /etal/lease/1
	MaxJobBytes    = 256 << 10 // /etal/job/1: MaxSpecBytes and MaxBlobs
	MaxPayBytes    = 32 << 10  // /etal/pay/1: MaxParts
)

// Limits on what one message may hold.
const (
	MaxBookOffers = 128       // sealed objects in one answer, offers and deltas together
	MaxParts      = 256       // leases paid by one voucher
	MaxBlobs      = 160       // blobs of one image: layers, config, manifest
	MaxTransfers  = 16        // inputs, or outputs, of one job
	MaxWords      = 512       // arguments, or environment variables, of one job
	MaxSpecBytes  = 128 << 10 // all strings of one JobSpec together
	MaxPathBytes  = 1024
	MaxTextBytes  = 512       // text for people
	MaxLogData    = 64 << 10  // bytes of output in one LogRecord
	MaxLogLimit   = 1 << 30   // bytes of log that a job may ask to keep
	MaxBlobBytes  = 1 << 40   // size of one blob
	MaxNameBytes  = 64        // name of a job
	MaxGrace      = 3_600_000 // ms between SIGTERM and SIGKILL
)

// Ranges that package market shares.
const (
	maxMilliCPU    = 1 << 24
	maxQuantity    = 1 << 50
	maxGPUs        = 256
	maxTimeS       = 253402300799 // the end of the year 9999
	maxTimeMS      = maxTimeS*1000 + 999
	maxDurationMS  = 10 * 366 * 24 * 3_600_000
	maxDurationS   = maxDurationMS / 1000
	maxTimeNS      = 1<<63 - 1
	minCloseWindow = 3600       // seconds: the contract's range
	maxCloseWindow = 30 * 86400 // seconds
	amountBytes    = 16
	maxPeerBytes   = 64
	accountSigSize = 65 // secp256k1 with its recovery byte
	peerSigSize    = 64 // Ed25519
)
