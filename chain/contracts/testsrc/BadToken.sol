// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title BadToken: a token that misbehaves on demand. Only tests deploy it.
contract BadToken is ERC20 {
    /// @notice Hundredths of a percent that a transfer loses.
    uint256 public feeBps;
    /// @notice An address that cannot be paid.
    address public refused;
    /// @notice Whether paying refused burns all gas instead of reverting.
    bool public burnsGas;
    /// @notice Whether paying refused answers false instead of reverting.
    bool public answersFalse;
    /// @notice A call made in the middle of every transfer.
    address public hookTarget;
    bytes public hookData;
    /// @notice How often the hook's call got through, and how often it was refused, with the last answer.
    uint256 public hookPassed;
    uint256 public hookRefused;
    bytes public hookAnswer;

    constructor() ERC20("bad", "BAD") {}

    /// @dev Answers any unknown call, permit among them, with silence.
    fallback() external {}

    /// @dev Answers as if permits were known here, though none ever counts.
    function nonces(address) external pure returns (uint256) {
        return 0;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function refuse(address who, bool burnsGas_, bool answersFalse_) external {
        (refused, burnsGas, answersFalse) = (who, burnsGas_, answersFalse_);
    }

    function setHook(address target, bytes calldata data) external {
        (hookTarget, hookData) = (target, data);
    }

    /// @dev Lets the token act as an account of its own.
    function run(address target, bytes calldata data) external {
        (bool ok,) = target.call(data);
        require(ok, "run failed");
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (to == refused && to != address(0)) {
            while (burnsGas) {}
            if (answersFalse) return false;
            revert("refused");
        }
        return super.transfer(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        bool moves = from != address(0) && to != address(0);
        if (moves && hookTarget != address(0)) {
            (address target, bytes memory data) = (hookTarget, hookData);
            (bool ok, bytes memory answer) = target.call(data);
            if (ok) ++hookPassed;
            else (hookRefused, hookAnswer) = (hookRefused + 1, answer);
        }
        if (moves && feeBps != 0) {
            uint256 fee = (amount * feeBps) / 10_000;
            super._update(from, address(0), fee);
            amount -= fee;
        }
        super._update(from, to, amount);
    }
}
