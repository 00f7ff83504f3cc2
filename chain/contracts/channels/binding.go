// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package channels

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// ChannelsClaim is an auto generated low-level Go binding around an user-defined struct.
type ChannelsClaim struct {
	Terms      ChannelsTerms
	Amount     *big.Int
	Cumulative *big.Int
	Parts      [32]byte
	Receipts   [32]byte
	Sig        []byte
}

// ChannelsTerms is an auto generated low-level Go binding around an user-defined struct.
type ChannelsTerms struct {
	Renter common.Address
	Payee  common.Address
	Signer common.Address
	Token  common.Address
	Window uint64
	Salt   [32]byte
}

// ChannelsMetaData contains all meta data concerning the Channels contract.
var ChannelsMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[],\"name\":\"AboveChannel\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"AboveVoucher\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"AlreadyOpened\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"BadSignature\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"BadTerms\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Closing\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Expired\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"FeeAboveCap\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"InsufficientBalance\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"InvalidShortString\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"LengthMismatch\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotFinal\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotOpen\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NothingToRedeem\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"OutOfGas\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"PayFailed\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ReentrancyGuardReentrantCall\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"}],\"name\":\"SafeERC20FailedOperation\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"string\",\"name\":\"str\",\"type\":\"string\"}],\"name\":\"StringTooLong\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Unauthorized\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"WrongValue\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroAmount\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"closesAt\",\"type\":\"uint64\"}],\"name\":\"CloseStarted\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"refunded\",\"type\":\"uint256\"}],\"name\":\"Closed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"Credited\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"from\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"Deposited\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[],\"name\":\"EIP712DomainChanged\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"Opened\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"total\",\"type\":\"uint256\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"receipts\",\"type\":\"bytes32\"}],\"name\":\"Redeemed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"submitter\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"fee\",\"type\":\"uint256\"}],\"name\":\"Reimbursed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"},{\"indexed\":false,\"internalType\":\"bytes4\",\"name\":\"reason\",\"type\":\"bytes4\"}],\"name\":\"Skipped\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"total\",\"type\":\"uint256\"}],\"name\":\"ToppedUp\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"Withdrawn\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"CLOSED\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"MAX_WINDOW\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"MIN_WINDOW\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"}],\"name\":\"balances\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"}],\"name\":\"channelId\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"channel\",\"type\":\"bytes32\"}],\"name\":\"channels\",\"outputs\":[{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"},{\"internalType\":\"uint96\",\"name\":\"redeemed\",\"type\":\"uint96\"},{\"internalType\":\"uint64\",\"name\":\"closesAt\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"}],\"name\":\"closeByPayee\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"deposit\",\"outputs\":[],\"stateMutability\":\"payable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"depositFor\",\"outputs\":[],\"stateMutability\":\"payable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"from\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"validAfter\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"validBefore\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"nonce\",\"type\":\"bytes32\"},{\"internalType\":\"uint8\",\"name\":\"v\",\"type\":\"uint8\"},{\"internalType\":\"bytes32\",\"name\":\"r\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"s\",\"type\":\"bytes32\"}],\"name\":\"depositWithAuthorization\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"owner\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"deadline\",\"type\":\"uint256\"},{\"internalType\":\"uint8\",\"name\":\"v\",\"type\":\"uint8\"},{\"internalType\":\"bytes32\",\"name\":\"r\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"s\",\"type\":\"bytes32\"}],\"name\":\"depositWithPermit\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"eip712Domain\",\"outputs\":[{\"internalType\":\"bytes1\",\"name\":\"fields\",\"type\":\"bytes1\"},{\"internalType\":\"string\",\"name\":\"name\",\"type\":\"string\"},{\"internalType\":\"string\",\"name\":\"version\",\"type\":\"string\"},{\"internalType\":\"uint256\",\"name\":\"chainId\",\"type\":\"uint256\"},{\"internalType\":\"address\",\"name\":\"verifyingContract\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"},{\"internalType\":\"uint256[]\",\"name\":\"extensions\",\"type\":\"uint256[]\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"}],\"name\":\"finalize\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"}],\"name\":\"open\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"id\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"},{\"internalType\":\"uint96\",\"name\":\"fee\",\"type\":\"uint96\"},{\"internalType\":\"uint96\",\"name\":\"feeCap\",\"type\":\"uint96\"},{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"sig\",\"type\":\"bytes\"}],\"name\":\"openFor\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"id\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms[]\",\"name\":\"terms\",\"type\":\"tuple[]\"},{\"internalType\":\"uint96[]\",\"name\":\"amounts\",\"type\":\"uint96[]\"}],\"name\":\"openMany\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"},{\"internalType\":\"uint96\",\"name\":\"cumulative\",\"type\":\"uint96\"},{\"internalType\":\"bytes32\",\"name\":\"parts\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"receipts\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"sig\",\"type\":\"bytes\"}],\"name\":\"redeem\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"},{\"internalType\":\"uint96\",\"name\":\"cumulative\",\"type\":\"uint96\"},{\"internalType\":\"bytes32\",\"name\":\"parts\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"receipts\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"sig\",\"type\":\"bytes\"}],\"name\":\"redeemAndClose\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"},{\"internalType\":\"uint96\",\"name\":\"cumulative\",\"type\":\"uint96\"},{\"internalType\":\"bytes32\",\"name\":\"parts\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"receipts\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"sig\",\"type\":\"bytes\"}],\"internalType\":\"structChannels.Claim[]\",\"name\":\"claims\",\"type\":\"tuple[]\"}],\"name\":\"redeemMany\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"}],\"name\":\"startClose\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"sig\",\"type\":\"bytes\"}],\"name\":\"startCloseFor\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"renter\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"window\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"salt\",\"type\":\"bytes32\"}],\"internalType\":\"structChannels.Terms\",\"name\":\"terms\",\"type\":\"tuple\"},{\"internalType\":\"uint96\",\"name\":\"amount\",\"type\":\"uint96\"}],\"name\":\"topUp\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"token\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"}],\"name\":\"withdraw\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Channels",
	Bin: "0x6101606040523461012457604051610018604082610128565b60048152602081019063195d185b60e21b82526040519161003a604084610128565b600183526020830191603160f81b83526100538161015f565b610120526100608461015f565b61014052519020918260e05251902080610100524660a0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a081526100c960c082610128565b5190206080523060c0526040516138a090816101cb8239608051816135a0015260a0518161365d015260c05181613571015260e051816135ef0152610100518161361501526101205181611697015261014051816116c00152f35b5f80fd5b601f909101601f19168101906001600160401b0382119082101761014b57604052565b634e487b7160e01b5f52604160045260245ffd5b601f81511161018a57602081519101516020821061017b571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f905f3560e01c9081630e2636a3146120d35750806312f8ec4d14611f47578063367fbb4414611eaf57806347e7ef2414611cf4578063481700a51461198d57806352b65c4b1461195357806369328dec146118085780637a7ebd7b1461179357806384b0196e146116615780638a94d4fc146114685780638e63f75f146113c75780638ef5973914610f68578063b3db428b14610d1f578063b648efcf14610cb0578063b766678d14610c67578063c23f001f14610bee578063c41745d514610b23578063c82868d214610ae0578063d1bf35fe14610947578063de31ded61461069e578063deb9663414610662578063e0156849146103ee5763eb96de5a1461011b575f80fd5b346103e7577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126103ea5760c0136103e75761015a6121ab565b61016261245b565b73ffffffffffffffffffffffffffffffffffffffff61017f6122de565b1633036103bf576bffffffffffffffffffffffff168015610397576101a2612a63565b906101ac82612f71565b6040810167ffffffffffffffff81511661036f57826bffffffffffffffffffffffff835116016bffffffffffffffffffffffff8111610342576040926102fd7f2dec156b5ea8eee5b7a582c2e87253d7d59df096556b3ec99aa5d6cec448052495936bffffffffffffffffffffffff8094168352878952600360205267ffffffffffffffff868a2091858551167fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008454161783556102b48660208701511684907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b51825477ffffffffffffffffffffffffffffffffffffffffffffffff16911660c01b7fffffffffffffffff00000000000000000000000000000000000000000000000016179055565b61030f83610309612301565b33612d3c565b511682519182526020820152a2807f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d80f35b6024867f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b6004857fb59fde0b000000000000000000000000000000000000000000000000000000008152fd5b6004827f1f2a2005000000000000000000000000000000000000000000000000000000008152fd5b6004827f82b42900000000000000000000000000000000000000000000000000000000008152fd5b80fd5b5080fd5b50346103e7576103fd36612237565b9261040c97959792919261245b565b602087019473ffffffffffffffffffffffffffffffffffffffff61042f87612324565b16330361063a57879861044396979861311c565b9061044d84612a7f565b61045681612f71565b60206bffffffffffffffffffffffff8251169101906bffffffffffffffffffffffff82511690036bffffffffffffffffffffffff81116103425785966105aa937f1ebdf03e021c53ac580a5963cff85b3575827abc2b414b73c371a959d8bf085760206105a4956105916105b09b67ffffffffffffffff6bffffffffffffffffffffffff8060609a16945116916102b46bffffffffffffffffffffffff604051946105008661235e565b808652888601908152816040808801958787528d815260038c52209651167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000875416178655511684907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b806105d6575b604051908152a201612324565b91612324565b90612de5565b807f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d80f35b73ffffffffffffffffffffffffffffffffffffffff6105f486612324565b168c526002825260408c2073ffffffffffffffffffffffffffffffffffffffff61061f888801612324565b165f52825260405f206106338282546123e8565b9055610597565b6004877f82b42900000000000000000000000000000000000000000000000000000000008152fd5b50346103e757807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e757602060405162278d008152f35b50346103e75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e75760043567ffffffffffffffff81116103ea576106ee903690600401612111565b906106f761245b565b829083918485927ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffea181360301915b86851015610905578460051b820135838112156109015782019061074882612a7f565b9161075560c08201612345565b9261076260e08301612345565b936101408301357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1843603018112156108fd57830180359067ffffffffffffffff82116108f95760200181360381136108f9577fffffffff00000000000000000000000000000000000000000000000000000000966107f09361012087013591610100880135918888613166565b909416806108ba5750506020810161080781612324565b73ffffffffffffffffffffffffffffffffffffffff80891691161480159061088c575b610846575b505060019161083d916123e8565b945b0193610725565b61086760609161086e939a856001979a61083d9761087b575b505050612324565b9801612324565b969491508890829061082f565b61088492613405565b5f808061085f565b5061089960608301612324565b73ffffffffffffffffffffffffffffffffffffffff808b169116141561082a565b600194507f8e5b66e1903f37dc7f891999f27c142d82b80a944d1b4152863c91555076d3259192506040908199949951908582526020820152a261083f565b8d80fd5b8c80fd5b8880fd5b8588918581610936575b83807f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d80f35b61093f92613405565b81808061090f565b50346103e7577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161010081126103ea5760c0136103e75760c43567ffffffffffffffff81168091036103ea5760e43567ffffffffffffffff8111610adc576109b59036906004016121c6565b6109bd61245b565b824211610ab457610a1d6109cf612a63565b9360405160208101917f50b87cadb6bea398494e230e92c16bc12d9ed4af11ce00861a6ac01ff88c6d7e8352866040830152606082015260608152610a156080826123a7565b519020612c8c565b90610a31818484610a2c6122de565b612ccd565b159283610a7a575b505050610a52576105b090610a4c61242f565b90613024565b6004827f5cd5d233000000000000000000000000000000000000000000000000000000008152fd5b6044359350909173ffffffffffffffffffffffffffffffffffffffff84168403610ab057610aa793612ccd565b155f8080610a39565b8580fd5b6004847f203d82d8000000000000000000000000000000000000000000000000000000008152fd5b8280fd5b50346103e75760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e757506020610b1b612a63565b604051908152f35b50346103e7577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126103ea5760c0136103e757610b636121ab565b90610b6c61245b565b73ffffffffffffffffffffffffffffffffffffffff610b896122de565b163303610bc657610b9b6020926124cf565b907f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d604051908152f35b807f82b429000000000000000000000000000000000000000000000000000000000060049252fd5b50346103e75760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e75773ffffffffffffffffffffffffffffffffffffffff6040610c3d612142565b9282610c47612165565b9416815260026020522091165f52602052602060405f2054604051908152f35b50346103e7576105b0610caa610c7c36612237565b93610c8b97959793919361245b565b610c9760608801612324565b97610ca460208901612324565b9761311c565b91612de5565b50346103e75760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e757610ce861245b565b73ffffffffffffffffffffffffffffffffffffffff610d056122de565b163303610bc6576105b0610d17612a63565b610a4c61242f565b5060607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e757610d52612142565b90610d5b612165565b60443590610d6761245b565b73ffffffffffffffffffffffffffffffffffffffff841615610f405773ffffffffffffffffffffffffffffffffffffffff811680610ddb5750813403610db3576105b092933390612efb565b6004837f98d4901c000000000000000000000000000000000000000000000000000000008152fd5b9391929334610f1857604051937f70a08231000000000000000000000000000000000000000000000000000000008552306004860152602085602481855afa948515610f0d578695610ed8575b50602491610e3a60209230338461370e565b604051928380927f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa908115610ecd578591610e95575b50610e9093610e8891612422565b913390612efb565b6105b0565b90506020813d602011610ec5575b81610eb0602093836123a7565b81010312610ec15751610e90610e7a565b5f80fd5b3d9150610ea3565b6040513d87823e3d90fd5b9094506020813d602011610f05575b81610ef4602093836123a7565b81010312610ec15751936024610e28565b3d9150610ee7565b6040513d88823e3d90fd5b6004857f98d4901c000000000000000000000000000000000000000000000000000000008152fd5b6004837f8dc59921000000000000000000000000000000000000000000000000000000008152fd5b50346103e75760e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e757610fa0612142565b610fa8612165565b60443591908360843560643560ff82168203610adc5760a4359060c435610fcd61245b565b73ffffffffffffffffffffffffffffffffffffffff87163381036111d6575073ffffffffffffffffffffffffffffffffffffffff861690813b15610ab0576040517fd505accf00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff89166004820152306024820152604481018a9052606481019390935260ff94909416608483015260a482019290925260c48101929092528290829060e490829084905af16111bd575b50505b73ffffffffffffffffffffffffffffffffffffffff8116604051937f70a08231000000000000000000000000000000000000000000000000000000008552306004860152602085602481855afa948515610f0d578695611188575b506024916110ff60209230878461370e565b604051928380927f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa908115610ecd578591611154575b506105b09361114d91612422565b9180612efb565b90506020813d602011611180575b8161116f602093836123a7565b81010312610ec157516105b061113f565b3d9150611162565b9094506020813d6020116111b5575b816111a4602093836123a7565b81010312610ec157519360246110ed565b3d9150611197565b816111c7916123a7565b6111d257835f61108f565b8380fd5b929491909373ffffffffffffffffffffffffffffffffffffffff871694604051967f7ecebe000000000000000000000000000000000000000000000000000000000088528560048901526020886024818a5afa978815610ecd578598611390575b50863b1561138c576040517fd505accf00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff8b166004820152306024820152604481018c9052606481019490945260ff92909216608484015260a483019190915260c4820152818160e48183885af1801561138157611368575b50506020906024604051809481937f7ecebe0000000000000000000000000000000000000000000000000000000000835260048301525afa908115610f0d578691611336575b5011611092576004847f82b42900000000000000000000000000000000000000000000000000000000008152fd5b90506020813d602011611360575b81611351602093836123a7565b81010312610ec157515f611308565b3d9150611344565b81611372916123a7565b61137d57865f6112c2565b8680fd5b6040513d84823e3d90fd5b8480fd5b945096506020843d6020116113bf575b816113ad602093836123a7565b81010312610ec1578a9351965f611237565b3d91506113a0565b50346103e75760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103e7576113ff61245b565b611407612a63565b67ffffffffffffffff604061141b83612f71565b015116801590811561145e575b50611436576105b090612a9b565b6004827fd7c25c79000000000000000000000000000000000000000000000000000000008152fd5b905042105f611428565b5034610ec1576101207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec1576114a1612142565b6114a9612165565b9060c4359160ff8316809303610ec1576114c161245b565b73ffffffffffffffffffffffffffffffffffffffff8116604051937f70a08231000000000000000000000000000000000000000000000000000000008552306004860152602085602481855afa948515611622575f9561162d575b50813b15610ec157604051907fef55bec600000000000000000000000000000000000000000000000000000000825273ffffffffffffffffffffffffffffffffffffffff8516600483015230602483015260443560448301526064356064830152608435608483015260a43560a483015260c482015260e43560e4820152610104356101048201525f816101248183865af180156116225761160c575b506020602491604051928380927f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa908115610ecd57859161115457506105b09361114d91612422565b6116199195505f906123a7565b5f9360206115b9565b6040513d5f823e3d90fd5b9094506020813d602011611659575b81611649602093836123a7565b81010312610ec15751935f61151c565b3d915061163c565b34610ec1575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec1576117376116bb7f00000000000000000000000000000000000000000000000000000000000000006136b7565b6116e47f00000000000000000000000000000000000000000000000000000000000000006136b7565b6020611745604051926116f783856123a7565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e08701906121f4565b9085820360408701526121f4565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061177c57505050500390f35b83518552869550938101939281019260010161176d565b34610ec15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec1576004355f526003602052606060405f2054604051906bffffffffffffffffffffffff811682526bffffffffffffffffffffffff81841c16602083015260c01c6040820152f35b34610ec15760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec15761183f612142565b60243561184a612188565b61185261245b565b73ffffffffffffffffffffffffffffffffffffffff8116928315801561194a575b6119225782156118fa576118d59361188c848333612d3c565b60405184815273ffffffffffffffffffffffffffffffffffffffff8316907fa4195c37c2947bbe89165f03e320b6903116f0b10d8cfdb522330f7ce6f9fa2460203392a4612de5565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b7f1f2a2005000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f8dc59921000000000000000000000000000000000000000000000000000000005f5260045ffd5b50308414611873565b34610ec1575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec1576020604051610e108152f35b34610ec1577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36016101608112610ec15760c013610ec1576119cd6121ab565b60e4356bffffffffffffffffffffffff8116809103610ec157610104356bffffffffffffffffffffffff8116809103610ec157610124359067ffffffffffffffff8216809203610ec1576101443567ffffffffffffffff8111610ec157611a389036906004016121c6565b91611a4161245b565b834211611ccc57808511611ca4576040519360208501917f9ef855cdd617d498a9ce2bd3d3f44a0abe4ce728ef0fe93f51616913d60124d5835273ffffffffffffffffffffffffffffffffffffffff611a98612142565b16604087015273ffffffffffffffffffffffffffffffffffffffff611abb612165565b16606087015273ffffffffffffffffffffffffffffffffffffffff611ade612188565b16608087015260643573ffffffffffffffffffffffffffffffffffffffff8116809103610ec15760a08701526084359267ffffffffffffffff8416809403610ec15786611ba79460c0611baf99015260a43560e082015260e08152611b45610100826123a7565b519020916040519160208301937f9902762481216ddd11d05e71d197161c3ddd46fb0ec5282191167ec640e5fe2a855260408401526bffffffffffffffffffffffff8a166060840152608083015260a082015260a08152610a1560c0826123a7565b610a2c6122de565b15611c7c57611bbf6020926124cf565b9080611bf2575b505f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d604051908152f35b611c0c81611bfe6122de565b611c06612301565b90612d3c565b335f526002835260405f2073ffffffffffffffffffffffffffffffffffffffff611c34612301565b165f52835260405f20611c488282546123e8565b9055604051908152817f505ac3a74406a864e026acf3b30bcb3401db95927d6fe688b1ff99ebb4c6937e843393a382611bc6565b7f5cd5d233000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f652853ee000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f203d82d8000000000000000000000000000000000000000000000000000000005f5260045ffd5b60407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec157611d26612142565b60243590611d3261245b565b33156119225773ffffffffffffffffffffffffffffffffffffffff811680611d90575090803403611d68576118d5913333612efb565b7f98d4901c000000000000000000000000000000000000000000000000000000005f5260045ffd5b34611d6857604051927f70a08231000000000000000000000000000000000000000000000000000000008452306004850152602084602481855afa938415611622575f94611e7a575b50602491611deb60209230338461370e565b604051928380927f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa908115611622575f91611e46575b50611e4192611e3991612422565b903333612efb565b6118d5565b90506020813d602011611e72575b81611e61602093836123a7565b81010312610ec15751611e41611e2b565b3d9150611e54565b9093506020813d602011611ea7575b81611e96602093836123a7565b81010312610ec15751926024611dd9565b3d9150611e89565b34610ec15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec157611ee661245b565b60243573ffffffffffffffffffffffffffffffffffffffff811690818103610ec157503303611f1f576118d5611f1a612a63565b612a9b565b7f82b42900000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610ec15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec15760043567ffffffffffffffff8111610ec15736602382011215610ec15780600401359067ffffffffffffffff8211610ec15760248101906024369160c08502010111610ec15760243567ffffffffffffffff8111610ec157611fdc903690600401612111565b92611fe561245b565b8381036120ab575f5b81811061201a575f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b73ffffffffffffffffffffffffffffffffffffffff61204261203d8385886122ce565b612324565b163303611f1f576120548183866122ce565b908581101561207e576120776001926120718360051b8701612345565b906127b6565b5001611fee565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b7fff633a38000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610ec1575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610ec1578067ffffffffffffffff60209252f35b9181601f84011215610ec15782359167ffffffffffffffff8311610ec1576020808501948460051b010111610ec157565b6004359073ffffffffffffffffffffffffffffffffffffffff82168203610ec157565b6024359073ffffffffffffffffffffffffffffffffffffffff82168203610ec157565b6044359073ffffffffffffffffffffffffffffffffffffffff82168203610ec157565b60c435906bffffffffffffffffffffffff82168203610ec157565b9181601f84011215610ec15782359167ffffffffffffffff8311610ec15760208381860195010111610ec157565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82016101608112610ec15760c013610ec15760049160c4356bffffffffffffffffffffffff81168103610ec1579160e4356bffffffffffffffffffffffff81168103610ec1579161010435916101243591610144359067ffffffffffffffff8211610ec1576122ca916004016121c6565b9091565b919081101561207e5760c0020190565b60043573ffffffffffffffffffffffffffffffffffffffff81168103610ec15790565b60643573ffffffffffffffffffffffffffffffffffffffff81168103610ec15790565b3573ffffffffffffffffffffffffffffffffffffffff81168103610ec15790565b356bffffffffffffffffffffffff81168103610ec15790565b6060810190811067ffffffffffffffff82111761237a57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761237a57604052565b919082018092116123f557565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b919082039182116123f557565b60843567ffffffffffffffff81168103610ec15790565b3567ffffffffffffffff81168103610ec15790565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c6124a75760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b9060243573ffffffffffffffffffffffffffffffffffffffff811690818114159384610ec157821580156127aa575b8015612780575b801561275f575b801561273d575b611922576bffffffffffffffffffffffff169384156118fa5761010060405146815230602082015260c06004604083013720908195825f52600360205260405f20546bffffffffffffffffffffffff81161590811591612730575b50612708576126306040516125828161235e565b82815267ffffffffffffffff602082015f81526102b46bffffffffffffffffffffffff60408501925f8452895f5260036020528160405f209651167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000875416178655511684907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b6004359173ffffffffffffffffffffffffffffffffffffffff831694858403610ec1576064359173ffffffffffffffffffffffffffffffffffffffff831694858403610ec157612681858583612d3c565b50610ec157506044359073ffffffffffffffffffffffffffffffffffffffff821691828103610ec15750506084359167ffffffffffffffff8316808403610ec1577fe61d06f9eaa8581a844aed91c552217e5e7c07eecacf3ef5469268d33266597b9460a094506040519384526020840152604083015260a43560608301526080820152a4565b7f1da42b26000000000000000000000000000000000000000000000000000000005f5260045ffd5b905060c01c15155f61256e565b5060843567ffffffffffffffff8116808203610ec15762278d00915011612513565b5060843567ffffffffffffffff8116808203610ec157610e1091501061250c565b5060443573ffffffffffffffffffffffffffffffffffffffff811690818103610ec1575015612505565b505f94503083146124fe565b9190602083019073ffffffffffffffffffffffffffffffffffffffff6127db83612324565b16158015612a3c575b8015612a13575b80156129f3575b80156129d2575b611922576bffffffffffffffffffffffff169283156118fa5761281b81612a7f565b93845f52600360205260405f20546bffffffffffffffffffffffff811615908115916129c5575b50612708577fe61d06f9eaa8581a844aed91c552217e5e7c07eecacf3ef5469268d33266597b60a073ffffffffffffffffffffffffffffffffffffffff80809589956129416040516128938161235e565b82815267ffffffffffffffff602082015f81526102b46bffffffffffffffffffffffff60408501925f84528d5f5260036020528160405f209651167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000875416178655511684907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b8461294b83612324565b9261295e836060830195611c0687612324565b67ffffffffffffffff61297961297383612324565b9c612324565b948661299061298a60408601612324565b92612324565b61299c60808601612446565b926040519e8f911690521660208d01521660408b015201356060890152608088015216951693a4565b905060c01c15155f612842565b5062278d0067ffffffffffffffff6129ec60808701612446565b16116127f9565b50610e1067ffffffffffffffff612a0c60808701612446565b16106127f2565b5073ffffffffffffffffffffffffffffffffffffffff612a3560408601612324565b16156127eb565b50612a4682612324565b73ffffffffffffffffffffffffffffffffffffffff1630146127e4565b61010060405146815230602082015260c0600460408301372090565b6101009060c06040519146835230602084015260408301372090565b612aa481612f71565b60206bffffffffffffffffffffffff8251169101906bffffffffffffffffffffffff82511690036bffffffffffffffffffffffff81116123f5576bffffffffffffffffffffffff80612baf921692511667ffffffffffffffff60405191612b0a8361235e565b808352602083019081526102b46bffffffffffffffffffffffff6040850192848452885f5260036020528160405f209651167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000875416178655511684907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b80612be2575b60207f1ebdf03e021c53ac580a5963cff85b3575827abc2b414b73c371a959d8bf085791604051908152a2565b60043573ffffffffffffffffffffffffffffffffffffffff811690818103610ec157505f52600260205260405f20906064359073ffffffffffffffffffffffffffffffffffffffff82168203610ec1577f1ebdf03e021c53ac580a5963cff85b3575827abc2b414b73c371a959d8bf08579273ffffffffffffffffffffffffffffffffffffffff8360209450165f52825260405f20612c828282546123e8565b9055915050612bb5565b604290612c9761355a565b90604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522090565b929091612cd992613683565b506004811015612d0f57159182612cef57505090565b73ffffffffffffffffffffffffffffffffffffffff919250811691161490565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff909291921691825f52600260205260405f2073ffffffffffffffffffffffffffffffffffffffff82165f5260205260405f205492828410612dbd575f52600260205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f5260205260405f2091039055565b7ff4d678b8000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff1680612e4857505f808093819382604051612e166020826123a7565b525af115612e2057565b7f197121f5000000000000000000000000000000000000000000000000000000005f5260045ffd5b9173ffffffffffffffffffffffffffffffffffffffff604051927fa9059cbb000000000000000000000000000000000000000000000000000000005f521660045260245260205f60448180865af19060015f5114821615612eda575b60405215612eaf5750565b7f5274afe7000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b906001811516612ef257823b15153d15161690612ea4565b503d5f823e3d90fd5b92919282156118fa57602073ffffffffffffffffffffffffffffffffffffffff80807f4174a9435a04d04d274c76779cad136a41fde6937c56241c09ab9d3c7064a1a9941694855f526002845260405f208289165f52845260405f20612f628882546123e8565b905560405196875216951693a4565b5f60408051612f7f8161235e565b82815282602082015201525f52600360205260405f209060405191612fa38361235e565b54916bffffffffffffffffffffffff8316928382526bffffffffffffffffffffffff8160601c16602083015260c01c908160408201529215908115613012575b50612fea57565b7fddafad98000000000000000000000000000000000000000000000000000000005f5260045ffd5b67ffffffffffffffff9150145f612fe3565b9067ffffffffffffffff604061303984612f71565b0151166130f45767ffffffffffffffff1667ffffffffffffffff42160167ffffffffffffffff81116123f55760207f513c2f7e597098def3859f0488669bbabe2ca09bb62070c14343e4cadc26ea2091835f52600382526130e18160405f209077ffffffffffffffffffffffffffffffffffffffffffffffff7fffffffffffffffff00000000000000000000000000000000000000000000000083549260c01b169116179055565b67ffffffffffffffff60405191168152a2565b7fb59fde0b000000000000000000000000000000000000000000000000000000005f5260045ffd5b9061313496959493929161312f81612a7f565b613166565b7fffffffff00000000000000000000000000000000000000000000000000000000811661315f575090565b5f5260045ffd5b939795979190915f97855f52600360205260405f20998a54926bffffffffffffffffffffffff8416966bffffffffffffffffffffffff8560601c169488159081156133f0575b506133be576bffffffffffffffffffffffff16906bffffffffffffffffffffffff86169782891161338b578811613359578488111561332757608061323a94939261322e92604051917f7a815f452dd6da2c53b93155b95be7c1039acb11f503593f0cc457a5cf67a49183528c60208401526040830152606082015220612c8c565b610a2c60408801612324565b156132f9576132e360206060946132dd856bffffffffffffffffffffffff73ffffffffffffffffffffffffffffffffffffffff967f54b94177a64d89550c27d0c88b8d62e36b7805064168ae21cbcdfa90e8f03d5b9a9803169d907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b01612324565b16946040519189835260208301526040820152a3565b505f97507f5cd5d2330000000000000000000000000000000000000000000000000000000096505050505050565b505f9b507f9890af60000000000000000000000000000000000000000000000000000000009a50505050505050505050565b505f9b507f10f32a64000000000000000000000000000000000000000000000000000000009a50505050505050505050565b505f9c507f29760a14000000000000000000000000000000000000000000000000000000009b5050505050505050505050565b505f9b507fddafad98000000000000000000000000000000000000000000000000000000009a50505050505050505050565b67ffffffffffffffff915060c01c145f6131ac565b91906203b5e65a106135325773ffffffffffffffffffffffffffffffffffffffff831692836134aa57505f808080858562030d40f15b1561344557505050565b602073ffffffffffffffffffffffffffffffffffffffff7f4e45da441832cf53bdaa69235704fc0575e68210f459ee1562911024b12967d5921692835f526002825260405f20855f52825260405f2061349f8282546123e8565b9055604051908152a3565b60205f604051828101907fa9059cbb00000000000000000000000000000000000000000000000000000000825273ffffffffffffffffffffffffffffffffffffffff86166024820152866044820152604481526135086064826123a7565b5190828562030d40f1903d15613529575060015f5114601f3d11161661343b565b3b15151661343b565b7f77ebef4d000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001630148061365a575b156135c2577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a0815261365460c0826123a7565b51902090565b507f00000000000000000000000000000000000000000000000000000000000000004614613599565b90604183036136ad576136a69250602081013591604082359201355f1a906137db565b9192909190565b50505f9160029190565b60ff811690601f82116136e657604051916136d36040846123a7565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffd5b92909173ffffffffffffffffffffffffffffffffffffffff9081604051947f23b872dd000000000000000000000000000000000000000000000000000000005f52166004521660245260445260205f60648180865af19060015f51148216156137c3575b6040525f606052156137815750565b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b906001811516612ef257823b15153d15161690613772565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841161385f579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa15611622575f5173ffffffffffffffffffffffffffffffffffffffff81161561385557905f905f90565b505f906001905f90565b5050505f916003919056fea264697066735822122028c43de772544b473cbd978f357b4e24f5074baea5a5240a4127d6741377c5c064736f6c63430008250033",
}

// Channels is an auto generated Go binding around an Ethereum contract.
type Channels struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Channels) GetABI() abi.ABI {
	return c.abi
}

// NewChannels creates a new instance of Channels.
func NewChannels() *Channels {
	parsed, err := ChannelsMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Channels{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Channels) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackCLOSED is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0e2636a3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function CLOSED() view returns(uint64)
func (channels *Channels) PackCLOSED() []byte {
	enc, err := channels.abi.Pack("CLOSED")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCLOSED is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0e2636a3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function CLOSED() view returns(uint64)
func (channels *Channels) TryPackCLOSED() ([]byte, error) {
	return channels.abi.Pack("CLOSED")
}

// UnpackCLOSED is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x0e2636a3.
//
// Solidity: function CLOSED() view returns(uint64)
func (channels *Channels) UnpackCLOSED(data []byte) (uint64, error) {
	out, err := channels.abi.Unpack("CLOSED", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackMAXWINDOW is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdeb96634.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_WINDOW() view returns(uint64)
func (channels *Channels) PackMAXWINDOW() []byte {
	enc, err := channels.abi.Pack("MAX_WINDOW")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXWINDOW is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdeb96634.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_WINDOW() view returns(uint64)
func (channels *Channels) TryPackMAXWINDOW() ([]byte, error) {
	return channels.abi.Pack("MAX_WINDOW")
}

// UnpackMAXWINDOW is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xdeb96634.
//
// Solidity: function MAX_WINDOW() view returns(uint64)
func (channels *Channels) UnpackMAXWINDOW(data []byte) (uint64, error) {
	out, err := channels.abi.Unpack("MAX_WINDOW", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackMINWINDOW is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x52b65c4b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MIN_WINDOW() view returns(uint64)
func (channels *Channels) PackMINWINDOW() []byte {
	enc, err := channels.abi.Pack("MIN_WINDOW")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMINWINDOW is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x52b65c4b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MIN_WINDOW() view returns(uint64)
func (channels *Channels) TryPackMINWINDOW() ([]byte, error) {
	return channels.abi.Pack("MIN_WINDOW")
}

// UnpackMINWINDOW is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x52b65c4b.
//
// Solidity: function MIN_WINDOW() view returns(uint64)
func (channels *Channels) UnpackMINWINDOW(data []byte) (uint64, error) {
	out, err := channels.abi.Unpack("MIN_WINDOW", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackBalances is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc23f001f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function balances(address account, address token) view returns(uint256)
func (channels *Channels) PackBalances(account common.Address, token common.Address) []byte {
	enc, err := channels.abi.Pack("balances", account, token)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackBalances is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc23f001f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function balances(address account, address token) view returns(uint256)
func (channels *Channels) TryPackBalances(account common.Address, token common.Address) ([]byte, error) {
	return channels.abi.Pack("balances", account, token)
}

// UnpackBalances is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc23f001f.
//
// Solidity: function balances(address account, address token) view returns(uint256)
func (channels *Channels) UnpackBalances(data []byte) (*big.Int, error) {
	out, err := channels.abi.Unpack("balances", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackChannelId is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc82868d2.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function channelId((address,address,address,address,uint64,bytes32) terms) view returns(bytes32)
func (channels *Channels) PackChannelId(terms ChannelsTerms) []byte {
	enc, err := channels.abi.Pack("channelId", terms)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChannelId is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc82868d2.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function channelId((address,address,address,address,uint64,bytes32) terms) view returns(bytes32)
func (channels *Channels) TryPackChannelId(terms ChannelsTerms) ([]byte, error) {
	return channels.abi.Pack("channelId", terms)
}

// UnpackChannelId is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc82868d2.
//
// Solidity: function channelId((address,address,address,address,uint64,bytes32) terms) view returns(bytes32)
func (channels *Channels) UnpackChannelId(data []byte) ([32]byte, error) {
	out, err := channels.abi.Unpack("channelId", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackChannels is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7a7ebd7b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function channels(bytes32 channel) view returns(uint96 amount, uint96 redeemed, uint64 closesAt)
func (channels *Channels) PackChannels(channel [32]byte) []byte {
	enc, err := channels.abi.Pack("channels", channel)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChannels is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7a7ebd7b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function channels(bytes32 channel) view returns(uint96 amount, uint96 redeemed, uint64 closesAt)
func (channels *Channels) TryPackChannels(channel [32]byte) ([]byte, error) {
	return channels.abi.Pack("channels", channel)
}

// ChannelsOutput serves as a container for the return parameters of contract
// method Channels.
type ChannelsOutput struct {
	Amount   *big.Int
	Redeemed *big.Int
	ClosesAt uint64
}

// UnpackChannels is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7a7ebd7b.
//
// Solidity: function channels(bytes32 channel) view returns(uint96 amount, uint96 redeemed, uint64 closesAt)
func (channels *Channels) UnpackChannels(data []byte) (ChannelsOutput, error) {
	out, err := channels.abi.Unpack("channels", data)
	outstruct := new(ChannelsOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Amount = abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	outstruct.Redeemed = abi.ConvertType(out[1], new(big.Int)).(*big.Int)
	outstruct.ClosesAt = *abi.ConvertType(out[2], new(uint64)).(*uint64)
	return *outstruct, nil
}

// PackCloseByPayee is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x367fbb44.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function closeByPayee((address,address,address,address,uint64,bytes32) terms) returns()
func (channels *Channels) PackCloseByPayee(terms ChannelsTerms) []byte {
	enc, err := channels.abi.Pack("closeByPayee", terms)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCloseByPayee is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x367fbb44.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function closeByPayee((address,address,address,address,uint64,bytes32) terms) returns()
func (channels *Channels) TryPackCloseByPayee(terms ChannelsTerms) ([]byte, error) {
	return channels.abi.Pack("closeByPayee", terms)
}

// PackDeposit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x47e7ef24.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function deposit(address token, uint256 amount) payable returns()
func (channels *Channels) PackDeposit(token common.Address, amount *big.Int) []byte {
	enc, err := channels.abi.Pack("deposit", token, amount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDeposit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x47e7ef24.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function deposit(address token, uint256 amount) payable returns()
func (channels *Channels) TryPackDeposit(token common.Address, amount *big.Int) ([]byte, error) {
	return channels.abi.Pack("deposit", token, amount)
}

// PackDepositFor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3db428b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function depositFor(address account, address token, uint256 amount) payable returns()
func (channels *Channels) PackDepositFor(account common.Address, token common.Address, amount *big.Int) []byte {
	enc, err := channels.abi.Pack("depositFor", account, token, amount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDepositFor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3db428b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function depositFor(address account, address token, uint256 amount) payable returns()
func (channels *Channels) TryPackDepositFor(account common.Address, token common.Address, amount *big.Int) ([]byte, error) {
	return channels.abi.Pack("depositFor", account, token, amount)
}

// PackDepositWithAuthorization is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8a94d4fc.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function depositWithAuthorization(address from, address token, uint256 amount, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) returns()
func (channels *Channels) PackDepositWithAuthorization(from common.Address, token common.Address, amount *big.Int, validAfter *big.Int, validBefore *big.Int, nonce [32]byte, v uint8, r [32]byte, s [32]byte) []byte {
	enc, err := channels.abi.Pack("depositWithAuthorization", from, token, amount, validAfter, validBefore, nonce, v, r, s)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDepositWithAuthorization is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8a94d4fc.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function depositWithAuthorization(address from, address token, uint256 amount, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) returns()
func (channels *Channels) TryPackDepositWithAuthorization(from common.Address, token common.Address, amount *big.Int, validAfter *big.Int, validBefore *big.Int, nonce [32]byte, v uint8, r [32]byte, s [32]byte) ([]byte, error) {
	return channels.abi.Pack("depositWithAuthorization", from, token, amount, validAfter, validBefore, nonce, v, r, s)
}

// PackDepositWithPermit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8ef59739.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function depositWithPermit(address owner, address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) returns()
func (channels *Channels) PackDepositWithPermit(owner common.Address, token common.Address, amount *big.Int, deadline *big.Int, v uint8, r [32]byte, s [32]byte) []byte {
	enc, err := channels.abi.Pack("depositWithPermit", owner, token, amount, deadline, v, r, s)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDepositWithPermit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8ef59739.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function depositWithPermit(address owner, address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) returns()
func (channels *Channels) TryPackDepositWithPermit(owner common.Address, token common.Address, amount *big.Int, deadline *big.Int, v uint8, r [32]byte, s [32]byte) ([]byte, error) {
	return channels.abi.Pack("depositWithPermit", owner, token, amount, deadline, v, r, s)
}

// PackEip712Domain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84b0196e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function eip712Domain() view returns(bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)
func (channels *Channels) PackEip712Domain() []byte {
	enc, err := channels.abi.Pack("eip712Domain")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackEip712Domain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84b0196e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function eip712Domain() view returns(bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)
func (channels *Channels) TryPackEip712Domain() ([]byte, error) {
	return channels.abi.Pack("eip712Domain")
}

// Eip712DomainOutput serves as a container for the return parameters of contract
// method Eip712Domain.
type Eip712DomainOutput struct {
	Fields            [1]byte
	Name              string
	Version           string
	ChainId           *big.Int
	VerifyingContract common.Address
	Salt              [32]byte
	Extensions        []*big.Int
}

// UnpackEip712Domain is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x84b0196e.
//
// Solidity: function eip712Domain() view returns(bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)
func (channels *Channels) UnpackEip712Domain(data []byte) (Eip712DomainOutput, error) {
	out, err := channels.abi.Unpack("eip712Domain", data)
	outstruct := new(Eip712DomainOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Fields = *abi.ConvertType(out[0], new([1]byte)).(*[1]byte)
	outstruct.Name = *abi.ConvertType(out[1], new(string)).(*string)
	outstruct.Version = *abi.ConvertType(out[2], new(string)).(*string)
	outstruct.ChainId = abi.ConvertType(out[3], new(big.Int)).(*big.Int)
	outstruct.VerifyingContract = *abi.ConvertType(out[4], new(common.Address)).(*common.Address)
	outstruct.Salt = *abi.ConvertType(out[5], new([32]byte)).(*[32]byte)
	outstruct.Extensions = *abi.ConvertType(out[6], new([]*big.Int)).(*[]*big.Int)
	return *outstruct, nil
}

// PackFinalize is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8e63f75f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function finalize((address,address,address,address,uint64,bytes32) terms) returns()
func (channels *Channels) PackFinalize(terms ChannelsTerms) []byte {
	enc, err := channels.abi.Pack("finalize", terms)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackFinalize is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8e63f75f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function finalize((address,address,address,address,uint64,bytes32) terms) returns()
func (channels *Channels) TryPackFinalize(terms ChannelsTerms) ([]byte, error) {
	return channels.abi.Pack("finalize", terms)
}

// PackOpen is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc41745d5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function open((address,address,address,address,uint64,bytes32) terms, uint96 amount) returns(bytes32 id)
func (channels *Channels) PackOpen(terms ChannelsTerms, amount *big.Int) []byte {
	enc, err := channels.abi.Pack("open", terms, amount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOpen is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc41745d5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function open((address,address,address,address,uint64,bytes32) terms, uint96 amount) returns(bytes32 id)
func (channels *Channels) TryPackOpen(terms ChannelsTerms, amount *big.Int) ([]byte, error) {
	return channels.abi.Pack("open", terms, amount)
}

// UnpackOpen is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc41745d5.
//
// Solidity: function open((address,address,address,address,uint64,bytes32) terms, uint96 amount) returns(bytes32 id)
func (channels *Channels) UnpackOpen(data []byte) ([32]byte, error) {
	out, err := channels.abi.Unpack("open", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackOpenFor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x481700a5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function openFor((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 fee, uint96 feeCap, uint64 deadline, bytes sig) returns(bytes32 id)
func (channels *Channels) PackOpenFor(terms ChannelsTerms, amount *big.Int, fee *big.Int, feeCap *big.Int, deadline uint64, sig []byte) []byte {
	enc, err := channels.abi.Pack("openFor", terms, amount, fee, feeCap, deadline, sig)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOpenFor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x481700a5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function openFor((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 fee, uint96 feeCap, uint64 deadline, bytes sig) returns(bytes32 id)
func (channels *Channels) TryPackOpenFor(terms ChannelsTerms, amount *big.Int, fee *big.Int, feeCap *big.Int, deadline uint64, sig []byte) ([]byte, error) {
	return channels.abi.Pack("openFor", terms, amount, fee, feeCap, deadline, sig)
}

// UnpackOpenFor is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x481700a5.
//
// Solidity: function openFor((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 fee, uint96 feeCap, uint64 deadline, bytes sig) returns(bytes32 id)
func (channels *Channels) UnpackOpenFor(data []byte) ([32]byte, error) {
	out, err := channels.abi.Unpack("openFor", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackOpenMany is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x12f8ec4d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function openMany((address,address,address,address,uint64,bytes32)[] terms, uint96[] amounts) returns()
func (channels *Channels) PackOpenMany(terms []ChannelsTerms, amounts []*big.Int) []byte {
	enc, err := channels.abi.Pack("openMany", terms, amounts)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOpenMany is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x12f8ec4d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function openMany((address,address,address,address,uint64,bytes32)[] terms, uint96[] amounts) returns()
func (channels *Channels) TryPackOpenMany(terms []ChannelsTerms, amounts []*big.Int) ([]byte, error) {
	return channels.abi.Pack("openMany", terms, amounts)
}

// PackRedeem is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb766678d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function redeem((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 cumulative, bytes32 parts, bytes32 receipts, bytes sig) returns()
func (channels *Channels) PackRedeem(terms ChannelsTerms, amount *big.Int, cumulative *big.Int, parts [32]byte, receipts [32]byte, sig []byte) []byte {
	enc, err := channels.abi.Pack("redeem", terms, amount, cumulative, parts, receipts, sig)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRedeem is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb766678d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function redeem((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 cumulative, bytes32 parts, bytes32 receipts, bytes sig) returns()
func (channels *Channels) TryPackRedeem(terms ChannelsTerms, amount *big.Int, cumulative *big.Int, parts [32]byte, receipts [32]byte, sig []byte) ([]byte, error) {
	return channels.abi.Pack("redeem", terms, amount, cumulative, parts, receipts, sig)
}

// PackRedeemAndClose is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe0156849.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function redeemAndClose((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 cumulative, bytes32 parts, bytes32 receipts, bytes sig) returns()
func (channels *Channels) PackRedeemAndClose(terms ChannelsTerms, amount *big.Int, cumulative *big.Int, parts [32]byte, receipts [32]byte, sig []byte) []byte {
	enc, err := channels.abi.Pack("redeemAndClose", terms, amount, cumulative, parts, receipts, sig)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRedeemAndClose is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe0156849.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function redeemAndClose((address,address,address,address,uint64,bytes32) terms, uint96 amount, uint96 cumulative, bytes32 parts, bytes32 receipts, bytes sig) returns()
func (channels *Channels) TryPackRedeemAndClose(terms ChannelsTerms, amount *big.Int, cumulative *big.Int, parts [32]byte, receipts [32]byte, sig []byte) ([]byte, error) {
	return channels.abi.Pack("redeemAndClose", terms, amount, cumulative, parts, receipts, sig)
}

// PackRedeemMany is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xde31ded6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function redeemMany(((address,address,address,address,uint64,bytes32),uint96,uint96,bytes32,bytes32,bytes)[] claims) returns()
func (channels *Channels) PackRedeemMany(claims []ChannelsClaim) []byte {
	enc, err := channels.abi.Pack("redeemMany", claims)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRedeemMany is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xde31ded6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function redeemMany(((address,address,address,address,uint64,bytes32),uint96,uint96,bytes32,bytes32,bytes)[] claims) returns()
func (channels *Channels) TryPackRedeemMany(claims []ChannelsClaim) ([]byte, error) {
	return channels.abi.Pack("redeemMany", claims)
}

// PackStartClose is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb648efcf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function startClose((address,address,address,address,uint64,bytes32) terms) returns()
func (channels *Channels) PackStartClose(terms ChannelsTerms) []byte {
	enc, err := channels.abi.Pack("startClose", terms)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackStartClose is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb648efcf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function startClose((address,address,address,address,uint64,bytes32) terms) returns()
func (channels *Channels) TryPackStartClose(terms ChannelsTerms) ([]byte, error) {
	return channels.abi.Pack("startClose", terms)
}

// PackStartCloseFor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd1bf35fe.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function startCloseFor((address,address,address,address,uint64,bytes32) terms, uint64 deadline, bytes sig) returns()
func (channels *Channels) PackStartCloseFor(terms ChannelsTerms, deadline uint64, sig []byte) []byte {
	enc, err := channels.abi.Pack("startCloseFor", terms, deadline, sig)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackStartCloseFor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd1bf35fe.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function startCloseFor((address,address,address,address,uint64,bytes32) terms, uint64 deadline, bytes sig) returns()
func (channels *Channels) TryPackStartCloseFor(terms ChannelsTerms, deadline uint64, sig []byte) ([]byte, error) {
	return channels.abi.Pack("startCloseFor", terms, deadline, sig)
}

// PackTopUp is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xeb96de5a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function topUp((address,address,address,address,uint64,bytes32) terms, uint96 amount) returns()
func (channels *Channels) PackTopUp(terms ChannelsTerms, amount *big.Int) []byte {
	enc, err := channels.abi.Pack("topUp", terms, amount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTopUp is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xeb96de5a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function topUp((address,address,address,address,uint64,bytes32) terms, uint96 amount) returns()
func (channels *Channels) TryPackTopUp(terms ChannelsTerms, amount *big.Int) ([]byte, error) {
	return channels.abi.Pack("topUp", terms, amount)
}

// PackWithdraw is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x69328dec.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function withdraw(address token, uint256 amount, address to) returns()
func (channels *Channels) PackWithdraw(token common.Address, amount *big.Int, to common.Address) []byte {
	enc, err := channels.abi.Pack("withdraw", token, amount, to)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackWithdraw is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x69328dec.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function withdraw(address token, uint256 amount, address to) returns()
func (channels *Channels) TryPackWithdraw(token common.Address, amount *big.Int, to common.Address) ([]byte, error) {
	return channels.abi.Pack("withdraw", token, amount, to)
}

// ChannelsCloseStarted represents a CloseStarted event raised by the Channels contract.
type ChannelsCloseStarted struct {
	Channel  [32]byte
	ClosesAt uint64
	Raw      *types.Log // Blockchain specific contextual infos
}

const ChannelsCloseStartedEventName = "CloseStarted"

// ContractEventName returns the user-defined event name.
func (ChannelsCloseStarted) ContractEventName() string {
	return ChannelsCloseStartedEventName
}

// UnpackCloseStartedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event CloseStarted(bytes32 indexed channel, uint64 closesAt)
func (channels *Channels) UnpackCloseStartedEvent(log *types.Log) (*ChannelsCloseStarted, error) {
	event := "CloseStarted"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsCloseStarted)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsClosed represents a Closed event raised by the Channels contract.
type ChannelsClosed struct {
	Channel  [32]byte
	Refunded *big.Int
	Raw      *types.Log // Blockchain specific contextual infos
}

const ChannelsClosedEventName = "Closed"

// ContractEventName returns the user-defined event name.
func (ChannelsClosed) ContractEventName() string {
	return ChannelsClosedEventName
}

// UnpackClosedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Closed(bytes32 indexed channel, uint256 refunded)
func (channels *Channels) UnpackClosedEvent(log *types.Log) (*ChannelsClosed, error) {
	event := "Closed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsClosed)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsCredited represents a Credited event raised by the Channels contract.
type ChannelsCredited struct {
	Account common.Address
	Token   common.Address
	Amount  *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const ChannelsCreditedEventName = "Credited"

// ContractEventName returns the user-defined event name.
func (ChannelsCredited) ContractEventName() string {
	return ChannelsCreditedEventName
}

// UnpackCreditedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Credited(address indexed account, address indexed token, uint256 amount)
func (channels *Channels) UnpackCreditedEvent(log *types.Log) (*ChannelsCredited, error) {
	event := "Credited"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsCredited)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsDeposited represents a Deposited event raised by the Channels contract.
type ChannelsDeposited struct {
	Account common.Address
	Token   common.Address
	From    common.Address
	Amount  *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const ChannelsDepositedEventName = "Deposited"

// ContractEventName returns the user-defined event name.
func (ChannelsDeposited) ContractEventName() string {
	return ChannelsDepositedEventName
}

// UnpackDepositedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Deposited(address indexed account, address indexed token, address indexed from, uint256 amount)
func (channels *Channels) UnpackDepositedEvent(log *types.Log) (*ChannelsDeposited, error) {
	event := "Deposited"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsDeposited)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsEIP712DomainChanged represents a EIP712DomainChanged event raised by the Channels contract.
type ChannelsEIP712DomainChanged struct {
	Raw *types.Log // Blockchain specific contextual infos
}

const ChannelsEIP712DomainChangedEventName = "EIP712DomainChanged"

// ContractEventName returns the user-defined event name.
func (ChannelsEIP712DomainChanged) ContractEventName() string {
	return ChannelsEIP712DomainChangedEventName
}

// UnpackEIP712DomainChangedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event EIP712DomainChanged()
func (channels *Channels) UnpackEIP712DomainChangedEvent(log *types.Log) (*ChannelsEIP712DomainChanged, error) {
	event := "EIP712DomainChanged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsEIP712DomainChanged)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsOpened represents a Opened event raised by the Channels contract.
type ChannelsOpened struct {
	Channel [32]byte
	Renter  common.Address
	Payee   common.Address
	Signer  common.Address
	Token   common.Address
	Window  uint64
	Salt    [32]byte
	Amount  *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const ChannelsOpenedEventName = "Opened"

// ContractEventName returns the user-defined event name.
func (ChannelsOpened) ContractEventName() string {
	return ChannelsOpenedEventName
}

// UnpackOpenedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Opened(bytes32 indexed channel, address indexed renter, address indexed payee, address signer, address token, uint64 window, bytes32 salt, uint256 amount)
func (channels *Channels) UnpackOpenedEvent(log *types.Log) (*ChannelsOpened, error) {
	event := "Opened"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsOpened)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsRedeemed represents a Redeemed event raised by the Channels contract.
type ChannelsRedeemed struct {
	Channel  [32]byte
	Payee    common.Address
	Amount   *big.Int
	Total    *big.Int
	Receipts [32]byte
	Raw      *types.Log // Blockchain specific contextual infos
}

const ChannelsRedeemedEventName = "Redeemed"

// ContractEventName returns the user-defined event name.
func (ChannelsRedeemed) ContractEventName() string {
	return ChannelsRedeemedEventName
}

// UnpackRedeemedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Redeemed(bytes32 indexed channel, address indexed payee, uint256 amount, uint256 total, bytes32 receipts)
func (channels *Channels) UnpackRedeemedEvent(log *types.Log) (*ChannelsRedeemed, error) {
	event := "Redeemed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsRedeemed)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsReimbursed represents a Reimbursed event raised by the Channels contract.
type ChannelsReimbursed struct {
	Channel   [32]byte
	Submitter common.Address
	Fee       *big.Int
	Raw       *types.Log // Blockchain specific contextual infos
}

const ChannelsReimbursedEventName = "Reimbursed"

// ContractEventName returns the user-defined event name.
func (ChannelsReimbursed) ContractEventName() string {
	return ChannelsReimbursedEventName
}

// UnpackReimbursedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Reimbursed(bytes32 indexed channel, address indexed submitter, uint256 fee)
func (channels *Channels) UnpackReimbursedEvent(log *types.Log) (*ChannelsReimbursed, error) {
	event := "Reimbursed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsReimbursed)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsSkipped represents a Skipped event raised by the Channels contract.
type ChannelsSkipped struct {
	Channel [32]byte
	Index   *big.Int
	Reason  [4]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const ChannelsSkippedEventName = "Skipped"

// ContractEventName returns the user-defined event name.
func (ChannelsSkipped) ContractEventName() string {
	return ChannelsSkippedEventName
}

// UnpackSkippedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Skipped(bytes32 indexed channel, uint256 index, bytes4 reason)
func (channels *Channels) UnpackSkippedEvent(log *types.Log) (*ChannelsSkipped, error) {
	event := "Skipped"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsSkipped)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsToppedUp represents a ToppedUp event raised by the Channels contract.
type ChannelsToppedUp struct {
	Channel [32]byte
	Amount  *big.Int
	Total   *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const ChannelsToppedUpEventName = "ToppedUp"

// ContractEventName returns the user-defined event name.
func (ChannelsToppedUp) ContractEventName() string {
	return ChannelsToppedUpEventName
}

// UnpackToppedUpEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ToppedUp(bytes32 indexed channel, uint256 amount, uint256 total)
func (channels *Channels) UnpackToppedUpEvent(log *types.Log) (*ChannelsToppedUp, error) {
	event := "ToppedUp"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsToppedUp)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// ChannelsWithdrawn represents a Withdrawn event raised by the Channels contract.
type ChannelsWithdrawn struct {
	Account common.Address
	Token   common.Address
	To      common.Address
	Amount  *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const ChannelsWithdrawnEventName = "Withdrawn"

// ContractEventName returns the user-defined event name.
func (ChannelsWithdrawn) ContractEventName() string {
	return ChannelsWithdrawnEventName
}

// UnpackWithdrawnEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Withdrawn(address indexed account, address indexed token, address indexed to, uint256 amount)
func (channels *Channels) UnpackWithdrawnEvent(log *types.Log) (*ChannelsWithdrawn, error) {
	event := "Withdrawn"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != channels.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(ChannelsWithdrawn)
	if len(log.Data) > 0 {
		if err := channels.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range channels.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (channels *Channels) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], channels.abi.Errors["AboveChannel"].ID.Bytes()[:4]) {
		return channels.UnpackAboveChannelError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["AboveVoucher"].ID.Bytes()[:4]) {
		return channels.UnpackAboveVoucherError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["AlreadyOpened"].ID.Bytes()[:4]) {
		return channels.UnpackAlreadyOpenedError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["BadSignature"].ID.Bytes()[:4]) {
		return channels.UnpackBadSignatureError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["BadTerms"].ID.Bytes()[:4]) {
		return channels.UnpackBadTermsError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["Closing"].ID.Bytes()[:4]) {
		return channels.UnpackClosingError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["Expired"].ID.Bytes()[:4]) {
		return channels.UnpackExpiredError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["FeeAboveCap"].ID.Bytes()[:4]) {
		return channels.UnpackFeeAboveCapError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["InsufficientBalance"].ID.Bytes()[:4]) {
		return channels.UnpackInsufficientBalanceError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["InvalidShortString"].ID.Bytes()[:4]) {
		return channels.UnpackInvalidShortStringError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["LengthMismatch"].ID.Bytes()[:4]) {
		return channels.UnpackLengthMismatchError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["NotFinal"].ID.Bytes()[:4]) {
		return channels.UnpackNotFinalError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["NotOpen"].ID.Bytes()[:4]) {
		return channels.UnpackNotOpenError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["NothingToRedeem"].ID.Bytes()[:4]) {
		return channels.UnpackNothingToRedeemError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["OutOfGas"].ID.Bytes()[:4]) {
		return channels.UnpackOutOfGasError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["PayFailed"].ID.Bytes()[:4]) {
		return channels.UnpackPayFailedError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["ReentrancyGuardReentrantCall"].ID.Bytes()[:4]) {
		return channels.UnpackReentrancyGuardReentrantCallError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["SafeERC20FailedOperation"].ID.Bytes()[:4]) {
		return channels.UnpackSafeERC20FailedOperationError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["StringTooLong"].ID.Bytes()[:4]) {
		return channels.UnpackStringTooLongError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["Unauthorized"].ID.Bytes()[:4]) {
		return channels.UnpackUnauthorizedError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["WrongValue"].ID.Bytes()[:4]) {
		return channels.UnpackWrongValueError(raw[4:])
	}
	if bytes.Equal(raw[:4], channels.abi.Errors["ZeroAmount"].ID.Bytes()[:4]) {
		return channels.UnpackZeroAmountError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// ChannelsAboveChannel represents a AboveChannel error raised by the Channels contract.
type ChannelsAboveChannel struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AboveChannel()
func ChannelsAboveChannelErrorID() common.Hash {
	return common.HexToHash("0x10f32a6479a22ee11ddc79754de6c8081806e2ca1cdaa5514831eb07c43810b0")
}

// UnpackAboveChannelError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AboveChannel()
func (channels *Channels) UnpackAboveChannelError(raw []byte) (*ChannelsAboveChannel, error) {
	out := new(ChannelsAboveChannel)
	if err := channels.abi.UnpackIntoInterface(out, "AboveChannel", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsAboveVoucher represents a AboveVoucher error raised by the Channels contract.
type ChannelsAboveVoucher struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AboveVoucher()
func ChannelsAboveVoucherErrorID() common.Hash {
	return common.HexToHash("0x29760a14e5cb699eb3b2c3fe099b78cb7e199e681808d578dfb5cb808af68082")
}

// UnpackAboveVoucherError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AboveVoucher()
func (channels *Channels) UnpackAboveVoucherError(raw []byte) (*ChannelsAboveVoucher, error) {
	out := new(ChannelsAboveVoucher)
	if err := channels.abi.UnpackIntoInterface(out, "AboveVoucher", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsAlreadyOpened represents a AlreadyOpened error raised by the Channels contract.
type ChannelsAlreadyOpened struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadyOpened()
func ChannelsAlreadyOpenedErrorID() common.Hash {
	return common.HexToHash("0x1da42b26e004cf8c2b6fb52a3019cbf27665f0c7fe24e1a58c8d871b2d758e29")
}

// UnpackAlreadyOpenedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadyOpened()
func (channels *Channels) UnpackAlreadyOpenedError(raw []byte) (*ChannelsAlreadyOpened, error) {
	out := new(ChannelsAlreadyOpened)
	if err := channels.abi.UnpackIntoInterface(out, "AlreadyOpened", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsBadSignature represents a BadSignature error raised by the Channels contract.
type ChannelsBadSignature struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadSignature()
func ChannelsBadSignatureErrorID() common.Hash {
	return common.HexToHash("0x5cd5d2335541c4f2ed05fbe44f397e8b79f8e2333157122d2dab06e378ef7685")
}

// UnpackBadSignatureError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadSignature()
func (channels *Channels) UnpackBadSignatureError(raw []byte) (*ChannelsBadSignature, error) {
	out := new(ChannelsBadSignature)
	if err := channels.abi.UnpackIntoInterface(out, "BadSignature", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsBadTerms represents a BadTerms error raised by the Channels contract.
type ChannelsBadTerms struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadTerms()
func ChannelsBadTermsErrorID() common.Hash {
	return common.HexToHash("0x8dc599212cab654299a2bf31d0baab479b0ef032e5276a7206a05bbb2910ec06")
}

// UnpackBadTermsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadTerms()
func (channels *Channels) UnpackBadTermsError(raw []byte) (*ChannelsBadTerms, error) {
	out := new(ChannelsBadTerms)
	if err := channels.abi.UnpackIntoInterface(out, "BadTerms", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsClosing represents a Closing error raised by the Channels contract.
type ChannelsClosing struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Closing()
func ChannelsClosingErrorID() common.Hash {
	return common.HexToHash("0xb59fde0b777d3fb91cd7c024f522fd92b9475693fff5b1f88bfb91fa821b5d45")
}

// UnpackClosingError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Closing()
func (channels *Channels) UnpackClosingError(raw []byte) (*ChannelsClosing, error) {
	out := new(ChannelsClosing)
	if err := channels.abi.UnpackIntoInterface(out, "Closing", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsExpired represents a Expired error raised by the Channels contract.
type ChannelsExpired struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Expired()
func ChannelsExpiredErrorID() common.Hash {
	return common.HexToHash("0x203d82d8d99f63bfecc8335216735e0271df4249ea752b030f9ab305b94e5afe")
}

// UnpackExpiredError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Expired()
func (channels *Channels) UnpackExpiredError(raw []byte) (*ChannelsExpired, error) {
	out := new(ChannelsExpired)
	if err := channels.abi.UnpackIntoInterface(out, "Expired", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsFeeAboveCap represents a FeeAboveCap error raised by the Channels contract.
type ChannelsFeeAboveCap struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error FeeAboveCap()
func ChannelsFeeAboveCapErrorID() common.Hash {
	return common.HexToHash("0x652853ee57d97798ec046582f17a2745ea6da5ebbb96f1e99f22f7744cc5f405")
}

// UnpackFeeAboveCapError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error FeeAboveCap()
func (channels *Channels) UnpackFeeAboveCapError(raw []byte) (*ChannelsFeeAboveCap, error) {
	out := new(ChannelsFeeAboveCap)
	if err := channels.abi.UnpackIntoInterface(out, "FeeAboveCap", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsInsufficientBalance represents a InsufficientBalance error raised by the Channels contract.
type ChannelsInsufficientBalance struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InsufficientBalance()
func ChannelsInsufficientBalanceErrorID() common.Hash {
	return common.HexToHash("0xf4d678b8ce6b5157126b1484a53523762a93571537a7d5ae97d8014a44715c94")
}

// UnpackInsufficientBalanceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InsufficientBalance()
func (channels *Channels) UnpackInsufficientBalanceError(raw []byte) (*ChannelsInsufficientBalance, error) {
	out := new(ChannelsInsufficientBalance)
	if err := channels.abi.UnpackIntoInterface(out, "InsufficientBalance", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsInvalidShortString represents a InvalidShortString error raised by the Channels contract.
type ChannelsInvalidShortString struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidShortString()
func ChannelsInvalidShortStringErrorID() common.Hash {
	return common.HexToHash("0xb3512b0c6163e5f0bafab72bb631b9d58cd7a731b082f910338aa21c83d5c274")
}

// UnpackInvalidShortStringError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidShortString()
func (channels *Channels) UnpackInvalidShortStringError(raw []byte) (*ChannelsInvalidShortString, error) {
	out := new(ChannelsInvalidShortString)
	if err := channels.abi.UnpackIntoInterface(out, "InvalidShortString", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsLengthMismatch represents a LengthMismatch error raised by the Channels contract.
type ChannelsLengthMismatch struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error LengthMismatch()
func ChannelsLengthMismatchErrorID() common.Hash {
	return common.HexToHash("0xff633a3803c58b9bc21e58efecee59f27e033cc0b1883fccb4969c76146fe60f")
}

// UnpackLengthMismatchError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error LengthMismatch()
func (channels *Channels) UnpackLengthMismatchError(raw []byte) (*ChannelsLengthMismatch, error) {
	out := new(ChannelsLengthMismatch)
	if err := channels.abi.UnpackIntoInterface(out, "LengthMismatch", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsNotFinal represents a NotFinal error raised by the Channels contract.
type ChannelsNotFinal struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotFinal()
func ChannelsNotFinalErrorID() common.Hash {
	return common.HexToHash("0xd7c25c793a1aafb90e1fc0019f0f422e781666d247cfb09c4e9f0d4164056539")
}

// UnpackNotFinalError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotFinal()
func (channels *Channels) UnpackNotFinalError(raw []byte) (*ChannelsNotFinal, error) {
	out := new(ChannelsNotFinal)
	if err := channels.abi.UnpackIntoInterface(out, "NotFinal", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsNotOpen represents a NotOpen error raised by the Channels contract.
type ChannelsNotOpen struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotOpen()
func ChannelsNotOpenErrorID() common.Hash {
	return common.HexToHash("0xddafad98957e3330f4cfa14cb453d4f55c78b759d3c470492e4866db3bf3857e")
}

// UnpackNotOpenError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotOpen()
func (channels *Channels) UnpackNotOpenError(raw []byte) (*ChannelsNotOpen, error) {
	out := new(ChannelsNotOpen)
	if err := channels.abi.UnpackIntoInterface(out, "NotOpen", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsNothingToRedeem represents a NothingToRedeem error raised by the Channels contract.
type ChannelsNothingToRedeem struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NothingToRedeem()
func ChannelsNothingToRedeemErrorID() common.Hash {
	return common.HexToHash("0x9890af60a311b87bd76355baa3f70842c59ed9cd6c577b64713ed8f58b1f9607")
}

// UnpackNothingToRedeemError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NothingToRedeem()
func (channels *Channels) UnpackNothingToRedeemError(raw []byte) (*ChannelsNothingToRedeem, error) {
	out := new(ChannelsNothingToRedeem)
	if err := channels.abi.UnpackIntoInterface(out, "NothingToRedeem", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsOutOfGas represents a OutOfGas error raised by the Channels contract.
type ChannelsOutOfGas struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OutOfGas()
func ChannelsOutOfGasErrorID() common.Hash {
	return common.HexToHash("0x77ebef4d460014cfc45ab055292b3a8f4a7c9e9ab42973e79fdaff6b27233461")
}

// UnpackOutOfGasError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OutOfGas()
func (channels *Channels) UnpackOutOfGasError(raw []byte) (*ChannelsOutOfGas, error) {
	out := new(ChannelsOutOfGas)
	if err := channels.abi.UnpackIntoInterface(out, "OutOfGas", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsPayFailed represents a PayFailed error raised by the Channels contract.
type ChannelsPayFailed struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error PayFailed()
func ChannelsPayFailedErrorID() common.Hash {
	return common.HexToHash("0x197121f5e3e9b0a89237395d4fa57597aeba07fdc9b8ee7df3e1d733b3ae247d")
}

// UnpackPayFailedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error PayFailed()
func (channels *Channels) UnpackPayFailedError(raw []byte) (*ChannelsPayFailed, error) {
	out := new(ChannelsPayFailed)
	if err := channels.abi.UnpackIntoInterface(out, "PayFailed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsReentrancyGuardReentrantCall represents a ReentrancyGuardReentrantCall error raised by the Channels contract.
type ChannelsReentrancyGuardReentrantCall struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ReentrancyGuardReentrantCall()
func ChannelsReentrancyGuardReentrantCallErrorID() common.Hash {
	return common.HexToHash("0x3ee5aeb571de7fc460830b4d0017439a1ca56fb0bc39062227ade4fe4a24c1ca")
}

// UnpackReentrancyGuardReentrantCallError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ReentrancyGuardReentrantCall()
func (channels *Channels) UnpackReentrancyGuardReentrantCallError(raw []byte) (*ChannelsReentrancyGuardReentrantCall, error) {
	out := new(ChannelsReentrancyGuardReentrantCall)
	if err := channels.abi.UnpackIntoInterface(out, "ReentrancyGuardReentrantCall", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsSafeERC20FailedOperation represents a SafeERC20FailedOperation error raised by the Channels contract.
type ChannelsSafeERC20FailedOperation struct {
	Token common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SafeERC20FailedOperation(address token)
func ChannelsSafeERC20FailedOperationErrorID() common.Hash {
	return common.HexToHash("0x5274afe73c98b4749fc91ffae6b7b574e7842cb2144a159e9377a5f20b32edf9")
}

// UnpackSafeERC20FailedOperationError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SafeERC20FailedOperation(address token)
func (channels *Channels) UnpackSafeERC20FailedOperationError(raw []byte) (*ChannelsSafeERC20FailedOperation, error) {
	out := new(ChannelsSafeERC20FailedOperation)
	if err := channels.abi.UnpackIntoInterface(out, "SafeERC20FailedOperation", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsStringTooLong represents a StringTooLong error raised by the Channels contract.
type ChannelsStringTooLong struct {
	Str string
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error StringTooLong(string str)
func ChannelsStringTooLongErrorID() common.Hash {
	return common.HexToHash("0x305a27a93f8e33b7392df0a0f91d6fc63847395853c45991eec52dbf24d72381")
}

// UnpackStringTooLongError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error StringTooLong(string str)
func (channels *Channels) UnpackStringTooLongError(raw []byte) (*ChannelsStringTooLong, error) {
	out := new(ChannelsStringTooLong)
	if err := channels.abi.UnpackIntoInterface(out, "StringTooLong", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsUnauthorized represents a Unauthorized error raised by the Channels contract.
type ChannelsUnauthorized struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Unauthorized()
func ChannelsUnauthorizedErrorID() common.Hash {
	return common.HexToHash("0x82b4290015f7ec7256ca2a6247d3c2a89c4865c0e791456df195f40ad0a81367")
}

// UnpackUnauthorizedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Unauthorized()
func (channels *Channels) UnpackUnauthorizedError(raw []byte) (*ChannelsUnauthorized, error) {
	out := new(ChannelsUnauthorized)
	if err := channels.abi.UnpackIntoInterface(out, "Unauthorized", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsWrongValue represents a WrongValue error raised by the Channels contract.
type ChannelsWrongValue struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongValue()
func ChannelsWrongValueErrorID() common.Hash {
	return common.HexToHash("0x98d4901c0f97ff4fb4b12f6efe3f7d66c362a06e0786d79de1d138f816754bcd")
}

// UnpackWrongValueError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongValue()
func (channels *Channels) UnpackWrongValueError(raw []byte) (*ChannelsWrongValue, error) {
	out := new(ChannelsWrongValue)
	if err := channels.abi.UnpackIntoInterface(out, "WrongValue", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ChannelsZeroAmount represents a ZeroAmount error raised by the Channels contract.
type ChannelsZeroAmount struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroAmount()
func ChannelsZeroAmountErrorID() common.Hash {
	return common.HexToHash("0x1f2a2005cb66a8e145327e8814e243a0996aec9bfe1e15a495778b1236dbd485")
}

// UnpackZeroAmountError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroAmount()
func (channels *Channels) UnpackZeroAmountError(raw []byte) (*ChannelsZeroAmount, error) {
	out := new(ChannelsZeroAmount)
	if err := channels.abi.UnpackIntoInterface(out, "ZeroAmount", raw); err != nil {
		return nil, err
	}
	return out, nil
}
