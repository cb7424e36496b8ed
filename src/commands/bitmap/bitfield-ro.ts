/**
 * BITFIELD_RO: reads integers of any width at any bit of a string.
 */
import { block, integer, key, optional, string, withToken } from "../argument.ts";
import type { ArgumentDeclaration, Command } from "../command.ts";
import { runBitfield } from "./bitfield-run.ts";

const get: ArgumentDeclaration = {
  ...withToken("GET", block("get-block", string("encoding"), integer("offset"))),
  isMultiple: true,
  isMultipleToken: true,
};

export const bitfieldRoCommand: Command = {
  name: "bitfield_ro",
  group: "bitmap",
  summary: "Performs arbitrary read-only bitfield integer operations on strings.",
  since: "6.0.0",
  complexity: "O(1) for each subcommand specified",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(get)],
  valueType: "string",
  run: (context, args) => runBitfield(context, args, true),
};
