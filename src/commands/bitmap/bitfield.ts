/**
 * BITFIELD: reads, sets and adds to integers of any width at any bit of a string.
 */
import {
  block,
  integer,
  key,
  multiple,
  oneOf,
  optional,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import { runBitfield } from "./bitfield-run.ts";

export const bitfieldCommand: Command = {
  name: "bitfield",
  group: "bitmap",
  summary: "Performs arbitrary bitfield integer operations on strings.",
  since: "3.2.0",
  complexity: "O(1) for each subcommand specified",
  arity: -2,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "access", "update", "variable_flags"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    optional(
      multiple(
        oneOf(
          "operation",
          withToken("GET", block("get-block", string("encoding"), integer("offset"))),
          block(
            "write",
            optional(
              withToken(
                "OVERFLOW",
                oneOf("overflow-block", token("WRAP"), token("SAT"), token("FAIL")),
              ),
            ),
            oneOf(
              "write-operation",
              withToken(
                "SET",
                block("set-block", string("encoding"), integer("offset"), integer("value")),
              ),
              withToken(
                "INCRBY",
                block("incrby-block", string("encoding"), integer("offset"), integer("increment")),
              ),
            ),
          ),
        ),
      ),
    ),
  ],
  valueType: "string",
  run: (context, args) => runBitfield(context, args, false),
};
