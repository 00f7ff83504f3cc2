// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title TestToken: play money for local networks. It is worth nothing, and says so in its symbol.
contract TestToken is ERC20, ERC20Permit {
    /// @notice The one address that can make tokens: a local network's faucet.
    address public immutable minter;

    /// @notice The caller is not the minter.
    error NotMinter();

    /// @param minter_ who can make tokens, for ever
    constructor(address minter_) ERC20("etal test dollar", "test$") ERC20Permit("etal test dollar") {
        minter = minter_;
    }

    /// @notice Six decimals, as the dollar tokens that real networks would use.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Makes amount base units for to.
    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert NotMinter();
        _mint(to, amount);
    }
}
