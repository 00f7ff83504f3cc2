// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Channels: funds that one renter locks for one payee, spent by signed cumulative vouchers.
///
/// @notice Nobody owns this contract and nothing in it can be changed, paused or upgraded.
///
/// Words. An *account* is an address with a balance per token inside this contract. A *channel* is a part of a
/// renter's balance, locked for one payee under *terms* that never change. A *voucher* is the channel signer's
/// statement "so much, in total, since the channel was opened". Redeeming a voucher pays the payee what the total
/// exceeds the earlier total by. The token address zero means the chain's own coin.
///
/// Money moves in four ways only: from outside into a balance, from a balance into a channel, from a channel to its
/// payee or back into its renter's balance, and from a balance to the outside.
///
/// A token that takes a fee on transfer is credited with what really arrived. A token whose holdings shrink by
/// themselves, or that lies about balances, can only harm the accounts that hold that same token here.
contract Channels is EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The terms of a channel. They are hashed into its id and never stored.
    struct Terms {
        /// The account whose balance pays, and to which the rest returns.
        address renter;
        /// The only address that redeemed money can go to.
        address payee;
        /// The key that signs vouchers. Plain ECDSA: a contract cannot be a signer.
        address signer;
        /// The token, or zero for the chain's own coin.
        address token;
        /// Seconds between startClose and the earliest finalize: the payee's time to redeem its last voucher.
        uint64 window;
        /// Makes channels of the same parties different, and carries their purpose. Never to be used twice.
        bytes32 salt;
    }

    /// @notice All that is stored of a channel: one slot.
    struct Channel {
        /// Base units locked in total. Once closed: equal to redeemed.
        uint96 amount;
        /// Base units that the payee has taken in total.
        uint96 redeemed;
        /// Zero: open. CLOSED: closed for ever. Else: closing, and this is the earliest second for finalize.
        uint64 closesAt;
    }

    /// @notice One entry of redeemMany; the fields are those of redeem.
    struct Claim {
        Terms terms;
        uint96 amount;
        uint96 cumulative;
        bytes32 parts;
        bytes32 receipts;
        bytes sig;
    }

    /// @notice The shortest closing window: one hour.
    uint64 public constant MIN_WINDOW = 1 hours;
    /// @notice The longest closing window: thirty days.
    uint64 public constant MAX_WINDOW = 30 days;
    /// @notice The value of closesAt that marks a closed channel, so that its id can never be opened again.
    uint64 public constant CLOSED = type(uint64).max;

    /// @dev What a payment inside redeemMany may cost in gas, so that one token or payee cannot eat the batch.
    uint256 private constant PUSH_GAS = 200_000;
    /// @dev What must be left beside it to write down the failure; below it the whole batch runs out of gas.
    uint256 private constant PUSH_RESERVE = 40_000;

    bytes32 private constant VOUCHER_TYPE = keccak256("Voucher(bytes32 channel,uint256 cumulative,bytes32 parts)");
    bytes32 private constant TERMS_TYPE =
        keccak256("Terms(address renter,address payee,address signer,address token,uint64 window,bytes32 salt)");
    bytes32 private constant OPEN_TYPE = keccak256(
        "Open(Terms terms,uint256 amount,uint256 feeCap,uint256 deadline)Terms(address renter,address payee,address signer,address token,uint64 window,bytes32 salt)"
    );
    bytes32 private constant START_CLOSE_TYPE = keccak256("StartClose(bytes32 channel,uint256 deadline)");

    /// @notice Base units that an account can withdraw or lock into channels, per token.
    mapping(address account => mapping(address token => uint256)) public balances;

    /// @notice The state of a channel by its id. All zero: never opened.
    mapping(bytes32 channel => Channel) public channels;

    /// @notice Money arrived: amount is what was credited to account, and from is who paid.
    event Deposited(address indexed account, address indexed token, address indexed from, uint256 amount);
    /// @notice A channel was opened, and amount was moved into it from the renter's balance.
    event Opened(
        bytes32 indexed channel,
        address indexed renter,
        address indexed payee,
        address signer,
        address token,
        uint64 window,
        bytes32 salt,
        uint256 amount
    );
    /// @notice Whoever submitted the renter's signed opening was repaid fee out of the renter's balance into its own.
    event Reimbursed(bytes32 indexed channel, address indexed submitter, uint256 fee);
    /// @notice The renter moved amount more into the channel, which now holds total.
    event ToppedUp(bytes32 indexed channel, uint256 amount, uint256 total);
    /// @notice amount base units left the channel for the payee; total is what it has taken so far. receipts is the
    /// submitter's root over the receipts that this payment settles: a claim that only co-signed receipts prove.
    event Redeemed(
        bytes32 indexed channel, address indexed payee, uint256 amount, uint256 total, bytes32 receipts
    );
    /// @notice An entry of redeemMany was left out; reason is the selector of the error that redeem would have given.
    event Skipped(bytes32 indexed channel, uint256 index, bytes4 reason);
    /// @notice A payment of redeemMany could not be delivered and was put into the payee's balance instead.
    event Credited(address indexed account, address indexed token, uint256 amount);
    /// @notice The channel can be finalized from the second closesAt on; vouchers are still redeemed until then.
    event CloseStarted(bytes32 indexed channel, uint64 closesAt);
    /// @notice The channel is closed for ever and refunded base units went back into the renter's balance.
    event Closed(bytes32 indexed channel, uint256 refunded);
    /// @notice Money left an account for the outside.
    event Withdrawn(address indexed account, address indexed token, address indexed to, uint256 amount);

    /// @notice The amount is zero, or nothing arrived.
    error ZeroAmount();
    /// @notice msg.value does not fit the token and the amount.
    error WrongValue();
    /// @notice The account's balance is below the amount needed.
    error InsufficientBalance();
    /// @notice The terms are unusable: payee or signer zero, payee this contract, or window out of range.
    error BadTerms();
    /// @notice A channel with these terms was opened before. An id is used once, also after closing.
    error AlreadyOpened();
    /// @notice The channel was never opened, or is closed.
    error NotOpen();
    /// @notice The channel is closing, which this call does not allow.
    error Closing();
    /// @notice The closing window is not over, or closing has not begun.
    error NotFinal();
    /// @notice The caller is not the one who may do this.
    error Unauthorized();
    /// @notice The signature is malformed, not low-s, or of somebody else.
    error BadSignature();
    /// @notice The signed deadline has passed.
    error Expired();
    /// @notice The submitter asks for a greater fee than was signed.
    error FeeAboveCap();
    /// @notice The amount to take exceeds the voucher's cumulative amount.
    error AboveVoucher();
    /// @notice The amount to take exceeds what the channel holds.
    error AboveChannel();
    /// @notice The amount to take does not exceed what was taken before.
    error NothingToRedeem();
    /// @notice The chain's own coin could not be delivered.
    error PayFailed();
    /// @notice Lists of one call differ in length.
    error LengthMismatch();
    /// @notice Too little gas is left to attempt a payment fairly.
    error OutOfGas();

    constructor() EIP712("etal", "1") {}

    // Reading.

    /// @notice The id of the channel with these terms, on this chain and in this contract.
    function channelId(Terms calldata terms) external view returns (bytes32) {
        return _id(terms);
    }

    // Money in and out.

    /// @notice Puts the caller's money into the caller's balance.
    function deposit(address token, uint256 amount) external payable {
        depositFor(msg.sender, token, amount);
    }

    /// @notice Puts the caller's money into account's balance.
    function depositFor(address account, address token, uint256 amount) public payable nonReentrant {
        if (account == address(0)) revert BadTerms();
        if (token == address(0)) {
            if (msg.value != amount) revert WrongValue();
            _credit(account, token, amount);
        } else {
            if (msg.value != 0) revert WrongValue();
            _pull(account, token, amount);
        }
    }

    /// @notice Puts owner's tokens into owner's balance with an ERC-2612 permit of exactly amount for this contract.
    /// The owner gets through although somebody else has spent the permit first, because the allowance is then there.
    /// Anybody else may submit it only while the permit is good: an allowance alone never moves a stranger's tokens.
    function depositWithPermit(
        address owner,
        address token,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        if (msg.sender == owner) {
            try IERC20Permit(token).permit(owner, address(this), amount, deadline, v, r, s) {} catch {}
        } else {
            // The nonce shows that a permit was really spent: some tokens answer unknown calls with silence.
            uint256 nonce = IERC20Permit(token).nonces(owner);
            IERC20Permit(token).permit(owner, address(this), amount, deadline, v, r, s);
            if (IERC20Permit(token).nonces(owner) <= nonce) revert Unauthorized();
        }
        _pullFrom(owner, token, amount);
    }

    /// @notice Puts from's tokens into from's balance with an ERC-3009 authorization; anybody may submit it.
    function depositWithAuthorization(
        address from,
        address token,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC3009(token).receiveWithAuthorization(from, address(this), amount, validAfter, validBefore, nonce, v, r, s);
        _creditFrom(from, from, token, IERC20(token).balanceOf(address(this)) - before);
    }

    /// @notice Pays amount out of the caller's balance to an address outside.
    function withdraw(address token, uint256 amount, address to) external nonReentrant {
        if (to == address(0) || to == address(this)) revert BadTerms();
        if (amount == 0) revert ZeroAmount();
        _debit(msg.sender, token, amount);
        emit Withdrawn(msg.sender, token, to, amount);
        _push(token, to, amount);
    }

    // Opening.

    /// @notice Opens a channel with the caller's balance. The caller is the renter of the terms.
    function open(Terms calldata terms, uint96 amount) external nonReentrant returns (bytes32 id) {
        if (msg.sender != terms.renter) revert Unauthorized();
        return _open(terms, amount);
    }

    /// @notice Opens many channels with the caller's balance; all or none.
    function openMany(Terms[] calldata terms, uint96[] calldata amounts) external nonReentrant {
        if (terms.length != amounts.length) revert LengthMismatch();
        for (uint256 i = 0; i < terms.length; ++i) {
            if (msg.sender != terms[i].renter) revert Unauthorized();
            _open(terms[i], amounts[i]);
        }
    }

    /// @notice Opens a channel for a renter who signed Open(terms, amount, feeCap, deadline) and needs no coin of the
    /// chain: whoever submits it pays the gas, and takes fee, at most feeCap, out of the renter's balance into its own.
    /// It cannot be replayed, for an id is opened only once.
    function openFor(
        Terms calldata terms,
        uint96 amount,
        uint96 fee,
        uint96 feeCap,
        uint64 deadline,
        bytes calldata sig
    ) external nonReentrant returns (bytes32 id) {
        if (block.timestamp > deadline) revert Expired();
        if (fee > feeCap) revert FeeAboveCap();
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(OPEN_TYPE, keccak256(abi.encode(TERMS_TYPE, terms)), amount, feeCap, deadline))
        );
        if (!_signedBy(terms.renter, digest, sig)) revert BadSignature();
        id = _open(terms, amount);
        if (fee != 0) {
            _debit(terms.renter, terms.token, fee);
            balances[msg.sender][terms.token] += fee;
            emit Reimbursed(id, msg.sender, fee);
        }
    }

    /// @notice Moves more of the caller's balance into an open channel. The caller is its renter.
    function topUp(Terms calldata terms, uint96 amount) external nonReentrant {
        if (msg.sender != terms.renter) revert Unauthorized();
        if (amount == 0) revert ZeroAmount();
        bytes32 id = _id(terms);
        Channel memory ch = _mustExist(id);
        if (ch.closesAt != 0) revert Closing();
        ch.amount += amount;
        channels[id] = ch;
        _debit(msg.sender, terms.token, amount);
        emit ToppedUp(id, amount, ch.amount);
    }

    // Redeeming.

    /// @notice Pays the payee up to amount in total, on the strength of a voucher for cumulative. Taking less than the
    /// voucher allows is how an honest payee leaves what it did not earn; the rest stays redeemable with the same
    /// voucher. Anybody may submit it, because the money has only one way to go.
    /// @param amount the new total that the payee will have taken: at most cumulative, and what the channel holds
    /// @param cumulative the total that the signer signed
    /// @param parts the root over the leases' parts that the signer signed
    /// @param receipts a root over the receipts that this payment settles; not signed, only written to the log
    /// @param sig 65 bytes r, s, v by the terms' signer
    function redeem(
        Terms calldata terms,
        uint96 amount,
        uint96 cumulative,
        bytes32 parts,
        bytes32 receipts,
        bytes calldata sig
    ) external nonReentrant {
        _push(terms.token, terms.payee, _mustRedeem(terms, amount, cumulative, parts, receipts, sig));
    }

    /// @notice Redeems many vouchers. An entry that redeem would refuse is left out with a Skipped event, and a payment
    /// that cannot be delivered goes into the payee's balance, so that no entry can spoil the others. Neighbours of the
    /// same payee and token are paid together.
    function redeemMany(Claim[] calldata claims) external nonReentrant {
        address payee;
        address token;
        uint256 due;
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim calldata c = claims[i];
            bytes32 id = _id(c.terms);
            (uint256 moved, bytes4 reason) =
                _redeem(id, c.terms, c.amount, c.cumulative, c.parts, c.receipts, c.sig);
            if (reason != bytes4(0)) {
                emit Skipped(id, i, reason);
                continue;
            }
            if (c.terms.payee != payee || c.terms.token != token) {
                if (due != 0) _pushOrCredit(token, payee, due);
                (payee, token, due) = (c.terms.payee, c.terms.token, 0);
            }
            due += moved;
        }
        if (due != 0) _pushOrCredit(token, payee, due);
    }

    // Closing.

    /// @notice Starts the closing window. The caller is the renter.
    function startClose(Terms calldata terms) external nonReentrant {
        if (msg.sender != terms.renter) revert Unauthorized();
        _startClose(_id(terms), terms.window);
    }

    /// @notice Starts the closing window for a renter without coin: the renter or the channel's signer signed
    /// StartClose(channel, deadline).
    function startCloseFor(Terms calldata terms, uint64 deadline, bytes calldata sig) external nonReentrant {
        if (block.timestamp > deadline) revert Expired();
        bytes32 id = _id(terms);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(START_CLOSE_TYPE, id, deadline)));
        if (!_signedBy(terms.renter, digest, sig) && !_signedBy(terms.signer, digest, sig)) revert BadSignature();
        _startClose(id, terms.window);
    }

    /// @notice Closes at once; the rest goes into the renter's balance. The caller is the payee, who gives up whatever
    /// it has not redeemed.
    function closeByPayee(Terms calldata terms) external nonReentrant {
        if (msg.sender != terms.payee) revert Unauthorized();
        _close(_id(terms), terms);
    }

    /// @notice Redeems a last voucher and closes at once. The caller is the payee; the arguments are those of redeem.
    function redeemAndClose(
        Terms calldata terms,
        uint96 amount,
        uint96 cumulative,
        bytes32 parts,
        bytes32 receipts,
        bytes calldata sig
    ) external nonReentrant {
        if (msg.sender != terms.payee) revert Unauthorized();
        uint256 moved = _mustRedeem(terms, amount, cumulative, parts, receipts, sig);
        _close(_id(terms), terms);
        _push(terms.token, terms.payee, moved);
    }

    /// @notice Closes a channel whose window is over; the rest goes into the renter's balance. Anybody may call it.
    function finalize(Terms calldata terms) external nonReentrant {
        bytes32 id = _id(terms);
        uint64 closesAt = _mustExist(id).closesAt;
        if (closesAt == 0 || block.timestamp < closesAt) revert NotFinal();
        _close(id, terms);
    }

    // Inside.

    /// @dev keccak256(abi.encode(block.chainid, address(this), terms)), without the compiler's check that the words of
    /// the terms are clean and without keeping the memory. Opening reads, and so checks, every field: a channel that
    /// exists has clean terms, and unclean ones hash to an id that never exists.
    function _id(Terms calldata terms) private view returns (bytes32 id) {
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, chainid())
            mstore(add(p, 0x20), address())
            calldatacopy(add(p, 0x40), terms, 0xc0)
            id := keccak256(p, 0x100)
        }
    }

    /// @dev keccak256(abi.encode(VOUCHER_TYPE, id, cumulative, parts)), without keeping the memory: a batch hashes many.
    function _voucherHash(bytes32 id, uint96 cumulative, bytes32 parts) private pure returns (bytes32 hash) {
        bytes32 voucherType = VOUCHER_TYPE;
        uint256 total = cumulative;
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, voucherType)
            mstore(add(p, 0x20), id)
            mstore(add(p, 0x40), total)
            mstore(add(p, 0x60), parts)
            hash := keccak256(p, 0x80)
        }
    }

    /// @dev The state of a channel that is open or closing.
    function _mustExist(bytes32 id) private view returns (Channel memory ch) {
        ch = channels[id];
        if (ch.amount == 0 || ch.closesAt == CLOSED) revert NotOpen();
    }

    function _open(Terms calldata terms, uint96 amount) private returns (bytes32 id) {
        if (
            terms.payee == address(0) || terms.payee == address(this) || terms.signer == address(0)
                || terms.window < MIN_WINDOW || terms.window > MAX_WINDOW
        ) revert BadTerms();
        if (amount == 0) revert ZeroAmount();
        id = _id(terms);
        Channel storage slot = channels[id];
        // An opened channel has an amount, a closed one has its mark: neither is ever all zero again.
        if (slot.amount != 0 || slot.closesAt != 0) revert AlreadyOpened();
        channels[id] = Channel(amount, 0, 0);
        _debit(terms.renter, terms.token, amount);
        emit Opened(
            id, terms.renter, terms.payee, terms.signer, terms.token, terms.window, terms.salt, amount
        );
    }

    /// @dev Takes what a voucher allows out of a channel, without paying it. A reason that is not zero means that
    /// nothing was changed.
    function _redeem(
        bytes32 id,
        Terms calldata terms,
        uint96 amount,
        uint96 cumulative,
        bytes32 parts,
        bytes32 receipts,
        bytes calldata sig
    ) private returns (uint256 moved, bytes4 reason) {
        Channel storage slot = channels[id];
        (uint96 locked, uint96 redeemed, uint64 closesAt) = (slot.amount, slot.redeemed, slot.closesAt);
        if (locked == 0 || closesAt == CLOSED) return (0, NotOpen.selector);
        if (amount > cumulative) return (0, AboveVoucher.selector);
        if (amount > locked) return (0, AboveChannel.selector);
        if (amount <= redeemed) return (0, NothingToRedeem.selector);
        bytes32 digest = _hashTypedDataV4(_voucherHash(id, cumulative, parts));
        if (!_signedBy(terms.signer, digest, sig)) return (0, BadSignature.selector);
        unchecked {
            moved = amount - redeemed;
        }
        slot.redeemed = amount;
        emit Redeemed(id, terms.payee, moved, amount, receipts);
    }

    function _mustRedeem(
        Terms calldata terms,
        uint96 amount,
        uint96 cumulative,
        bytes32 parts,
        bytes32 receipts,
        bytes calldata sig
    ) private returns (uint256) {
        (uint256 moved, bytes4 reason) = _redeem(_id(terms), terms, amount, cumulative, parts, receipts, sig);
        if (reason != bytes4(0)) {
            assembly ("memory-safe") {
                mstore(0, reason)
                revert(0, 4)
            }
        }
        return moved;
    }

    function _startClose(bytes32 id, uint64 window) private {
        if (_mustExist(id).closesAt != 0) revert Closing();
        // The window is at most thirty days, so the sum cannot reach CLOSED.
        uint64 closesAt = uint64(block.timestamp) + window;
        channels[id].closesAt = closesAt;
        emit CloseStarted(id, closesAt);
    }

    function _close(bytes32 id, Terms calldata terms) private {
        Channel memory ch = _mustExist(id);
        uint256 refunded = ch.amount - ch.redeemed;
        channels[id] = Channel(ch.redeemed, ch.redeemed, CLOSED);
        if (refunded != 0) balances[terms.renter][terms.token] += refunded;
        emit Closed(id, refunded);
    }

    function _debit(address account, address token, uint256 amount) private {
        uint256 has = balances[account][token];
        if (has < amount) revert InsufficientBalance();
        unchecked {
            balances[account][token] = has - amount;
        }
    }

    function _credit(address account, address token, uint256 amount) private {
        _creditFrom(account, msg.sender, token, amount);
    }

    function _creditFrom(address account, address from, address token, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        balances[account][token] += amount;
        emit Deposited(account, token, from, amount);
    }

    /// @dev Pulls the caller's tokens and credits account with what arrived.
    function _pull(address account, address token, uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        _credit(account, token, IERC20(token).balanceOf(address(this)) - before);
    }

    /// @dev Pulls owner's tokens and credits owner with what arrived. Only for an owner who agreed to this very call.
    function _pullFrom(address owner, address token, uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(owner, address(this), amount);
        _creditFrom(owner, owner, token, IERC20(token).balanceOf(address(this)) - before);
    }

    function _push(address token, address to, uint256 amount) private {
        if (token == address(0)) {
            if (!LowLevelCall.callNoReturn(to, amount, "")) revert PayFailed();
        } else {
            IERC20(token).safeTransfer(to, amount);
        }
    }

    /// @dev Pays, with a fixed gas allowance and without reading more than one word of the answer; on any failure the
    /// money goes into the payee's balance. Demanding the allowance first keeps a submitter from starving the payment.
    function _pushOrCredit(address token, address to, uint256 amount) private {
        if (gasleft() < (PUSH_GAS * 64) / 63 + PUSH_RESERVE) revert OutOfGas();
        bool ok;
        if (token == address(0)) {
            assembly ("memory-safe") {
                ok := call(PUSH_GAS, to, amount, 0, 0, 0, 0)
            }
        } else {
            bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
            assembly ("memory-safe") {
                ok := call(PUSH_GAS, token, 0, add(data, 0x20), mload(data), 0, 0x20)
                // As SafeERC20 has it: either nothing came back and there is code, or true came back.
                switch returndatasize()
                case 0 { ok := and(ok, gt(extcodesize(token), 0)) }
                default { ok := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0), 1))) }
            }
        }
        if (!ok) {
            balances[to][token] += amount;
            emit Credited(to, token, amount);
        }
    }

    function _signedBy(address who, bytes32 digest, bytes calldata sig) private pure returns (bool) {
        (address got, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(digest, sig);
        return err == ECDSA.RecoverError.NoError && got == who;
    }
}
