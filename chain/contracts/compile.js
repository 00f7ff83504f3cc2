// Compiles the contracts with solc's JavaScript build and prints one JSON object: contract name → {abi, bytecode}.
// Called by build.sh:  node compile.js FOLDER NAME…   (FOLDER/NAME.sol defines the contract NAME)
"use strict";

const fs = require("fs");
const path = require("path");
const solc = require("solc");

const [folder, ...names] = process.argv.slice(2);

const input = {
  language: "Solidity",
  sources: Object.fromEntries(
    names.map((name) => [`${folder}/${name}.sol`, { content: fs.readFileSync(path.join(__dirname, folder, `${name}.sol`), "utf8") }]),
  ),
  settings: {
    // Transient storage is the newest thing used, so every chain that has Cancun's rules can run this.
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 1000000 },
    viaIR: true,
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};

// Only the library's own files may be imported: nothing outside node_modules/@openzeppelin is read.
function read(name) {
  if (!name.startsWith("@openzeppelin/contracts/") || name.includes("..")) {
    return { error: `${name} is outside the library` };
  }
  try {
    return { contents: fs.readFileSync(path.join(__dirname, "node_modules", name), "utf8") };
  } catch (err) {
    return { error: String(err) };
  }
}

const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
// 2394 is the compiler's general remark on transient storage; the library clears its guard at the end of each call.
const problems = (output.errors || []).filter((problem) => problem.errorCode !== "2394");
for (const problem of problems) {
  process.stderr.write(problem.formattedMessage + "\n");
}
if (problems.length > 0) {
  process.exit(1); // A warning is refused as well: these contracts can never be repaired.
}

const contracts = {};
for (const name of names) {
  const { abi, evm } = output.contracts[`${folder}/${name}.sol`][name];
  contracts[name] = { abi, bytecode: "0x" + evm.bytecode.object };
}
process.stdout.write(JSON.stringify(contracts, null, 1) + "\n");
