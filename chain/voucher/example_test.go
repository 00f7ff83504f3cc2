package voucher_test

import (
	"bytes"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/etal-cloud/etal/chain/voucher"
)

// A renter pays two leases of one channel, then a little more for one of them.
func Example() {
	signer, err := crypto.ToECDSA(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		panic(err)
	}
	domain := voucher.Domain{ChainID: 31337, Contract: common.HexToAddress("0xe7a1")}
	terms := voucher.Terms{
		Renter: common.HexToAddress("0x01"), Payee: common.HexToAddress("0x02"),
		Signer: voucher.Address(signer), Window: 24 * 60 * 60,
	}
	pay := func(first, second int64) (voucher.Voucher, []byte) {
		v, err := voucher.New(terms.ID(domain), []voucher.Part{
			{Lease: [32]byte{1}, Cumulative: big.NewInt(first)},
			{Lease: [32]byte{2}, Cumulative: big.NewInt(second)},
		})
		if err != nil {
			panic(err)
		}
		sig, err := v.Sign(domain, signer)
		if err != nil {
			panic(err)
		}
		return v, sig
	}
	earlier, _ := pay(100, 50)
	later, sig := pay(100, 75)
	fmt.Println(later.Cumulative, later.Verify(domain, terms.Signer, sig), voucher.Follows(earlier, later))
	fmt.Println(voucher.Follows(later, earlier))
	// Output:
	// 175 <nil> <nil>
	// voucher takes back what was given: lease 02000000 from 75 to 50
}
