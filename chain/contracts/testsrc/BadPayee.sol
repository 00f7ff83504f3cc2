// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title BadPayee: a contract that is paid in the chain's own coin and misbehaves. Only tests deploy it.
contract BadPayee {
    /// @notice What it does when it is paid: 0 takes it, 1 refuses, 2 burns all gas, 3 makes the hook's call, 4 answers
    /// with a megabyte.
    uint256 public mode;
    address public hookTarget;
    bytes public hookData;
    uint256 public hookPassed;
    uint256 public hookRefused;

    function set(uint256 mode_, address target, bytes calldata data) external {
        (mode, hookTarget, hookData) = (mode_, target, data);
    }

    receive() external payable {
        require(mode != 1, "refused");
        while (mode == 2) {}
        if (mode == 3) {
            (bool ok,) = hookTarget.call(hookData);
            if (ok) ++hookPassed;
            else ++hookRefused;
        }
        if (mode == 4) {
            assembly {
                revert(0, 0x100000)
            }
        }
    }
}
